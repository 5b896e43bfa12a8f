# SPDX-License-Identifier: Apache-2.0
"""Prices of how a robot moves, for all tasks; all off by default."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.robots.robot import Robot
from protomotions_envs.tasks.task import Transition
from protomotions_envs.terms import regularizers as terms

SOFT_RANGE = 0.9
"""Share of a joint's range, about its middle, in which `joint_limit` is free."""


@dataclass(frozen=True)
class Penalty:
    """A cost: -weight * min(cost, limit)."""

    weight: float
    """Price of a unit of cost; 0 leaves the term out."""
    limit: float
    """Largest cost that is counted."""

    def __post_init__(self) -> None:
        if self.weight < 0 or self.limit <= 0:
            raise ProtoMotionsError(
                f"A price needs a weight of 0 or more and a positive limit, not {self.weight} and {self.limit}"
            )


@dataclass(frozen=True)
class Regularizers:
    """Prices of the terms in `protomotions_envs.terms.regularizers`."""

    action_rate: Penalty = Penalty(0.0, 2.0)
    """Squared change of the action."""
    power: Penalty = Penalty(0.0, 50_000.0)
    """Mechanical power of the drives, W."""
    effort: Penalty = Penalty(0.0, 30.0)
    """Squared torques as shares of their limits."""
    joint_velocity: Penalty = Penalty(0.0, 1000.0)
    """Squared joint velocities, rad^2/s^2."""
    joint_limit: Penalty = Penalty(0.0, 1.0)
    """Angles outside the middle nine tenths of the joints' ranges, rad."""
    posture: Penalty = Penalty(0.0, 10.0)
    """Squared distance of the joints from the default pose, rad^2."""
    tilt: Penalty = Penalty(0.0, 1.0)
    """Squared sine of the angle between the root's z axis and the vertical, 1 beyond a right angle."""


class RegularizerTerms:
    """Computes the weighted terms whose weight isn't zero.

    Args:
        config: Weights and limits.
        robot: The robot in every world.
        device: Where the tensors live.
    """

    def __init__(self, config: Regularizers, robot: Robot, device: torch.device) -> None:
        self._prices: dict[str, Penalty] = {name: price for name, price in vars(config).items() if price.weight}
        middle = 0.5 * (robot.joint_upper + robot.joint_lower)
        half = 0.5 * SOFT_RANGE * (robot.joint_upper - robot.joint_lower)
        arrays = (middle - half, middle + half, robot.effort_limit, robot.default_joint_pos)
        self._lower, self._upper, self._effort_limit, self._pose = (
            torch.as_tensor(array, dtype=torch.float32, device=device) for array in arrays
        )

    def __call__(self, transition: Transition) -> dict[str, Tensor]:
        """Return the terms, [N] each, none above zero."""
        state, torque = transition.state, transition.joint_torque
        costs: dict[str, Callable[[], Tensor]] = {
            "action_rate": lambda: terms.action_rate(transition.action, transition.previous_action),
            "power": lambda: terms.power(torque, state.joint_vel),
            "effort": lambda: terms.effort(torque, self._effort_limit),
            "joint_velocity": lambda: terms.joint_velocity(state.joint_vel),
            "joint_limit": lambda: terms.joint_limit(state.joint_pos, self._lower, self._upper),
            "posture": lambda: terms.posture(state.joint_pos, self._pose),
            "tilt": lambda: terms.tilt(state.root_rot),
        }
        return {name: -price.weight * costs[name]().clamp(max=price.limit) for name, price in self._prices.items()}
