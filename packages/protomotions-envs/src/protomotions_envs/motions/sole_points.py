# SPDX-License-Identifier: Apache-2.0
"""The lowest points of bodies: where a foot touches the ground, and how far that point slides along it."""

from __future__ import annotations

import mujoco
import numpy as np

from protomotions_envs.motions.quaternions import conjugate, rotate
from protomotions_envs.robots.robot import Robot

_DOWN = np.array([0.0, 0.0, -1.0])


def lowest_points(robot: Robot, body: int, rotations: np.ndarray) -> np.ndarray:
    """Return the lowest point of a body's collision shapes in the body's own frame, m, [T, 3].

    A body without such shapes counts as its origin. Of a face or an edge that lies flat the middle is taken, of a mesh
    the vertex.

    Args:
        robot: The robot.
        body: Index of the body.
        rotations: Its orientation in the world, wxyz, [T, 4].
    """
    down = rotate(conjugate(rotations), _DOWN)
    model = robot.model
    # MuJoCo counts the world as body 0.
    shapes = np.flatnonzero((model.geom_bodyid == body + 1) & ((model.geom_contype | model.geom_conaffinity) != 0))
    if len(shapes) == 0:
        return np.zeros_like(down)
    points = np.stack([_furthest_point(model, int(shape), down) for shape in shapes])
    lowest = np.argmax((points * down).sum(axis=-1), axis=0)
    return points[lowest, np.arange(len(down))]


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


def _furthest_point(model: mujoco.MjModel, shape: int, direction: np.ndarray) -> np.ndarray:
    """Return the point of a shape that is furthest in each direction [T, 3], all in the body's frame, m, [T, 3]."""
    quat = model.geom_quat[shape]
    local = rotate(conjugate(quat), direction)
    return model.geom_pos[shape] + rotate(quat, _support(model, shape, local))


def _support(model: mujoco.MjModel, shape: int, direction: np.ndarray) -> np.ndarray:
    size, kind = model.geom_size[shape], model.geom_type[shape]
    # A direction across an axis, within rounding, doesn't prefer either end of it.
    end = np.sign(np.where(np.abs(direction) < 1e-6, 0.0, direction))
    if kind == mujoco.mjtGeom.mjGEOM_SPHERE:
        return size[0] * direction
    if kind == mujoco.mjtGeom.mjGEOM_CAPSULE:
        return size[0] * direction + end * [0.0, 0.0, size[1]]
    if kind == mujoco.mjtGeom.mjGEOM_CYLINDER:
        across = direction * [1.0, 1.0, 0.0]
        width = np.maximum(np.linalg.norm(across, axis=-1, keepdims=True), 1e-6)
        return size[0] * across / width + end * [0.0, 0.0, size[1]]
    if kind == mujoco.mjtGeom.mjGEOM_ELLIPSOID:
        return size**2 * direction / np.linalg.norm(size * direction, axis=-1, keepdims=True)
    if kind == mujoco.mjtGeom.mjGEOM_MESH:
        mesh = model.geom_dataid[shape]
        start, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
        vertices = model.mesh_vert[start : start + count]
        return vertices[np.argmax(direction @ vertices.T, axis=-1)]
    return end * size
