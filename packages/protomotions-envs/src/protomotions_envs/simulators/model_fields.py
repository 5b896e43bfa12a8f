# SPDX-License-Identifier: Apache-2.0
"""The fields of MuJoCo's model that hold the properties of worlds; for all engines that take MuJoCo's model."""

from __future__ import annotations

import mujoco
import numpy as np
from mujoco import batch

from protomotions_envs.simulators.properties import WorldProperties

_FIELDS = {
    "friction": ("geom_friction", "pair_friction"),
    "mass_scale": ("body_mass", "body_inertia"),
    "com_offset": ("body_ipos",),
    "stiffness_scale": ("actuator_gainprm", "actuator_biasprm"),
    "damping_scale": ("actuator_biasprm",),
}
# What contacts, limits and the solver take from the masses in the default pose.
_INERTIAL = ("body_subtreemass", "body_invweight0", "dof_invweight0")


def write_properties(worlds: batch.Batch, model: mujoco.MjModel, properties: WorldProperties) -> None:
    """Give the worlds of a batch their properties; those that they had before are replaced.

    Args:
        worlds: The batch; the worlds' derived fields are those of other states afterwards, until the next forward pass.
        model: What the properties are relative to: a `world_spec` with one position actuator per joint, in joint order.
        properties: Of all worlds.
    """
    fields = {name: worlds.expand(name) for name in _own_fields(properties)}
    for name, values in fields.items():
        values[:] = getattr(model, name)
    given = {name: value.double().numpy() for name, value in vars(properties).items() if value is not None}
    if "friction" in given:
        # MuJoCo takes the larger friction of two shapes, so both have it; what spins and rolls stays.
        fields["geom_friction"][:, :, 0] = given["friction"][:, None]
        fields["pair_friction"][:, :, :2] = given["friction"][:, None, None]
    # Body 0 of MuJoCo is the world.
    if "mass_scale" in given:
        fields["body_mass"][:, 1:] *= given["mass_scale"]
        fields["body_inertia"][:, 1:] *= given["mass_scale"][..., None]
    if "com_offset" in given:
        fields["body_ipos"][:, 1:] += given["com_offset"]
    # The force of a position actuator is gain[0] target + bias[1] angle + bias[2] velocity.
    if "stiffness_scale" in given:
        fields["actuator_gainprm"][:, :, 0] *= given["stiffness_scale"]
        fields["actuator_biasprm"][:, :, 1] *= given["stiffness_scale"]
    if "damping_scale" in given:
        fields["actuator_biasprm"][:, :, 2] *= given["damping_scale"]
    if _inertial(properties):
        worlds.set_const()


def model_fields(model: mujoco.MjModel, num_envs: int, properties: WorldProperties) -> dict[str, np.ndarray]:
    """Return the fields of a model that differ between worlds, derived ones included, [N, ...] each.

    Args:
        model: See `write_properties`.
        num_envs: Number N of worlds.
        properties: Of all worlds.
    """
    worlds = batch.Batch(model, num_envs)
    write_properties(worlds, model, properties)
    names = _own_fields(properties) | set(_INERTIAL if _inertial(properties) else ())
    fields = {}
    for name in sorted(names):
        values, own = worlds.expanded(name), getattr(model, name)
        # Where no world differs, nothing has been expanded.
        fields[name] = np.array(np.broadcast_to(own, (num_envs, *own.shape)) if values is None else values)
    return fields


def _own_fields(properties: WorldProperties) -> set[str]:
    given = [name for name, value in vars(properties).items() if value is not None]
    return {field for name in given for field in _FIELDS[name]}


def _inertial(properties: WorldProperties) -> bool:
    return properties.mass_scale is not None or properties.com_offset is not None
