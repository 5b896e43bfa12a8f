# SPDX-License-Identifier: Apache-2.0
"""Frames from directions: float64 NumPy arrays, rotation matrices [..., 3, 3] whose columns are the axes."""

from __future__ import annotations

import numpy as np


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return vectors [..., 3] scaled to length 1; those without a direction stay near zero."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)


def frame_from_left_and_up(left: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Return frames whose y axis is `left` and whose z axis is as near to `up` as that allows, [..., 3, 3].

    Args:
        left: [..., 3].
        up: [..., 3], not parallel to `left`.
    """
    y = unit(left)
    x = unit(np.cross(y, up))
    return np.stack((x, y, np.cross(x, y)), axis=-1)


def frame_from_up_and_forward(up: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """Return frames whose z axis is `up` and whose x axis is as near to `forward` as that allows, [..., 3, 3].

    Args:
        up: [..., 3].
        forward: [..., 3], not parallel to `up`.
    """
    z = unit(up)
    y = unit(np.cross(z, forward))
    return np.stack((np.cross(y, z), y, z), axis=-1)


def matrices(quaternions: np.ndarray) -> np.ndarray:
    """Return the rotation matrices of unit quaternions wxyz [..., 4]."""
    w, x, y, z = np.moveaxis(quaternions, -1, 0)
    rows = (
        (1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)),
        (2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)),
        (2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)),
    )
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)


def quaternions(rotations: np.ndarray) -> np.ndarray:
    """Return unit quaternions wxyz [..., 4] of rotation matrices, of either sign.

    The outer product of the quaternion with itself is linear in the matrix; its longest column is the quaternion times
    its largest component, which is exact for all rotations (Bar-Itzhack 2000).
    """
    m = rotations
    outer = np.empty((*m.shape[:-2], 4, 4))
    diagonal = np.stack([m[..., axis, axis] for axis in range(3)], axis=-1)
    trace = diagonal.sum(axis=-1)
    outer[..., 0, 0] = 1.0 + trace
    for axis in range(3):
        after, before = (axis + 1) % 3, (axis + 2) % 3
        outer[..., axis + 1, axis + 1] = 1.0 + 2.0 * diagonal[..., axis] - trace
        outer[..., 0, axis + 1] = outer[..., axis + 1, 0] = m[..., before, after] - m[..., after, before]
        outer[..., after + 1, before + 1] = m[..., after, before] + m[..., before, after]
        outer[..., before + 1, after + 1] = outer[..., after + 1, before + 1]
    longest = np.argmax(np.diagonal(outer, axis1=-2, axis2=-1), axis=-1)
    column = np.take_along_axis(outer, longest[..., None, None], axis=-1)[..., 0]
    return column / np.linalg.norm(column, axis=-1, keepdims=True)


def mean_direction(vectors: np.ndarray) -> np.ndarray:
    """Return the direction in the middle of unit vectors [T, 3], [3]; the median, so that outliers don't matter."""
    return unit(np.median(vectors, axis=0))
