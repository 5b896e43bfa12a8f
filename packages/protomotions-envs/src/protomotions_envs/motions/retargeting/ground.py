# SPDX-License-Identifier: Apache-2.0
"""Where the ground is in a recording."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.velocities import linear_velocity

_STILL = 0.3
_LEVEL = 0.05
_FEW = 0.05
_SLOPE_LENGTH = 0.3
_LARGEST_SLOPE = 0.03


def standing_ankles(ankles: np.ndarray, fps: float, leg_length: float) -> np.ndarray:
    """Return whether each ankle [T, side, 3] is as low and as still as that of a standing foot, bool [T, side].

    At least one is, however wild the motion.
    """
    speed = np.linalg.norm(linear_velocity(ankles, fps), axis=-1)
    heights = ankles[..., 2]
    still = speed <= max(_STILL * leg_length, float(np.quantile(speed, _FEW)))
    return still & (heights <= float(np.quantile(heights[still], _FEW)) + _LEVEL * leg_length)


class Ground:
    """The plane that a person stands on; laboratory floors are often recorded a degree askew.

    Args:
        places: Where the person stood, m, [n, 3].
        leg_length: m.
    """

    def __init__(self, places: np.ndarray, leg_length: float) -> None:
        self._centre = np.median(places, axis=0)
        away = places - self._centre
        # Over less than a few steps a slope can't be told from noise, so a small one is preferred.
        precision = away[:, :2].T @ away[:, :2] + len(places) * (_SLOPE_LENGTH * leg_length) ** 2 * np.eye(2)
        slope = np.linalg.solve(precision, away[:, :2].T @ away[:, 2])
        # Whoever recorded a ramp meant it.
        self._slope = slope if np.linalg.norm(slope) < _LARGEST_SLOPE else np.zeros(2)

    def lowered(self, points: np.ndarray) -> np.ndarray:
        """Return points [..., 3] with their heights above this plane."""
        height = self._centre[2] + (points[..., :2] - self._centre[:2]) @ self._slope
        return points - height[..., None] * np.array([0.0, 0.0, 1.0])
