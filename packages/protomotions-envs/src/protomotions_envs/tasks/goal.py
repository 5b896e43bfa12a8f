# SPDX-License-Identifier: Apache-2.0
"""What robots can be asked to do while they move as they like; one goal is one module."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from protomotions_envs.state import RobotState
from protomotions_envs.tasks.task import Marker


class Goal(ABC):
    """The goals of N worlds, in tensors that stay where they are; every method has fixed shapes and uses masks.

    Args:
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    name: ClassVar[str]
    """Of the observation term."""

    def __init__(self, num_envs: int, device: torch.device) -> None:
        self.num_envs = num_envs
        self.device = device

    @abstractmethod
    def begin(self, mask: Tensor, state: RobotState, generator: torch.Generator) -> None:
        """Draw goals for episodes that begin where `mask` [N] is true, in the states of all worlds."""

    @abstractmethod
    def advance(self) -> None:
        """Let one control step of time pass."""

    @abstractmethod
    def renew(self, state: RobotState, generator: torch.Generator) -> None:
        """Draw new goals where old ones have run out."""

    @abstractmethod
    def view(self) -> dict[str, Tensor]:
        """Return all that the observation is computed from besides the state, a row per world, [N, ...] each."""

    @abstractmethod
    def observe(self, view: dict[str, Tensor], state: RobotState, yaw: Tensor) -> Tensor:
        """Return the observation of n rows of a view, [n, D].

        Args:
            view: The rows.
            state: The robots of these rows.
            yaw: Heading of their anchors as cos and sin, [n, 2].
        """

    @abstractmethod
    def rewards(self, state: RobotState) -> dict[str, Tensor]:
        """Return the weighted reward terms, [N] each."""

    def failed(self, state: RobotState) -> Tensor:
        """Return where the goal is lost, bool, [N]; nowhere, unless a goal says so."""
        return torch.zeros(self.num_envs, dtype=torch.bool, device=self.device)

    @abstractmethod
    def command(self, **wanted: Tensor | float) -> None:
        """Set goals from outside, in all worlds; they hold until the next command or episode.

        Raises:
            ProtoMotionsError: There is no such goal.
        """

    @abstractmethod
    def markers(self, state: RobotState) -> tuple[Marker, ...]:
        """Return what shows the first world's goal in pictures."""
