# SPDX-License-Identifier: Apache-2.0
"""Small settings with every kind of field that real ones have."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest


@dataclass(frozen=True)
class Reward:
    """A nested dataclass."""

    weight: float = 1.0
    scale: float = 10.0


@dataclass(frozen=True)
class Mimic:
    """One task of a union."""

    name: Literal["mimic"] = "mimic"
    body_position: Reward = Reward()
    terms: tuple[str, ...] = ("joints", "bodies")


@dataclass(frozen=True)
class Steering:
    """The other task."""

    name: Literal["steering"] = "steering"
    target_speed: float = 1.5


@dataclass(frozen=True)
class Env:
    """The section whose name may be left away."""

    robot: str = "g1"
    motion_file: str | None = None
    task: Mimic | Steering = Mimic()
    weights: dict[str, Reward] = field(default_factory=lambda: {"feet": Reward(2.0)})
    folder: Path = Path("data")


@dataclass(frozen=True)
class Agent:
    """Settings with a rule between two fields."""

    algorithm: Literal["ppo"] = "ppo"
    gamma: float = 0.99
    num_steps: int = 24
    batch_size: int = 48
    hidden_units: tuple[int, ...] = (256, 128)
    normalize: bool = True
    desired_kl: float | None = None

    def __post_init__(self) -> None:
        """Refuse minibatches that don't divide a rollout."""
        if self.num_steps * 4 % self.batch_size:
            raise ValueError(f"batch_size {self.batch_size} does not divide {self.num_steps * 4} samples")


@dataclass(frozen=True)
class Settings:
    """All of them."""

    env: Env = Env()
    agent: Agent = Agent()
    seed: int = 0


@pytest.fixture
def settings() -> Settings:
    """Settings at their defaults."""
    return Settings()
