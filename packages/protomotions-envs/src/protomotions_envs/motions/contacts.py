# SPDX-License-Identifier: Apache-2.0
"""Which feet stand on the ground in a recorded motion, read from the heights and speeds of their shapes."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.quaternions import rotate
from protomotions_envs.motions.sole_points import lowest_points
from protomotions_envs.robots.robot import Robot

CONTACT_HEIGHT = 0.05
"""A foot whose lowest point is below this may stand, m; retargeted feet hover by up to 4 cm."""
CONTACT_SPEED = 0.15
"""A foot slower than this may stand, m/s."""


def foot_contacts(
    robot: Robot,
    body_pos: np.ndarray,
    body_rot: np.ndarray,
    body_lin_vel: np.ndarray,
    *,
    height: float = CONTACT_HEIGHT,
) -> np.ndarray:
    """Return whether each body touches the ground, bool [T, B]; True only for feet that are low and slow.

    Low means that the lowest point of the foot's collision shapes is under `height`, so the rule needs no standing
    height per robot. Slow means that the origin of its frame moves less than `CONTACT_SPEED`.

    Args:
        robot: The robot.
        body_pos: m, [T, B, 3].
        body_rot: wxyz, [T, B, 4].
        body_lin_vel: m/s, [T, B, 3].
        height: m.
    """
    feet = robot.body_indices(robot.foot_bodies)
    low = lowest_heights(robot, feet, body_pos, body_rot) < height
    slow = np.linalg.norm(body_lin_vel[:, feet], axis=-1) < CONTACT_SPEED
    contact = np.zeros(body_pos.shape[:2], dtype=np.bool_)
    contact[:, feet] = low & slow
    return contact


def lowest_heights(robot: Robot, bodies: list[int], body_pos: np.ndarray, body_rot: np.ndarray) -> np.ndarray:
    """Return the height of the lowest point of each body's collision shapes, m, [T, len(bodies)].

    A body without shapes counts as the point of its origin.
    """
    points = [rotate(body_rot[:, body], lowest_points(robot, body, body_rot[:, body])) for body in bodies]
    return np.stack([body_pos[:, body, 2] + point[:, 2] for body, point in zip(bodies, points, strict=True)], axis=1)
