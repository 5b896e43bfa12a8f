# SPDX-License-Identifier: Apache-2.0
"""How many targets robots reach, and how fast."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from protomotions_envs.state import RobotState
from protomotions_envs.tasks.free.measure import Averages, Measure, capped
from protomotions_envs.tasks.target.goal import TargetGoal

FAR = 6.0
"""Mean distance to targets that is useless, m."""


class TargetMeasure(Measure):
    """Judges each target when its time is up or the robot has fallen; those still open at the end don't count.

    Args:
        goal: The targets.
        control_dt: Duration of a control step, s.
    """

    definitions: ClassVar[Mapping[str, str]] = {
        "targets_reached": "Share of targets that the root came within the task's `success_radius` of before their "
        "time was up or the robot fell; targets still open at the end don't count",
        "reach_seconds": "Mean time from a target's appearance until it was reached, s; of those that were",
        "target_distance_m": "Mean horizontal distance of the root to its target over all moments before the fall, m",
    }

    def __init__(self, goal: TargetGoal, control_dt: float) -> None:
        self._goal = goal
        self._control_dt = control_dt
        self._averages = Averages(self.definitions, goal.device)
        # Targets may change at the end of a step; these are what it was told.
        self._position = torch.zeros_like(goal.position)
        self._age = torch.zeros_like(goal.age)
        # How old the target was when it was reached, control steps; 0 before.
        self._reached_at = torch.zeros_like(goal.age)
        self._counted = torch.ones(goal.num_envs, dtype=torch.bool, device=goal.device)

    def begin(self, state: RobotState) -> None:
        """Start anew; see `Measure`."""
        self._averages.begin()
        self._reached_at.zero_()
        self._counted.fill_(True)
        self._note_targets()

    def count(self, state: RobotState, counted: Tensor) -> None:
        """Count a control step; see `Measure`."""
        self._age += 1
        x, y = (self._position - state.root_pos[:, :2]).unbind(1)
        distance = torch.hypot(x, y)
        reaches = counted & (self._reached_at == 0) & (distance < self._goal.success_radius)
        self._reached_at.copy_(torch.where(reaches, self._age, self._reached_at))
        replaced = self._goal.age == 0
        judged, reached = self._counted & (replaced | ~counted), self._reached_at > 0
        self._averages.add("targets_reached", reached.float(), judged)
        self._averages.add("reach_seconds", self._control_dt * self._reached_at, judged & reached)
        self._averages.add("target_distance_m", distance, counted)
        self._reached_at.masked_fill_(replaced, 0)
        self._counted.copy_(counted)
        self._note_targets()

    def metrics(self) -> dict[str, float]:
        """Return the figures."""
        return self._averages.means()

    def loss(self, metrics: Mapping[str, float]) -> float:
        """Return the mean of the share of missed targets and of the distance, of which 6 m is useless."""
        missed = 1.0 - metrics.get("targets_reached", 0.0)
        return 0.5 * missed + 0.5 * capped(metrics, "target_distance_m", FAR)

    def _note_targets(self) -> None:
        self._position.copy_(self._goal.position)
        self._age.copy_(self._goal.age)
