# SPDX-License-Identifier: Apache-2.0
"""The observation terms that motion tracking offers, by the names its settings use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.lazy_property import lazy_property
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.state import Outlook, RobotState
from protomotions_envs.tasks.proprioception import PROPRIOCEPTION
from protomotions_envs.terms import observations as terms
from protomotions_envs.terms.observations import Blocks
from protomotions_envs.terms.tracking_difference import tracking_difference


@dataclass(frozen=True)
class MimicView:
    """What an observation term may look at."""

    state: RobotState
    """The robots now."""
    library: MotionLibrary
    """The clips that they follow."""
    frames: Tensor
    """Where in the library they should be one control step from now, and at the K future steps, long, [N, 1 + K]."""
    previous_action: Tensor
    """[N, J]."""
    anchor: int
    """Index of the anchor body."""
    reference: RobotState | None = None
    """Where they should be now, if a term of `NEED_REFERENCE` is asked for."""
    true_state: RobotState | None = None
    """The robots now, without the noise that `state` may have, if such a term is asked for."""

    @lazy_property
    def ahead(self) -> Outlook:
        """How they should be one control step from now, and at the K future steps, [N, 1 + K, 9 + 2 J]."""
        return self.library.outlook(self.frames)

    @lazy_property
    def next_reference(self) -> RobotState:
        """Where they should be one control step from now."""
        return self.library.frames(self.frames[:, 0])

    @lazy_property
    def yaw(self) -> Tensor:
        """Heading of the anchor as cos and sin, [N, 2]."""
        return rotations.heading(self.state.body_rot[:, self.anchor])


def _tracking_difference(view: MimicView) -> Blocks:
    assert view.reference is not None
    assert view.true_state is not None
    # A discriminator would tell noise from the reference, which has none.
    return tracking_difference(view.true_state, view.reference, view.anchor)


OBSERVATIONS: dict[str, Callable[[MimicView], Blocks]] = {
    **PROPRIOCEPTION,
    "future_poses": lambda view: terms.future_poses(view.state, Outlook(view.ahead.rows[:, 1:]), view.yaw),
    "reference_joint_vel": lambda view: (view.ahead.joint_vel[:, 0],),
    "body_difference": lambda view: terms.body_difference(
        view.state, view.library.body_positions(view.frames[:, 0]), view.yaw
    ),
    "mimic_target": lambda view: terms.mimic_target(view.state, view.next_reference, view.anchor, view.yaw),
    "tracking_difference": _tracking_difference,
}
"""All terms by name."""

NEED_REFERENCE = frozenset({"tracking_difference"})
"""The terms that look at where the robots should be now."""
