# SPDX-License-Identifier: Apache-2.0
"""The observation terms that every task offers: what a robot feels of itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError, did_you_mean
from protomotions_envs.state import RobotState
from protomotions_envs.terms import observations as terms
from protomotions_envs.terms.observations import Blocks


class RobotView(Protocol):
    """What these terms look at."""

    @property
    def state(self) -> RobotState:
        """The robots now."""
        ...

    @property
    def previous_action(self) -> Tensor:
        """[N, J]."""
        ...

    @property
    def anchor(self) -> int:
        """Index of the anchor body."""
        ...

    @property
    def yaw(self) -> Tensor:
        """Heading of the anchor as cos and sin, [N, 2]."""
        ...


PROPRIOCEPTION: dict[str, Callable[[RobotView], Blocks]] = {
    "max_coords": lambda view: terms.max_coords(view.state, view.anchor, view.yaw),
    "joint_state": lambda view: terms.joint_state(view.state),
    "previous_action": lambda view: (view.previous_action,),
}
"""The terms by the names that settings use."""


def check_names(names: Iterable[str], known: Mapping[str, object]) -> None:
    """Raise a ProtoMotionsError for names that aren't `known` observation terms, suggesting the nearest."""
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known)
            raise ProtoMotionsError(f"Unknown observation {name!r}.{hint} There are: {', '.join(known)}")
