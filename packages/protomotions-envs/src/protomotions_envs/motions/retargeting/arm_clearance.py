# SPDX-License-Identifier: Apache-2.0
"""Arms that hang beside the legs of a robot whose hips are wider, against its shoulders, than a person's."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.retargeting.frames import unit

SHARE = 0.5
"""Of the excess by which hips stand out that arms make way; where it isn't enough, inverse kinematics clears them."""


def beside_legs(
    shoulders: np.ndarray, elbows: np.ndarray, wrists: np.ndarray, hips: np.ndarray, frame: np.ndarray, excess: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return elbows and wrists, [T, side, 3] each, moved outwards by a share of what the hips stand out.

    The whole share is for what is as low as the hips and at least as far out; towards the shoulders and towards the
    middle it vanishes, so that raised and folded arms stay as they are. Bones keep their lengths.

    Args:
        shoulders: m, [T, side, 3].
        elbows: m, [T, side, 3].
        wrists: m, [T, side, 3].
        hips: m, [T, side, 3].
        frame: Of the trunk, [T, 3, 3].
        excess: By how much each hip is further out, against the shoulders, than it were on a person of this size, m.
    """
    if excess <= 0:
        return elbows, wrists
    moved_elbows, moved_wrists = (
        points + _outwards(points, shoulders, hips, frame, SHARE * excess) for points in (elbows, wrists)
    )
    upper = np.linalg.norm(elbows - shoulders, axis=-1, keepdims=True)
    lower = np.linalg.norm(wrists - elbows, axis=-1, keepdims=True)
    result = shoulders + upper * unit(moved_elbows - shoulders)
    return result, result + lower * unit(moved_wrists - moved_elbows)


def _outwards(
    points: np.ndarray, shoulders: np.ndarray, hips: np.ndarray, frame: np.ndarray, distance: float
) -> np.ndarray:
    """Return how far each point [T, side, 3] moves."""
    middle = hips.mean(axis=1, keepdims=True)
    left, up = frame[:, None, :, 1], frame[:, None, :, 2]
    sideways, half_width = ((away * left).sum(axis=-1) for away in (points - middle, hips - middle))
    depth, trunk = ((away * up).sum(axis=-1) for away in (shoulders - points, shoulders - hips))
    lowness = np.clip(depth / trunk, 0.0, 1.0)
    outness = np.clip(sideways / half_width, 0.0, 1.0)
    return (distance * lowness * outness * np.sign(half_width))[..., None] * left
