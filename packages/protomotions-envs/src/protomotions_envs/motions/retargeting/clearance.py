# SPDX-License-Identifier: Apache-2.0
"""Keeping a robot's bodies off each other and off the ground while it follows a person of another shape."""

from __future__ import annotations

import mink
import mujoco
import numpy as np

from protomotions_envs.robots.robot import Robot

CLEARANCE = 0.01
"""That shapes keep from the ground, and twice that from each other, m."""


def add_ground(spec: mujoco.MjSpec, robot: Robot) -> None:
    """Give an editable model a ground that all bodies meet but the feet, whose heights are prescribed."""
    spec.worldbody.add_geom(name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1])
    for body in robot.foot_bodies:
        spec.add_exclude(bodyname1="world", bodyname2=body)


def keep_clearance(model: mujoco.MjModel) -> None:
    """Let collisions of a compiled model begin as soon as shapes are nearer than they may come."""
    # The margins of two shapes add up; the ground has none.
    model.geom_margin[:] = np.where(model.geom_bodyid > 0, CLEARANCE, 0.0)


class ClearanceTask(mink.Task):
    """Pushes apart whatever is nearer than its margins, pairs that the model excludes aside.

    Args:
        cost: How much each pair counts, per metre.
    """

    def __init__(self, cost: float) -> None:
        super().__init__(cost=np.array([cost]))

    def compute_error(self, configuration: mink.Configuration) -> np.ndarray:
        """Return how much too near the shapes of each pair are, m, [pairs]."""
        mujoco.mj_collision(configuration.model, configuration.data)
        contacts = configuration.data.contact
        return contacts.includemargin - contacts.dist

    def compute_jacobian(self, configuration: mink.Configuration) -> np.ndarray:
        """Return the derivative of the error of the pairs that `compute_error` has found, [pairs, nv]."""
        model, contacts = configuration.model, configuration.data.contact
        normals = contacts.frame[:, :3]
        rows = np.empty((len(contacts.dist), model.nv))
        for index, (shapes, point) in enumerate(zip(contacts.geom, contacts.pos, strict=True)):
            first, second = (_point_jacobian(configuration, int(shape), point) for shape in shapes)
            # The normal points from the first shape to the second.
            rows[index] = normals[index] @ (first - second)
        return rows


def _point_jacobian(configuration: mink.Configuration, shape: int, point: np.ndarray) -> np.ndarray:
    """Return how a point of a shape's body moves, [3, nv]."""
    jacobian = np.empty((3, configuration.model.nv))
    body = configuration.model.geom_bodyid[shape]
    mujoco.mj_jac(configuration.model, configuration.data, jacobian, None, point, body)
    return jacobian
