# SPDX-License-Identifier: Apache-2.0
"""Paths that turn, speed up and slow down at random."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from protomotions_envs.tasks.path_follower.config import Heights, Paths

DRAWS = 5
"""Random numbers that a vertex takes."""


class RandomWalk:
    """Draws the vertices of paths; how a path goes on depends only on its last vertex.

    That is a row of six numbers: x, y, m; height, m; heading, rad; speed, m/s; speed upwards, m/s. The height and both
    speeds of a row are those of a walk without bounds; `folded` gives the bounded ones.

    Args:
        paths: How paths are drawn.
        standing: Height of the head's body in the default pose, m.
    """

    def __init__(self, paths: Paths, standing: float) -> None:
        self._paths = paths
        self._standing = standing
        heights = paths.heights
        self._lowest, self._highest, self._full_speed = (
            standing * share for share in (heights.lowest, heights.highest, heights.full_speed)
        )

    def start(self, position: Tensor, draws: Tensor) -> Tensor:
        """Return the first vertices of paths, [n, 6]: in any direction from positions [n, 3], m.

        Args:
            position: Where the heads are, m, [n, 3].
            draws: Uniform in 0..1, [2, n].
        """
        heading, speed = math.pi * (2.0 * draws[0] - 1.0), self._paths.start_speed * draws[1]
        x, y, height = position.unbind(1)
        height = height.clamp(self._lowest, self._highest)
        return torch.stack((x, y, height, heading, speed, torch.zeros_like(x)), dim=1)

    def position(self, row: Tensor) -> Tensor:
        """Return the positions of vertices [n, 6], m, [n, 3]."""
        return torch.cat((row[:, :2], self._bounded_height(row[:, 2:3])), dim=1)

    def go_on(self, last: Tensor, draws: Tensor) -> tuple[Tensor, Tensor]:
        """Return the positions of the next K vertices of paths, m, [n, K, 3], and the last of them, [n, 6].

        Args:
            last: The vertices before these, [n, 6].
            draws: Uniform in 0..1, [5, n, K].
        """
        paths, seconds = self._paths, self._paths.vertex_seconds
        turn, whether, sharp, gain, lift = (2.0 * draws - 1.0).unbind()
        x, y, height, heading, speed, climb = (column.unsqueeze(1) for column in last.unbind(1))
        # `whether` lies in -1..1 here.
        sharply = whether < 2.0 * paths.sharp_turns * seconds - 1.0
        turns = torch.where(sharply, math.pi * sharp, paths.turn_rate * seconds * turn)
        heading = heading + turns.cumsum(1)
        speed = speed + (paths.acceleration * seconds * gain).cumsum(1)
        climb = climb + (paths.heights.acceleration * seconds * lift).cumsum(1)
        height = height + (seconds * _folded_climb(climb, paths.heights)).cumsum(1)
        heights = self._bounded_height(height)
        way = seconds * self._bounded_speed(speed, heights)
        x, y = x + (way * heading.cos()).cumsum(1), y + (way * heading.sin()).cumsum(1)
        rows = torch.stack((x, y, height, heading, speed, climb), dim=2)
        return torch.stack((x, y, heights), dim=2), rows[:, -1]

    def _bounded_height(self, height: Tensor) -> Tensor:
        if not self._paths.heights.enabled:
            return torch.full_like(height, self._standing)
        return folded(height, self._lowest, self._highest)

    def _bounded_speed(self, speed: Tensor, height: Tensor) -> Tensor:
        bounded = folded(speed, 0.0, self._paths.max_speed)
        if not self._paths.heights.enabled:
            return bounded
        slow = self._paths.heights.slow_fraction
        share = (height - self._lowest) / (self._full_speed - self._lowest)
        return torch.minimum(bounded, self._paths.max_speed * (slow + (1.0 - slow) * share.clamp(max=1.0)))


def folded(value: Tensor, low: float, high: float) -> Tensor:
    """Reflect values at both ends of a range, as often as it takes.

    A walk whose steps are as likely up as down stays such a walk between the ends, and its sum can be taken at once.
    """
    span = high - low
    return high - ((value - low) % (2.0 * span) - span).abs()


def _folded_climb(climb: Tensor, heights: Heights) -> Tensor:
    return folded(climb, -heights.max_speed, heights.max_speed)
