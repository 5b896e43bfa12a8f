# SPDX-License-Identifier: Apache-2.0
"""How well a robot follows a person, in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from protomotions_envs.motions.quality import MotionQuality
from protomotions_envs.motions.retargeting.zero_pose import Landmark


@dataclass(frozen=True)
class RetargetReport:
    """Of one clip on one robot."""

    scale: float
    """Distances travelled over the ground as a share of the person's."""
    key_body_error: float
    """Mean distance of pelvis, knees, ankles, elbows and wrists from where the person's would be if each bone had the
    robot's length, m. It counts all that the robot does differently: what its joints can't do, feet kept from sliding
    and sinking, arms kept off the legs, smoothing."""
    errors: Mapping[str, float]
    """The same mean of each point by itself, m; names such as `left_wrist`."""
    quality: MotionQuality
    """What is still wrong with the clip."""


def mean_errors(points: tuple[Landmark, ...], wanted: np.ndarray, reached: np.ndarray) -> dict[str, float]:
    """Return the mean distance of each landmark from where it would be, m; the torso is left out.

    Args:
        points: n landmarks.
        wanted: m, [T, n, 3].
        reached: m, [T, n, 3].
    """
    distances = np.linalg.norm(reached - wanted, axis=-1).mean(axis=0)
    return {
        point.name: float(distance) for point, distance in zip(points, distances, strict=True) if point.name != "torso"
    }
