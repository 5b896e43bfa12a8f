# SPDX-License-Identifier: Apache-2.0
"""Rotations of ball joints as angles of three hinges."""

from collections.abc import Callable

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import forward_kinematics
from protomotions_envs.motions.ball_joints import hinge_angles, rotation_matrix
from protomotions_envs.motions.quaternions import rotation_vector
from protomotions_envs.robots import Robot


def ball_robot(make_robot: Callable[..., Robot], axes: tuple[str, ...]) -> Robot:
    """Return a robot with a limb on hinges about the given axes and a tail on one."""
    hinges = "".join(f'<joint name="limb_{i}" axis="{axis}"/>' for i, axis in enumerate(axes))
    return make_robot(
        '<mujoco><worldbody><body name="trunk"><freejoint/><geom size="0.1"/>'
        f'<body name="limb">{hinges}<geom size="0.1"/></body>'
        '<body name="tail"><joint name="tail"/><geom size="0.1"/></body></body></worldbody></mujoco>',
        foot="limb",
    )


def smooth_turns(frames: int) -> np.ndarray:
    """Return rotation vectors that wander through more than the principal angles, [T, 3]."""
    time = np.linspace(0.0, 4.0, frames)
    return np.stack((1.2 * np.sin(time), 1.9 * np.sin(0.7 * time), 0.8 * np.cos(1.3 * time) - 0.8), axis=1)


@pytest.mark.parametrize(
    "axes",
    [
        ("1 0 0", "0 1 0", "0 0 1"),
        ("0 0 1", "1 0 0", "0 1 0"),
        ("0 1 0", "1 0 0", "0 0 1"),
        ("1 0 0", "0 1 0", "0 0 -1"),
    ],
)
def test_the_hinges_give_the_rotation(make_robot: Callable[..., Robot], axes: tuple[str, ...]):
    """MuJoCo's kinematics of the angles turns the limb by the rotation vector, in right- and left-handed orders."""
    robot = ball_robot(make_robot, axes)
    turns = smooth_turns(200)
    vectors = np.concatenate((turns, np.linspace(-1, 1, 200)[:, None]), axis=1)
    angles = hinge_angles(robot, vectors)
    identity = np.tile([1.0, 0.0, 0.0, 0.0], (200, 1))
    _, rotations = forward_kinematics(robot, np.zeros((200, 3)), identity, angles)
    angle = np.linalg.norm(turns, axis=1)
    np.testing.assert_allclose(np.abs(rotations[:, 1, 0]), np.abs(np.cos(angle / 2)), atol=1e-9)
    # sin(a/2)/a, smooth at zero.
    expected = 0.5 * np.sinc(angle / (2 * np.pi))[:, None] * turns
    sign = np.sign(rotations[:, 1, :1] * np.cos(angle / 2)[:, None])
    np.testing.assert_allclose(sign * rotations[:, 1, 1:], expected, atol=1e-9)
    np.testing.assert_array_equal(angles[:, 3], vectors[:, 3])


def test_angles_do_not_jump(make_robot: Callable[..., Robot]):
    """A middle angle that passes 90 degrees goes on, where the principal solution would flip the other two."""
    robot = ball_robot(make_robot, ("1 0 0", "0 1 0", "0 0 1"))
    true = np.stack((np.full(100, 0.3), np.linspace(0.0, 2.5, 100), np.full(100, -0.2), np.zeros(100)), axis=1)
    identity = np.tile([1.0, 0.0, 0.0, 0.0], (100, 1))
    _, rotations = forward_kinematics(robot, np.zeros((100, 3)), identity, true)
    vectors = np.concatenate((rotation_vector(rotations[:, 1]), np.zeros((100, 1))), axis=1)
    np.testing.assert_allclose(hinge_angles(robot, vectors), true, atol=1e-6)


def test_rotation_matrix_of_a_quarter_turn():
    """About z, x goes to y and y to -x."""
    np.testing.assert_allclose(
        rotation_matrix(np.array([0.0, 0.0, np.pi / 2])), [[0, -1, 0], [1, 0, 0], [0, 0, 1]], atol=1e-12
    )


def test_two_hinges_are_refused(make_robot: Callable[..., Robot]):
    """They can't turn every way."""
    with pytest.raises(MotionError, match="can't be split over limb_0, limb_1 of robot 'tiny'"):
        hinge_angles(ball_robot(make_robot, ("1 0 0", "0 1 0")), np.zeros((2, 3)))
