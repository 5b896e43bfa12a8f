# SPDX-License-Identifier: Apache-2.0
"""Rotation matrices: from directions, to and from quaternions."""

import mujoco
import numpy as np

from protomotions_envs.motions.quaternions import from_rotation_vector
from protomotions_envs.motions.retargeting.frames import (
    frame_from_left_and_up,
    frame_from_up_and_forward,
    matrices,
    mean_direction,
    quaternions,
    unit,
)

TURNS = from_rotation_vector(np.random.default_rng(1).normal(scale=2.0, size=(200, 3)))
HALF_TURNS = np.eye(4)


def test_matrices_are_those_of_mujoco():
    """Also of the four quaternions of which one component is all."""
    for quat in (*TURNS, *HALF_TURNS):
        expected = np.empty(9)
        mujoco.mju_quat2Mat(expected, quat)
        np.testing.assert_allclose(matrices(quat).ravel(), expected, atol=1e-12)


def test_there_and_back():
    """Up to its sign, a quaternion comes back, also of half turns, of which the trace of the matrix is -1."""
    both = np.concatenate((TURNS, HALF_TURNS))
    back = quaternions(matrices(both))
    np.testing.assert_allclose(np.abs((both * back).sum(axis=-1)), 1.0, atol=1e-12)


def test_frames_from_directions():
    """One direction is kept, the other as nearly as a right angle allows, and the axes are a right-handed frame."""
    left, up = np.array([0.0, 2.0, 0.0]), np.array([0.0, 1.0, 1.0])
    np.testing.assert_allclose(frame_from_left_and_up(left, up), np.eye(3), atol=1e-12)
    frame = frame_from_up_and_forward(up, np.array([3.0, 0.0, 0.0]))
    half = np.sqrt(0.5)
    np.testing.assert_allclose(frame.T, [[1, 0, 0], [0, half, -half], [0, half, half]], atol=1e-12)
    np.testing.assert_allclose(np.linalg.det(frame), 1.0)


def test_directions():
    """Lengths don't matter, nor do outliers; nothing has no direction but does no harm."""
    np.testing.assert_allclose(unit(np.array([[0.0, 3.0, 4.0], [0.0, 0.0, 0.0]])), [[0, 0.6, 0.8], [0, 0, 0]])
    many = np.array([[0.0, 0.0, 1.0]] * 5 + [[1.0, 0.0, 0.0]] * 4)
    np.testing.assert_allclose(mean_direction(many), [0, 0, 1])
