# SPDX-License-Identifier: Apache-2.0
"""Lowest points of bodies and how they slide."""

from collections.abc import Callable

import numpy as np
import pytest

from protomotions_envs.motions.quaternions import from_rotation_vector, rotate
from protomotions_envs.motions.sole_points import lowest_points, sliding_speed
from protomotions_envs.robots import Robot

LEVEL = np.array([[1.0, 0.0, 0.0, 0.0]])
SHAPES = {
    "sphere": 'type="sphere" size="0.1" pos="0.3 0 0"',
    "capsule": 'type="capsule" size="0.1 0.3" euler="20 30 40"',
    "cylinder": 'type="cylinder" size="0.1 0.3" euler="20 30 40"',
    "ellipsoid": 'type="ellipsoid" size="0.1 0.2 0.3" euler="20 30 40" pos="0.1 0.2 0.3"',
    "box": 'type="box" size="0.1 0.2 0.3" euler="20 30 40" pos="0.1 0.2 0.3"',
    "two": 'type="box" size="0.1 0.2 0.3"/><geom type="sphere" size="0.2" pos="0.2 0.2 -0.2"',
}


def body_of(make_robot: Callable[..., Robot], shape: str, assets: str = "") -> Robot:
    """Return a robot whose first body has a shape."""
    return make_robot(
        f'<mujoco><asset>{assets}</asset><worldbody><body name="trunk"><freejoint/><inertial mass="1" pos="0 0 0" '
        f'diaginertia="1 1 1"/><geom {shape}/><body name="tail"><joint name="j"/><geom size="0.01"/></body></body>'
        "</worldbody></mujoco>",
        foot="trunk",
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_no_point_is_lower(make_robot: Callable[..., Robot], shape: str):
    """In any orientation, what is lowest in another one is no lower; heights of some are worked out in test_extent."""
    robot = body_of(make_robot, SHAPES[shape])
    turns = from_rotation_vector(np.random.default_rng(0).normal(size=(50, 3)))
    points = lowest_points(robot, 0, turns)
    heights = rotate(turns[:, None], points[None])[..., 2]
    assert (heights >= np.diagonal(heights)[:, None] - 1e-9).all()


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ('type="box" size="0.1 0.2 0.3"', [0, 0, -0.3]),
        ('type="capsule" size="0.1 0.3" euler="0 90 0"', [0, 0, -0.1]),
        ('type="cylinder" size="0.1 0.3"', [0, 0, -0.3]),
        ('size="0.1" contype="0" conaffinity="0"', [0, 0, 0]),
    ],
)
def test_a_level_face_counts_in_its_middle(make_robot: Callable[..., Robot], shape: str, expected: list[float]):
    """No corner is preferred; a body that doesn't collide is its origin."""
    robot = body_of(make_robot, shape)
    np.testing.assert_allclose(lowest_points(robot, 0, LEVEL), [expected], atol=1e-9)


def test_lowest_point_of_a_mesh(make_robot: Callable[..., Robot]):
    """It is the lowest vertex, here the apex of a pyramid that stands on it."""
    corners = "0.1 0.1 0 -0.1 0.1 0 -0.1 -0.1 0 0.1 -0.1 0 0 0 -0.3"
    robot = body_of(make_robot, 'type="mesh" mesh="m"', f'<mesh name="m" vertex="{corners}"/>')
    np.testing.assert_allclose(lowest_points(robot, 0, LEVEL), [[0, 0, -0.3]], atol=1e-6)


def test_a_foot_that_rolls_over_its_toes_does_not_slide(tiny: Robot):
    """The sole's front edge, 0.15 m ahead of the ankle and 0.05 m below it, stays in place as the heel rises."""
    pitch = np.linspace(0.1, 1.0, 10)
    turns = from_rotation_vector(pitch[:, None] * [0.0, 1.0, 0.0])
    ankles = [1.0, 2.0, 0.0] - rotate(turns, np.array([0.15, 0.0, -0.05]))
    np.testing.assert_allclose(sliding_speed(tiny, 2, ankles, turns, 10.0), np.zeros(9), atol=1e-9)


def test_speed_of_a_foot_that_slides(tiny: Robot):
    """Sideways by 3 cm and forward by 4 cm a tenth of a second is half a metre per second; height doesn't count."""
    path = np.arange(5)[:, None] * [0.04, 0.03, 0.5]
    speeds = sliding_speed(tiny, 2, path, np.repeat(LEVEL, 5, axis=0), 10.0)
    np.testing.assert_allclose(speeds, np.full(4, 0.5))
