# SPDX-License-Identifier: Apache-2.0
"""Settings of steering."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.tasks.free.config import FreeConfig


@dataclass(frozen=True)
class SteeringCommands:
    """How directions and speeds are drawn (ProtoMotions' steering generator)."""

    min_speed: float = 0.0
    """Lowest speed but for standing still, m/s."""
    max_speed: float = 2.0
    """Highest speed, m/s."""
    seconds: tuple[float, float] = (1.0, 3.0)
    """Shortest and longest time that a command holds."""
    fresh_fraction: float = 0.1
    """Share of changes that draw direction and speed anew; the others change them a little."""
    direction_change: float = 0.5
    """Largest small change of direction, rad."""
    speed_change: float = 0.5
    """Largest small change of speed, m/s."""
    stop_fraction: float = 0.1
    """Share of changes after which the robot should stand."""
    acceleration: float | None = None
    """How fast what the robot is asked for follows the command, m/s^2; None is at once. Evaluations compare with the
    command itself."""
    turn_rate: float | None = None
    """How fast the direction to face follows the command, rad/s; None is at once."""
    facing: Literal["direction", "random"] = "direction"
    """Whether the robot should face where it goes, or any way that is drawn at each fresh change."""

    def __post_init__(self) -> None:
        shortest, longest = self.seconds
        if not 0 < shortest <= longest:
            raise ProtoMotionsError(f"seconds must be two positive durations, the shorter first, not {self.seconds}")
        if not 0 <= self.min_speed <= self.max_speed or self.max_speed == 0:
            raise ProtoMotionsError(
                "speeds must be positive, or the lower 0, the lower not above the higher, "
                f"not {self.min_speed} and {self.max_speed}"
            )
        for name in ("direction_change", "speed_change"):
            if getattr(self, name) < 0:
                raise ProtoMotionsError(f"{name} must be 0 or more, not {getattr(self, name)}")
        for name in ("acceleration", "turn_rate"):
            rate = getattr(self, name)
            if rate is not None and rate <= 0:
                raise ProtoMotionsError(f"{name} must be positive or null, not {rate}")
        for name in ("fresh_fraction", "stop_fraction"):
            if not 0 <= getattr(self, name) <= 1:
                raise ProtoMotionsError(f"{name} must lie in 0..1, not {getattr(self, name)}")
        if self.facing not in ("direction", "random"):
            raise ProtoMotionsError(f"facing must be 'direction' or 'random', not {self.facing!r}")


@dataclass(frozen=True)
class SteeringRewards:
    """Weights and scales; velocity: weight * mean over scales of exp(-scale (speed error^2 + sideways * side^2))."""

    velocity: float = 0.7
    """Weight of the velocity."""
    velocity_scales: tuple[float, ...] = (0.5, 8.0)
    """Steepnesses, s^2/m^2: a gentle one is felt far from the command, a steep one near it. ProtoMotions takes 0.25
    alone, by which an error of 0.5 m/s costs 6 percent."""
    sideways: float = 1.0
    """How much the squared velocity across the direction counts; ProtoMotions takes 0.1."""
    facing: float = 0.3
    """Weight of max(0, facing direction . heading)."""

    def __post_init__(self) -> None:
        for name in ("velocity", "sideways", "facing"):
            if getattr(self, name) < 0:
                raise ProtoMotionsError(f"Steering reward {name} must be 0 or more, not {getattr(self, name)}")
        if not self.velocity_scales or min(self.velocity_scales) <= 0:
            raise ProtoMotionsError(f"velocity_scales must be positive numbers, not {self.velocity_scales}")


@dataclass(frozen=True)
class SteeringConfig(FreeConfig):
    """Walk in a given direction at a given speed."""

    name: Literal["steering"] = "steering"
    """Which task this configures."""
    commands: SteeringCommands = field(default_factory=SteeringCommands)
    """How directions and speeds are drawn."""
    rewards: SteeringRewards = field(default_factory=SteeringRewards)
    """Weights of the reward terms."""
