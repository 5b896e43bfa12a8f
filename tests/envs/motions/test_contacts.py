# SPDX-License-Identifier: Apache-2.0
"""Foot contacts from heights and speeds of collision shapes."""

from collections.abc import Callable

import numpy as np
import pytest

from protomotions_envs.motions import forward_kinematics
from protomotions_envs.motions.contacts import foot_contacts, lowest_heights
from protomotions_envs.robots import Robot

UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])
# Pitched by 30 degrees: the x axis points down.
PITCHED = np.array([np.cos(np.pi / 12), 0.0, np.sin(np.pi / 12), 0.0])


def contact_at(robot: Robot, height: float, speed: float) -> np.ndarray:
    """Return the contacts of the straight robot with its sole at a height and moving forward, [B]."""
    pos, rot = forward_kinematics(robot, np.array([[0.0, 0.0, 0.95 + height]]), UPRIGHT[None], np.zeros((1, 3)))
    velocity = np.broadcast_to([speed, 0.0, 0.0], pos.shape)
    return foot_contacts(robot, pos, rot, velocity)[0]


@pytest.mark.parametrize(
    ("height", "speed", "stands"), [(0.0, 0.0, True), (0.04, 0.1, True), (0.06, 0.0, False), (0.0, 0.2, False)]
)
def test_a_low_and_slow_foot_stands(tiny: Robot, height: float, speed: float, stands: bool):
    """The limits are 0.05 m and 0.15 m/s; other bodies never stand."""
    assert contact_at(tiny, height, speed).tolist() == [False, False, stands, False]


@pytest.mark.parametrize(
    ("shape", "upright", "pitched"),
    [
        ('type="sphere" size="0.1"', -0.1, -0.1),
        ('type="capsule" size="0.1 0.3"', -0.4, -0.1 - 0.3 * np.cos(np.pi / 6)),
        ('type="cylinder" size="0.1 0.3"', -0.3, -0.1 * 0.5 - 0.3 * np.cos(np.pi / 6)),
        ('type="box" size="0.2 0.1 0.3"', -0.3, -0.2 * 0.5 - 0.3 * np.cos(np.pi / 6)),
        ('type="ellipsoid" size="0.2 0.1 0.3"', -0.3, -np.hypot(0.2 * 0.5, 0.3 * np.cos(np.pi / 6))),
        ('type="sphere" size="0.1" pos="0.4 0 0"', -0.1, -0.1 - 0.4 * 0.5),
        ('type="capsule" size="0.1 0.3" euler="0 90 0"', -0.1, -0.1 - 0.3 * 0.5),
        ('type="sphere" size="0.1" contype="0" conaffinity="0"', 0.0, 0.0),
    ],
)
def test_lowest_point_of_each_shape(make_robot: Callable[..., Robot], shape: str, upright: float, pitched: float):
    """Worked out with sin 30 = 0.5; what doesn't collide doesn't count."""
    robot = make_robot(
        f'<mujoco><worldbody><body name="trunk"><freejoint/><inertial mass="1" pos="0 0 0" diaginertia="1 1 1"/>'
        f'<geom {shape}/><body name="tail"><joint name="j"/><geom size="0.01"/></body></body></worldbody></mujoco>',
        foot="trunk",
    )
    heights = lowest_heights(robot, [0], np.array([[[0.0, 0.0, 2.0]]] * 2), np.stack((UPRIGHT, PITCHED))[:, None])
    np.testing.assert_allclose(heights[:, 0], [2.0 + upright, 2.0 + pitched], atol=1e-9)


def test_a_mesh_counts_as_its_box(make_robot: Callable[..., Robot]):
    """A robot from anywhere may have meshes; a cube of 0.2 m reaches 0.1 m below its middle."""
    corners = " ".join(f"{x} {y} {z}" for x in (-0.1, 0.1) for y in (-0.1, 0.1) for z in (-0.1, 0.1))
    robot = make_robot(
        f'<mujoco><asset><mesh name="cube" vertex="{corners}"/></asset><worldbody><body name="trunk"><freejoint/>'
        '<geom type="mesh" mesh="cube"/><body name="tail"><joint name="j"/><geom size="0.01"/></body></body>'
        "</worldbody></mujoco>",
        foot="trunk",
    )
    heights = lowest_heights(robot, [0], np.array([[[0.0, 0.0, 2.0]]]), UPRIGHT[None, None])
    np.testing.assert_allclose(heights, [[1.9]], atol=1e-6)
