# SPDX-License-Identifier: Apache-2.0
"""Where the ground is in a recording, and who stands on it."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.velocities import linear_velocity

STILL = 0.3
"""Speed below which an ankle may be that of a standing foot, leg lengths per second."""
LEVEL = 0.05
"""How far above the lowest still ankles it may be, leg lengths."""
LARGEST_SLOPE = 0.03
"""A floor that is steeper than this isn't recorded askew but a ramp."""
_FEW = 0.05
_SLOPE_LENGTH = 0.3


class Ground:
    """The plane that a person stands on; laboratory floors are often recorded a degree askew.

    Args:
        ankles: m, [T, side, 3].
        ankle_height: Of a standing foot's ankle above the ground, m.
        fps: Frames per second.
        leg_length: m.
    """

    def __init__(self, ankles: np.ndarray, ankle_height: float, fps: float, leg_length: float) -> None:
        speed = np.linalg.norm(linear_velocity(ankles, fps), axis=-1)
        # However wild the motion, somewhere it is slowest.
        still = speed <= max(STILL * leg_length, float(np.quantile(speed, _FEW)))
        lower = ankles[..., 2] <= ankles[..., 2].min(axis=1, keepdims=True)
        self._slope = _slope(ankles[still & lower], _SLOPE_LENGTH * leg_length)
        self._height = 0.0
        heights = self.lowered(ankles)[..., 2]
        self.standing = still & (heights <= float(np.quantile(heights[still], _FEW)) + LEVEL * leg_length)
        """Whether each ankle is as low and as still as that of a standing foot, bool, [T, side]; some are."""
        self._height = float(np.median(heights[self.standing])) - ankle_height

    def lowered(self, points: np.ndarray) -> np.ndarray:
        """Return points [..., 3] with their heights above this plane."""
        height = self._height + points[..., :2] @ self._slope
        return points - height[..., None] * np.array([0.0, 0.0, 1.0])


def _slope(places: np.ndarray, length: float) -> np.ndarray:
    """Return the slope of the plane nearest to places [n, 3], 0 for a ramp, [2].

    Over less than a few steps a slope can't be told from noise, so that the smaller the span of the places against a
    length (m), the nearer to 0 the slope (ridge regression).
    """
    if len(places) == 0:
        return np.zeros(2)
    away = places - np.median(places, axis=0)
    precision = away[:, :2].T @ away[:, :2] + len(places) * length**2 * np.eye(2)
    slope = np.linalg.solve(precision, away[:, :2].T @ away[:, 2])
    return slope if np.linalg.norm(slope) < LARGEST_SLOPE else np.zeros(2)
