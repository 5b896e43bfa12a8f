# SPDX-License-Identifier: Apache-2.0
"""Which feet stand on the ground in a recorded motion, read from the heights and speeds of their shapes."""

from __future__ import annotations

import mujoco
import numpy as np

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
    return np.stack([_lowest(robot.model, body, body_pos[:, body], body_rot[:, body]) for body in bodies], axis=1)


def _lowest(model: mujoco.MjModel, body: int, position: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    # MuJoCo counts the world as body 0.
    shapes = np.flatnonzero((model.geom_bodyid == body + 1) & ((model.geom_contype | model.geom_conaffinity) != 0))
    if len(shapes) == 0:
        return position[:, 2]
    up = _up_in_body_frame(rotation)
    return position[:, 2] + np.min([_lowest_of_shape(model, int(shape), up) for shape in shapes], axis=0)


def _up_in_body_frame(rotation: np.ndarray) -> np.ndarray:
    """Return the world's z axis seen from bodies with orientations wxyz [T, 4], [T, 3]."""
    w, x, y, z = rotation.T
    return np.stack((2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)), axis=-1)


def _lowest_of_shape(model: mujoco.MjModel, shape: int, up: np.ndarray) -> np.ndarray:
    """Return how high a shape's lowest point is above the origin of its body, for each direction `up` [T, 3], [T]."""
    frame = np.empty(9)
    mujoco.mju_quat2Mat(frame, model.geom_quat[shape])
    direction = up @ frame.reshape(3, 3)
    across, along = np.hypot(direction[:, 0], direction[:, 1]), np.abs(direction[:, 2])
    size, kind = model.geom_size[shape], model.geom_type[shape]
    centre = up @ model.geom_pos[shape]
    if kind == mujoco.mjtGeom.mjGEOM_SPHERE:
        return centre - size[0]
    if kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
        return centre - size[0] - along * size[1]
    if kind == mujoco.mjtGeom.mjGEOM_CYLINDER:
        return centre - across * size[0] - along * size[1]
    if kind == mujoco.mjtGeom.mjGEOM_ELLIPSOID:
        return centre - np.linalg.norm(direction * size, axis=-1)
    # Boxes are their own bounding box; of a mesh it is the box around it.
    middle, half = model.geom_aabb[shape, :3], model.geom_aabb[shape, 3:]
    return centre + direction @ middle - np.abs(direction) @ half
