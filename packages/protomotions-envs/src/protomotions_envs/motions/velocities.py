# SPDX-License-Identifier: Apache-2.0
"""Velocities of sampled motion by central differences, one-sided at both ends; float64 NumPy arrays [T, ...]."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.quaternions import conjugate, multiply, rotation_vector


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


def _neighbours(frames: int, fps: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the frames before and after each frame, as far as there are, and the times between them, s, [T] each."""
    index = np.arange(frames)
    before, after = np.maximum(index - 1, 0), np.minimum(index + 1, frames - 1)
    return before, after, (after - before) / fps
