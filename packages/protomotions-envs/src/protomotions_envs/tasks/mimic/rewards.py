# SPDX-License-Identifier: Apache-2.0
"""The reward of motion tracking: a weighted sum of terms."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from protomotions_envs.state import RobotState
from protomotions_envs.tasks.mimic.config import MimicRewards, Penalty
from protomotions_envs.tasks.task import Transition
from protomotions_envs.terms import rewards

TRACKING: dict[str, Callable[..., Tensor]] = {
    "body_position": rewards.body_position,
    "relative_body_position": rewards.relative_body_position,
    "body_rotation": rewards.body_rotation,
    "body_velocity": rewards.body_velocity,
    "body_angular_velocity": rewards.body_angular_velocity,
    "root_position": rewards.root_position,
    "root_rotation": rewards.root_rotation,
    "root_height": rewards.root_height,
}
"""Terms of the form exp(-scale * error)."""


def reward_terms(
    config: MimicRewards, transition: Transition, reference: RobotState, feet: Tensor
) -> dict[str, Tensor]:
    """Return the weighted terms whose weight isn't zero, [N] each.

    Args:
        config: Weights.
        transition: The step.
        reference: Where the robots should be after it.
        feet: Indices of the foot bodies, [F].
    """
    terms = {}
    for name, function in TRACKING.items():
        term = getattr(config, name)
        if term.weight:
            terms[name] = term.weight * function(transition.state, reference, scale=term.scale)
    costs: dict[str, Callable[[], Tensor]] = {
        "action_rate": lambda: rewards.action_rate(transition.action, transition.previous_action),
        "power": lambda: rewards.power(transition.joint_torque, transition.state.joint_vel),
        "contact_mismatch": lambda: rewards.contact_mismatch(transition.state, reference, feet),
    }
    for name, cost in costs.items():
        penalty: Penalty = getattr(config, name)
        if penalty.weight:
            terms[name] = -penalty.weight * cost().clamp(max=penalty.limit)
    return terms
