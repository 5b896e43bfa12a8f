# SPDX-License-Identifier: Apache-2.0
"""Robots and grounds that differ between worlds: friction, masses, centres of mass, drive gains."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs.randomization.ranges import Range, check_range, check_widths, scaled
from protomotions_envs.robots.robot import Robot
from protomotions_envs.simulators import Capability, WorldProperties


@dataclass(frozen=True)
class PhysicsRanges:
    """What is drawn once per world; null or 0 leaves a property as the robot's model has it."""

    friction: Range | None = None
    """Coefficient of sliding friction of all contacts of a world. MuJoCo knows no other coefficient for resting
    contacts, and no restitution."""
    body_mass_scale: Range | None = None
    """Factor of a body's mass and rotational inertia, for each body its own."""
    torso_mass_scale: Range | None = None
    """Factor of the torso's mass and rotational inertia, besides `body_mass_scale`."""
    torso_com: tuple[float, float, float] = (0.0, 0.0, 0.0)
    """Largest shift of the torso's centre of mass along the torso's x, y and z axes, either way, m."""
    stiffness_scale: Range | None = None
    """Factor of a drive's stiffness, for each joint its own; effort limits stay."""
    damping_scale: Range | None = None
    """Factor of a drive's damping, for each joint its own."""

    def __post_init__(self) -> None:
        check_range("friction", self.friction)
        for name in ("body_mass_scale", "torso_mass_scale", "stiffness_scale"):
            # A body without mass or a drive without stiffness isn't the same robot any more.
            check_range(name, getattr(self, name), least=0.01)
        check_range("damping_scale", self.damping_scale)
        check_widths("torso_com", *self.torso_com)

    @property
    def needs(self) -> frozenset[Capability]:
        """What a simulator must be able to vary."""
        wanted: dict[Capability, bool] = {
            "friction": self.friction is not None,
            "mass": self.body_mass_scale is not None or self.torso_mass_scale is not None,
            "centre_of_mass": any(self.torso_com),
            "drive_gains": self.stiffness_scale is not None or self.damping_scale is not None,
        }
        return frozenset(name for name, needed in wanted.items() if needed)


def draw_properties(
    ranges: PhysicsRanges, robot: Robot, num_envs: int, generator: torch.Generator
) -> WorldProperties | None:
    """Return the properties of N worlds, or None where all are as the model has them.

    A property's draws don't depend on which others are on.

    Args:
        ranges: Where they are drawn from.
        robot: The robot in every world.
        num_envs: Number N of worlds.
        generator: On the CPU, whatever the device of the simulation, so that it has the same worlds.
    """
    bodies, joints = robot.num_bodies, robot.num_joints
    widths = {"friction": 1, "body_mass": bodies, "torso_mass": 1, "torso_com": 3, "stiffness": joints}
    unit = {name: torch.rand(num_envs, width, generator=generator) for name, width in widths.items()}
    unit["damping"] = torch.rand(num_envs, joints, generator=generator)
    if not ranges.needs:
        return None
    torso = robot.body_names.index(robot.config.torso_body)
    return WorldProperties(
        friction=None if ranges.friction is None else scaled(unit["friction"][:, 0], ranges.friction),
        mass_scale=_mass_scale(ranges, torso, unit["body_mass"], unit["torso_mass"]),
        com_offset=_com_offset(ranges, torso, bodies, unit["torso_com"]),
        stiffness_scale=None if ranges.stiffness_scale is None else scaled(unit["stiffness"], ranges.stiffness_scale),
        damping_scale=None if ranges.damping_scale is None else scaled(unit["damping"], ranges.damping_scale),
    )


def _mass_scale(ranges: PhysicsRanges, torso: int, unit: Tensor, torso_unit: Tensor) -> Tensor | None:
    if "mass" not in ranges.needs:
        return None
    scale = scaled(unit, ranges.body_mass_scale or (1.0, 1.0))
    scale[:, torso] *= scaled(torso_unit[:, 0], ranges.torso_mass_scale or (1.0, 1.0))
    return scale


def _com_offset(ranges: PhysicsRanges, torso: int, bodies: int, unit: Tensor) -> Tensor | None:
    if not any(ranges.torso_com):
        return None
    offset = torch.zeros(len(unit), bodies, 3)
    offset[:, torso] = (2.0 * unit - 1.0) * torch.tensor(ranges.torso_com)
    return offset
