# SPDX-License-Identifier: Apache-2.0
"""How well robots go where and as fast as they are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from protomotions_envs.state import RobotState
from protomotions_envs.tasks.free.measure import Averages, Measure, capped
from protomotions_envs.tasks.steering.goal import SteeringGoal

MOVING_SPEED = 0.3
"""Commanded speed from which on the direction counts, m/s."""
STILL_SPEED = 0.01
"""A velocity below this has no direction; its error counts as a right angle, what a random direction has on average."""


class SteeringMeasure(Measure):
    """Compares the velocity of the root with the command that each step was told.

    The velocity is the way of the last `window_seconds` over that time, horizontally, so that the sway of a gait
    counts little. A moment is settled once its command has held for `settle_seconds`, and at least for the window.

    Args:
        goal: The commands.
        control_dt: Duration of a control step, s.
        window_seconds: Time over which velocities are averaged, s.
        settle_seconds: Time that a robot has to obey a new command, s.
    """

    definitions: ClassVar[Mapping[str, str]] = {
        "speed_error_m_s": "Mean distance of the velocity (mean of 0.5 s) along the commanded direction from the "
        "commanded speed, at least 1 s after the command changed, m/s",
        "direction_error_deg": "Mean angle between that velocity and the command, at the same moments, where the "
        "commanded speed is at least 0.3 m/s, degrees",
        "speed_error_all_m_s": "`speed_error_m_s` over all moments from 0.5 s on, changes of command included, m/s",
        "direction_error_all_deg": "`direction_error_deg` over all moments from 0.5 s on, degrees",
        "standing_drift_m_s": "Mean size of that velocity at least 1 s after a command to stand still, m/s",
    }

    def __init__(
        self, goal: SteeringGoal, control_dt: float, *, window_seconds: float = 0.5, settle_seconds: float = 1.0
    ) -> None:
        self._goal = goal
        window = max(1, round(window_seconds / control_dt))
        self._window_seconds = window * control_dt
        self._settle_steps = max(window, round(settle_seconds / control_dt))
        # Root positions from the beginning of the window to now.
        self._trail = torch.zeros(window + 1, goal.num_envs, 2, device=goal.device)
        self._steps = torch.zeros((), dtype=torch.long, device=goal.device)
        # Commands may change at the end of a step; these are what it was told.
        self._direction = torch.zeros_like(goal.direction)
        self._speed = torch.zeros_like(goal.speed)
        self._age = torch.zeros_like(goal.age)
        self._averages = Averages(self.definitions, goal.device)

    def begin(self, state: RobotState) -> None:
        """Start anew; see `Measure`."""
        self._averages.begin()
        self._steps.zero_()
        self._trail[-1] = state.root_pos[:, :2]
        self._note_commands()

    def count(self, state: RobotState, counted: Tensor) -> None:
        """Count a control step; see `Measure`."""
        self._steps += 1
        self._age += 1
        self._trail.copy_(self._trail.roll(-1, 0))
        self._trail[-1] = state.root_pos[:, :2]
        known = counted & (self._steps >= len(self._trail) - 1)
        settled = known & (self._age >= self._settle_steps)
        self._count_velocity((self._trail[-1] - self._trail[0]) / self._window_seconds, known, settled)
        self._note_commands()

    def metrics(self) -> dict[str, float]:
        """Return the figures."""
        return self._averages.means()

    def loss(self, metrics: Mapping[str, float]) -> float:
        """Return the mean of speed error, of which 1 m/s is useless, and direction error, of which 90 degrees are."""
        return 0.5 * capped(metrics, "speed_error_m_s", 1.0) + 0.5 * capped(metrics, "direction_error_deg", 90.0)

    def _note_commands(self) -> None:
        goal = self._goal
        for kept, now in ((self._direction, goal.direction), (self._speed, goal.speed), (self._age, goal.age)):
            kept.copy_(now)

    def _count_velocity(self, velocity: Tensor, known: Tensor, settled: Tensor) -> None:
        """Count horizontal velocities [N, 2] at moments that count at all, and at those that are settled."""
        x, y = velocity.unbind(1)
        cos, sin = self._direction.cos(), self._direction.sin()
        along, across = cos * x + sin * y, cos * y - sin * x
        size = torch.hypot(along, across)
        angle = torch.where(size < STILL_SPEED, 90.0, torch.rad2deg(torch.atan2(across, along)).abs())
        error, moving = (along - self._speed).abs(), self._speed >= MOVING_SPEED
        add = self._averages.add
        add("speed_error_m_s", error, settled)
        add("direction_error_deg", angle, settled & moving)
        add("speed_error_all_m_s", error, known)
        add("direction_error_all_deg", angle, known & moving)
        add("standing_drift_m_s", size, settled & (self._speed == 0.0))
