# SPDX-License-Identifier: Apache-2.0
"""The lowest points of bodies: where a foot touches the ground, and how far that point slides along it."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.quaternions import conjugate, rotate
from protomotions_envs.robots.extent import furthest_points
from protomotions_envs.robots.robot import Robot

_DOWN = np.array([0.0, 0.0, -1.0])


def lowest_points(robot: Robot, body: int, rotations: np.ndarray) -> np.ndarray:
    """Return the lowest point of a body's collision shapes in the body's own frame, m, [T, 3]; see `furthest_points`.

    Args:
        robot: The robot.
        body: Index of the body.
        rotations: Its orientation in the world, wxyz, [T, 4].
    """
    # MuJoCo counts the world as body 0.
    return furthest_points(robot.model, body + 1, rotate(conjugate(rotations), _DOWN))


def sliding_speed(robot: Robot, body: int, positions: np.ndarray, rotations: np.ndarray, fps: float) -> np.ndarray:
    """Return how fast the lowest point of a body moves horizontally from each frame to the next, m/s, [T - 1].

    It is the same point of the body in both frames, so that a foot that rolls over its toes without sliding has none.

    Args:
        robot: The robot.
        body: Index of the body.
        positions: Of its origin in the world, m, [T, 3].
        rotations: wxyz, [T, 4].
        fps: Frames per second.
    """
    points = lowest_points(robot, body, rotations)[:-1]
    before = positions[:-1] + rotate(rotations[:-1], points)
    after = positions[1:] + rotate(rotations[1:], points)
    return np.linalg.norm((after - before)[:, :2], axis=-1) * fps
