# SPDX-License-Identifier: Apache-2.0
"""Sizes of MuJoCo Warp's contact and constraint buffers, from what a model can do."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

GROUND_CONTACTS = {
    int(mujoco.mjtGeom.mjGEOM_SPHERE): 1,
    int(mujoco.mjtGeom.mjGEOM_CAPSULE): 2,
    int(mujoco.mjtGeom.mjGEOM_BOX): 4,
}
"""Points at which a shape touches the ground; any other shape up to 4."""
SELF_CONTACTS = 8
"""Points at which a robot is expected to touch itself at most."""


@dataclass(frozen=True)
class BufferSizes:
    """Room for one world; worlds share the room for contacts, not that for constraints."""

    contacts: int
    """Contact points."""
    constraints: int
    """Rows of the constraint Jacobian."""


def buffer_sizes(model: mujoco.MjModel) -> BufferSizes:
    """Return room for a robot that lies on the ground with all its shapes and has all joints at their limits."""
    collides = (model.geom_contype != 0) & (model.geom_type != mujoco.mjtGeom.mjGEOM_PLANE)
    contacts = SELF_CONTACTS + sum(GROUND_CONTACTS.get(int(shape), 4) for shape in model.geom_type[collides])
    # A pyramidal friction cone has two edges for each direction other than the normal.
    edges = max(1, 2 * (int(model.geom_condim[collides].max(initial=1)) - 1))
    single = int(np.count_nonzero(model.jnt_limited) + np.count_nonzero(model.dof_frictionloss))
    return BufferSizes(contacts=contacts, constraints=single + edges * contacts)
