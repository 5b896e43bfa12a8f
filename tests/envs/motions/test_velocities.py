# SPDX-License-Identifier: Apache-2.0
"""Velocities by differences, against motions whose velocity is known."""

import numpy as np

from protomotions_envs.motions.quaternions import rotation_vector
from protomotions_envs.motions.velocities import angular_velocity, linear_velocity


def turning(axis: tuple[float, float, float], rate: float, fps: float, frames: int) -> np.ndarray:
    """Return quaternions of a constant turn about a unit axis, [T, 4]."""
    half = 0.5 * rate * np.arange(frames) / fps
    return np.concatenate((np.cos(half)[:, None], np.sin(half)[:, None] * np.array(axis)), axis=1)


def test_a_thrown_body_has_a_linear_velocity():
    """Central differences are exact for parabolas: v = 3 - 9.81 t inside, half a frame off at the ends."""
    time = np.arange(11) / 50.0
    velocity = linear_velocity((3.0 * time - 0.5 * 9.81 * time**2)[:, None], 50.0)[:, 0]
    np.testing.assert_allclose(velocity[1:-1], 3.0 - 9.81 * time[1:-1], atol=1e-12)
    np.testing.assert_allclose(velocity[[0, -1]], 3.0 - 9.81 * np.array([0.01, 0.19]), atol=1e-12)


def test_a_constant_turn_has_a_constant_angular_velocity():
    """2 rad/s about a slanted axis, at every frame and through several whole turns."""
    velocity = angular_velocity(turning((0.6, 0.0, 0.8), 2.0, 30.0, 300), 30.0)
    np.testing.assert_allclose(velocity, np.tile([1.2, 0.0, 1.6], (300, 1)), atol=1e-9)


def test_the_sign_of_a_quaternion_does_not_matter():
    """Two of opposite sign are one rotation."""
    turn = turning((0.0, 0.0, 1.0), 2.0, 30.0, 20)
    turn[::3] *= -1.0
    np.testing.assert_allclose(angular_velocity(turn, 30.0), np.tile([0.0, 0.0, 2.0], (20, 1)), atol=1e-9)


def test_angular_velocity_is_in_the_world_frame():
    """Pitched by 90 degrees, a turn about the world's z stays about the world's z."""
    pitched = np.array([np.sqrt(0.5), 0.0, np.sqrt(0.5), 0.0])
    half = 0.5 * 3.0 * np.arange(5) / 100.0
    # (cos + sin k) * pitched, multiplied out by hand.
    turned = np.stack((np.cos(half), -np.sin(half), np.cos(half), np.sin(half)), axis=1) * pitched[0]
    np.testing.assert_allclose(angular_velocity(turned, 100.0), np.tile([0.0, 0.0, 3.0], (5, 1)), atol=1e-9)


def test_a_body_at_rest_has_no_velocity():
    """Where the logarithm's formula divides zero by zero."""
    assert not angular_velocity(np.tile([1.0, 0.0, 0.0, 0.0], (3, 2, 1)), 30.0).any()


def test_two_frames_are_enough():
    """Both ends take the one difference there is."""
    np.testing.assert_allclose(linear_velocity(np.array([[0.0], [0.1]]), 10.0), [[1.0], [1.0]])


def test_half_a_turn():
    """The longest rotation vector."""
    np.testing.assert_allclose(rotation_vector(np.array([[0.0, 0.0, 1.0, 0.0]])), [[0.0, np.pi, 0.0]])
