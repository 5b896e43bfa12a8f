# SPDX-License-Identifier: Apache-2.0
"""Keeping a robot's bodies off each other and off the ground while it follows a person of another shape.

What is too near is pushed apart by a task, which always has a solution; what is not yet too near is kept so by a limit,
without which the one would throw a limb out of the ground in one step and the goals back into it in the next.
"""

from __future__ import annotations

from collections.abc import Sequence

import mink
import mujoco
import numpy as np

CLEARANCE = 0.01
"""That shapes keep from the ground, and twice that from each other, m."""
REACH = 0.04
"""How near to the ground a shape counts, and at twice that to each other, m."""


def add_ground(spec: mujoco.MjSpec, feet: Sequence[str]) -> None:
    """Give an editable model a ground that all bodies meet but the feet, by name, whose heights are prescribed."""
    spec.worldbody.add_geom(name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1])
    for body in feet:
        spec.add_exclude(bodyname1="world", bodyname2=body)


def keep_watch(model: mujoco.MjModel) -> None:
    """Let a compiled model report all pairs of shapes within their reach."""
    # The margins of two shapes add up; the ground has none.
    model.geom_margin[:] = np.where(model.geom_bodyid > 0, REACH, 0.0)


class ClearanceTask(mink.Task):
    """Pushes apart whatever is too near, pairs that the model excludes aside.

    Args:
        cost: How much each pair counts, per metre.
    """

    def __init__(self, cost: float) -> None:
        super().__init__(cost=np.array([cost]))

    def compute_error(self, configuration: mink.Configuration) -> np.ndarray:
        """Return how much too near the pairs are that are too near, m, [pairs]."""
        gaps = _gaps(configuration)
        return -gaps[gaps < 0]

    def compute_jacobian(self, configuration: mink.Configuration) -> np.ndarray:
        """Return the derivative of the error, [pairs, nv]."""
        return -_gap_rates(configuration, np.flatnonzero(_gaps(configuration) < 0))


class ClearanceLimit(mink.Limit):
    """Lets no pair within reach come too near in one step; pairs that are too near may not come nearer."""

    def compute_qp_inequalities(self, configuration: mink.Configuration, dt: float) -> mink.Constraint:
        """Return the matrix and vector of G dq <= h."""
        gaps = _gaps(configuration)
        if len(gaps) == 0:
            return mink.Constraint()
        return mink.Constraint(G=-_gap_rates(configuration, np.arange(len(gaps))), h=np.maximum(gaps, 0.0))


def _gaps(configuration: mink.Configuration) -> np.ndarray:
    """Return the distances of the pairs of shapes within reach beyond those they are to keep, m, [pairs]."""
    mujoco.mj_collision(configuration.model, configuration.data)
    contacts = configuration.data.contact
    # Every shape but the ground has the reach as its margin.
    return contacts.dist - contacts.includemargin * (CLEARANCE / REACH)


def _gap_rates(configuration: mink.Configuration, pairs: np.ndarray) -> np.ndarray:
    """Return how the gaps that were found last change with the coordinates, [len(pairs), nv]."""
    model, data = configuration.model, configuration.data
    contacts, rates = data.contact, np.empty((len(pairs), model.nv))
    jacobians = np.empty((2, 3, model.nv))
    for row, pair in zip(rates, pairs, strict=True):
        for jacobian, shape in zip(jacobians, contacts.geom[pair], strict=True):
            mujoco.mj_jac(model, data, jacobian, None, contacts.pos[pair], model.geom_bodyid[shape])
        # The normal points from the first shape to the second.
        row[:] = contacts.frame[pair, :3] @ (jacobians[1] - jacobians[0])
    return rates
