# SPDX-License-Identifier: Apache-2.0
"""How far down the shapes of a robot reach."""

from __future__ import annotations

from collections.abc import Collection

import mujoco
import numpy as np


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
    for geom in np.flatnonzero(model.geom_contype | model.geom_conaffinity):
        body = model.body(model.geom_bodyid[geom]).name
        if bodies is None or body in bodies:
            height = float(data.geom_xpos[geom, 2] - _reach_down(model, data, int(geom)))
            lowest[body] = min(height, lowest.get(body, height))
    return lowest


def _reach_down(model: mujoco.MjModel, data: mujoco.MjData, geom: int) -> float:
    """Return how far a shape reaches below its centre, m: its support function in the direction (0, 0, -1)."""
    down = data.geom_xmat[geom].reshape(3, 3)[2]
    size = model.geom_size[geom]
    match model.geom_type[geom]:
        case mujoco.mjtGeom.mjGEOM_SPHERE:
            return size[0]
        case mujoco.mjtGeom.mjGEOM_CAPSULE:
            return abs(down[2]) * size[1] + size[0]
        case mujoco.mjtGeom.mjGEOM_CYLINDER:
            return abs(down[2]) * size[1] + np.hypot(down[0], down[1]) * size[0]
        case mujoco.mjtGeom.mjGEOM_ELLIPSOID:
            return float(np.linalg.norm(down * size))
        case mujoco.mjtGeom.mjGEOM_MESH:
            mesh = model.geom_dataid[geom]
            start, count = model.mesh_vertadr[mesh], model.mesh_vertnum[mesh]
            return float(-(model.mesh_vert[start : start + count] @ down).min())
        case _:
            return float(np.abs(down) @ size)
