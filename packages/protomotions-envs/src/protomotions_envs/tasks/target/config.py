# SPDX-License-Identifier: Apache-2.0
"""Settings of going to places."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.tasks.free.config import FreeConfig


@dataclass(frozen=True)
class Targets:
    """How targets are drawn: anywhere around the robot, each spot as likely (ProtoMotions' target generator)."""

    max_distance: float = 6.0
    """Greatest distance from the robot, m."""
    min_distance: float = 0.0
    """Least distance from the robot, m."""
    seconds: tuple[float, float] = (6.0, 8.0)
    """Shortest and longest time that a target stays."""

    def __post_init__(self) -> None:
        shortest, longest = self.seconds
        if not 0 < shortest <= longest:
            raise ProtoMotionsError(f"seconds must be two positive durations, the shorter first, not {self.seconds}")
        if not 0 <= self.min_distance < self.max_distance:
            raise ProtoMotionsError(
                f"Targets need 0 <= min_distance < max_distance, not {self.min_distance} and {self.max_distance}"
            )


@dataclass(frozen=True)
class TargetRewards:
    """Weight and scale: weight exp(-scale distance), and the whole weight within `TargetConfig.success_radius`."""

    position: float = 1.0
    """Weight."""
    scale: float = 0.42
    """Steepness over the root's horizontal distance from the target, 1/m."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < 0:
                raise ProtoMotionsError(f"Target reward {name} must be 0 or more, not {value}")


@dataclass(frozen=True)
class TargetConfig(FreeConfig):
    """Go to a place, and stay there until the next one is given."""

    name: Literal["target"] = "target"
    """Which task this configures."""
    success_radius: float = 0.25
    """How near to the target, horizontally, the root has reached it, m."""
    targets: Targets = field(default_factory=Targets)
    """How targets are drawn."""
    rewards: TargetRewards = field(default_factory=TargetRewards)
    """Weights of the reward terms."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.success_radius <= 0:
            raise ProtoMotionsError(f"success_radius must be positive, not {self.success_radius}")
