# SPDX-License-Identifier: Apache-2.0
"""What a playback expects of whoever controls it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from protomotions_algos.ppo import PPO
from protomotions_envs import HumanoidVectorEnv


class Wish(Enum):
    """What should happen to a playback."""

    GO_ON = auto()
    RESTART = auto()
    QUIT = auto()


@dataclass(frozen=True)
class Stage:
    """What there is to control."""

    env: HumanoidVectorEnv
    """One world."""
    agent: PPO
    """Who acts in it."""
    seconds: float
    """How long the playback lasts, s; infinity for no end."""


class Control(Protocol):
    """Tells the robot, before each frame, what to do."""

    @property
    def seconds(self) -> float | None:
        """How long the playback lasts unless a length is given, s, infinity for no end; None to leave it open."""
        ...

    def tell(self, stage: Stage, time: float, *, begins: bool) -> Wish:
        """Set what the robot is to do in the coming step.

        Args:
            stage: What there is to control.
            time: Since the playback began, s.
            begins: Whether an episode begins with this step, which has drawn goals of its own.
        """
        ...
