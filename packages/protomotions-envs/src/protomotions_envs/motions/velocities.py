# SPDX-License-Identifier: Apache-2.0
"""Velocities of sampled motion by central differences, one-sided at both ends; float64 NumPy arrays [T, ...]."""

from __future__ import annotations

import numpy as np


def linear_velocity(positions: np.ndarray, fps: float) -> np.ndarray:
    """Return the rate of change of positions or joint angles [T, ...], per second, same shape."""
    before, after, span = _neighbours(len(positions), fps)
    return (positions[after] - positions[before]) / span.reshape(-1, *[1] * (positions.ndim - 1))


def angular_velocity(rotations: np.ndarray, fps: float) -> np.ndarray:
    """Return the world-frame angular velocity of unit quaternions wxyz [T, ..., 4], rad/s, [T, ..., 3].

    It is log(q(t + dt) q(t - dt)^-1) / 2 dt, exact for a constant velocity below pi/(2 dt).
    """
    before, after, span = _neighbours(len(rotations), fps)
    turn = rotation_vector(multiply(rotations[after], conjugate(rotations[before])))
    return turn / span.reshape(-1, *[1] * (rotations.ndim - 1))


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


def _neighbours(frames: int, fps: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the frames before and after each frame, as far as there are, and the times between them, s, [T] each."""
    index = np.arange(frames)
    before, after = np.maximum(index - 1, 0), np.minimum(index + 1, frames - 1)
    return before, after, (after - before) / fps
