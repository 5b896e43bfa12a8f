# SPDX-License-Identifier: Apache-2.0
"""Physical properties that differ between worlds, and which of them a simulator can vary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

Capability = Literal["friction", "mass", "centre_of_mass", "drive_gains", "pushes"]
"""What some simulators can vary between worlds, or do to some worlds, and others can't."""

ALL_CAPABILITIES: frozenset[Capability] = frozenset({"friction", "mass", "centre_of_mass", "drive_gains", "pushes"})
"""All capabilities."""


@dataclass(frozen=True)
class WorldProperties:
    """Properties of N worlds, float32 on the CPU; None leaves a property as the robot's model has it."""

    friction: Tensor | None = None
    """Coefficient of sliding friction of every contact, whichever shapes touch, [N]."""
    mass_scale: Tensor | None = None
    """Factor of each body's mass and rotational inertia, [N, B]."""
    com_offset: Tensor | None = None
    """Shift of each body's centre of mass in the body's frame, m, [N, B, 3]."""
    stiffness_scale: Tensor | None = None
    """Factor of each drive's stiffness, [N, J]."""
    damping_scale: Tensor | None = None
    """Factor of each drive's damping, [N, J]."""
