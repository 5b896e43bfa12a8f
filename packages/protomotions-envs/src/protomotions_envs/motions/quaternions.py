# SPDX-License-Identifier: Apache-2.0
"""Quaternions of recorded motion: float64 NumPy arrays [..., 4], wxyz, unit."""

from __future__ import annotations

import numpy as np


def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the Hamilton product of quaternions wxyz [..., 4], the rotation b followed by a."""
    aw, av, bw, bv = a[..., :1], a[..., 1:], b[..., :1], b[..., 1:]
    scalar = aw * bw - (av * bv).sum(axis=-1, keepdims=True)
    return np.concatenate((scalar, aw * bv + bw * av + np.cross(av, bv)), axis=-1)


def conjugate(rotations: np.ndarray) -> np.ndarray:
    """Return the inverse of unit quaternions wxyz [..., 4]."""
    return rotations * np.array([1.0, -1.0, -1.0, -1.0])


def rotation_vector(rotations: np.ndarray) -> np.ndarray:
    """Return the logarithm of unit quaternions wxyz [..., 4] as axis times angle, rad in [0, pi], [..., 3]."""
    # q and -q are the same rotation; the one with w >= 0 turns the shorter way.
    shorter = np.where(rotations[..., :1] < 0, -rotations, rotations)
    sine = np.linalg.norm(shorter[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(sine, shorter[..., :1])
    scale = np.where(sine > 1e-9, angle / np.maximum(sine, 1e-9), 2.0)
    return scale * shorter[..., 1:]


def from_rotation_vector(vectors: np.ndarray) -> np.ndarray:
    """Return the quaternions [..., 4] of rotation vectors [..., 3], axis times angle, rad."""
    half = 0.5 * np.linalg.norm(vectors, axis=-1, keepdims=True)
    # sinc keeps the factor smooth at zero: sin(a/2)/a.
    return np.concatenate((np.cos(half), 0.5 * np.sinc(half / np.pi) * vectors), axis=-1)


def from_euler(angles: np.ndarray, axes: str) -> np.ndarray:
    """Return the quaternions [..., 4] of turns about moving axes, one after another.

    Args:
        angles: rad, [..., len(axes)].
        axes: Letters of the axes, for instance "zxy": first about z, then about the turned x, then the turned y.
    """
    result = np.zeros((*angles.shape[:-1], 4))
    result[..., 0] = 1.0
    for index, axis in enumerate(axes):
        vector = np.zeros((*angles.shape[:-1], 3))
        vector[..., "xyz".index(axis)] = angles[..., index]
        result = multiply(result, from_rotation_vector(vector))
    return result


def rotate(rotations: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return vectors [..., 3] turned by quaternions [..., 4]."""
    scalar, vector = rotations[..., :1], rotations[..., 1:]
    turned = 2.0 * np.cross(vector, vectors)
    return vectors + scalar * turned + np.cross(vector, turned)


Y_UP_TO_Z_UP = from_rotation_vector(np.array([np.pi / 2, 0.0, 0.0]))
"""Turns a world whose y axis is up: y becomes z, and z becomes -y."""
