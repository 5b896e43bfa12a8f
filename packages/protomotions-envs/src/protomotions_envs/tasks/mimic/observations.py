# SPDX-License-Identifier: Apache-2.0
"""The observation terms that motion tracking offers, by the names its settings use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.lazy_property import lazy_property
from protomotions_envs.state import ResetState, RobotState
from protomotions_envs.tasks.proprioception import PROPRIOCEPTION
from protomotions_envs.terms import observations as terms
from protomotions_envs.terms.tracking_difference import tracking_difference


@dataclass(frozen=True)
class MimicView:
    """What an observation term may look at."""

    state: RobotState
    """The robots now."""
    next_reference: RobotState
    """Where they should be one control step from now."""
    future: ResetState
    """Where they should be at the future steps, [N, K, ...]."""
    previous_action: Tensor
    """[N, J]."""
    anchor: int
    """Index of the anchor body."""
    reference: RobotState | None = None
    """Where they should be now, if a term of `NEED_REFERENCE` is asked for."""
    true_state: RobotState | None = None
    """The robots now, without the noise that `state` may have, if such a term is asked for."""

    @lazy_property
    def yaw(self) -> Tensor:
        """Heading of the anchor as cos and sin, [N, 2]."""
        return rotations.heading(self.state.body_rot[:, self.anchor])


def _tracking_difference(view: MimicView) -> Tensor:
    assert view.reference is not None
    assert view.true_state is not None
    # A discriminator would tell noise from the reference, which has none.
    return tracking_difference(view.true_state, view.reference, view.anchor)


OBSERVATIONS: dict[str, Callable[[MimicView], Tensor]] = {
    **PROPRIOCEPTION,
    "future_poses": lambda view: terms.future_poses(view.state, view.future, view.yaw),
    "reference_joint_vel": lambda view: view.next_reference.joint_vel,
    "body_difference": lambda view: terms.body_difference(view.state, view.next_reference, view.yaw),
    "mimic_target": lambda view: terms.mimic_target(view.state, view.next_reference, view.anchor, view.yaw),
    "tracking_difference": _tracking_difference,
}
"""All terms by name."""

NEED_REFERENCE = frozenset({"tracking_difference"})
"""The terms that look at where the robots should be now."""
