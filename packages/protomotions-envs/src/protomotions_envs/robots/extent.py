# SPDX-License-Identifier: Apache-2.0
"""How far the collision shapes of a robot's bodies reach."""

from __future__ import annotations

from collections.abc import Collection

import mujoco
import numpy as np


def colliding_bodies(model: mujoco.MjModel) -> list[int]:
    """Return the bodies that have shapes that can collide, as MuJoCo counts them, the world being 0."""
    return np.unique(model.geom_bodyid[_colliding(model)]).tolist()


def furthest_points(model: mujoco.MjModel, body: int, directions: np.ndarray) -> np.ndarray:
    """Return the point of a body's collision shapes that is furthest in each direction, m, [T, 3].

    Points and directions are in the body's own frame. A body without such shapes counts as its origin. Of a face or an
    edge that lies across the direction the middle is taken, of a mesh the vertex.

    Args:
        model: The robot.
        body: Index of the body in the model, whose body 0 is the world.
        directions: Unit vectors, [T, 3].
    """
    shapes = np.flatnonzero((model.geom_bodyid == body) & _colliding(model))
    if len(shapes) == 0:
        return np.zeros_like(directions)
    points = np.stack([_furthest_of_shape(model, int(shape), directions) for shape in shapes])
    furthest = np.argmax((points * directions).sum(axis=-1), axis=0)
    return points[furthest, np.arange(len(directions))]


def lowest_points(
    model: mujoco.MjModel, data: mujoco.MjData, bodies: Collection[str] | None = None
) -> dict[str, float]:
    """Return the height of the lowest point of every body that can collide, m.

    Args:
        model: A model without a floor.
        data: Its state after `mj_kinematics`.
        bodies: Names of the bodies to look at; all by default.

    Returns:
        Body name to height, in MJCF order. Bodies without a colliding shape are absent.
    """
    lowest: dict[str, float] = {}
    for body in colliding_bodies(model):
        name = model.body(body).name
        if bodies is None or name in bodies:
            # The last row of the body's matrix is the world's z axis in the body's frame.
            up = data.xmat[body].reshape(3, 3)[2]
            lowest[name] = float(data.xpos[body, 2] + furthest_points(model, body, -up[None])[0] @ up)
    return lowest


def _colliding(model: mujoco.MjModel) -> np.ndarray:
    """Return whether each shape can collide, bool, [shapes]."""
    return (model.geom_contype | model.geom_conaffinity) != 0


def _furthest_of_shape(model: mujoco.MjModel, shape: int, directions: np.ndarray) -> np.ndarray:
    """Return the furthest points of one shape, in the frame of its body, m, [T, 3]."""
    frame = np.empty(9)
    mujoco.mju_quat2Mat(frame, model.geom_quat[shape])
    turn = frame.reshape(3, 3)
    return model.geom_pos[shape] + _support(model, shape, directions @ turn) @ turn.T


def _support(model: mujoco.MjModel, shape: int, direction: np.ndarray) -> np.ndarray:
    """Return the furthest points of one shape in its own frame (its support function), m, [T, 3]."""
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
