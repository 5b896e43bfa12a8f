# SPDX-License-Identifier: Apache-2.0
"""How near robots' heads stay to the point that moves along the path."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from protomotions_envs.state import RobotState
from protomotions_envs.tasks.free.measure import Averages, Measure, capped
from protomotions_envs.tasks.path_follower.goal import PathFollowerGoal

LOST_DISTANCE = 1.0
"""Distance from which on a path is lost, m, whatever ended episodes in training; so figures of runs compare."""


class PathMeasure(Measure):
    """Measures the distance of the head to the path's point; what has been lost stays lost.

    Args:
        goal: The paths.
        with_heights: Whether heights belong to them.
    """

    definitions: ClassVar[Mapping[str, str]] = {
        "path_distance_m": "Mean horizontal distance of the head to the path's point before the path is lost, m",
        "path_distance_all_m": "The same over all moments before the fall, m",
        "path_lost": "Share of worlds whose head was ever more than 1 m away before the fall",
        "path_height_error_m": "Mean distance of the head's height from the path's before it is lost, m; for paths "
        "with heights",
    }

    def __init__(self, goal: PathFollowerGoal, *, with_heights: bool) -> None:
        self._goal = goal
        self._with_heights = with_heights
        self._lost = torch.zeros(goal.num_envs, dtype=torch.bool, device=goal.device)
        names = ["path_distance_m", "path_distance_all_m"]
        self._averages = Averages([*names, "path_height_error_m"] if with_heights else names, goal.device)

    def begin(self, state: RobotState) -> None:
        """Start anew; see `Measure`."""
        self._averages.begin()
        self._lost.zero_()

    def count(self, state: RobotState, counted: Tensor) -> None:
        """Count a control step; see `Measure`."""
        distance, height = self._goal.errors(state)
        self._lost |= counted & (distance > LOST_DISTANCE)
        followed = counted & ~self._lost
        self._averages.add("path_distance_m", distance, followed)
        self._averages.add("path_distance_all_m", distance, counted)
        if self._with_heights:
            self._averages.add("path_height_error_m", height.abs(), followed)

    def metrics(self) -> dict[str, float]:
        """Return the figures."""
        return {**self._averages.means(), "path_lost": float(self._lost.double().mean())}

    def loss(self, metrics: Mapping[str, float]) -> float:
        """Return the mean of the share of lost paths and of the distance, of which 1 m is useless."""
        return 0.5 * capped(metrics, "path_lost", 1.0) + 0.5 * capped(metrics, "path_distance_m", LOST_DISTANCE)
