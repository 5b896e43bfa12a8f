# SPDX-License-Identifier: Apache-2.0
"""What an engine must offer; one engine is one module."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import ResetState, RobotState


class Simulator(ABC):
    """N worlds, each with one robot on flat ground, stepped together.

    The tensors of `state` are fixed buffers: `step` and `write_state` refresh them in place, so that a captured graph
    may read them. Bodies and joints are in the robot's order, whatever the engine's own is.

    Args:
        robot: The robot that stands in every world.
        num_envs: Number N of worlds.
        device: Where `state` lives.
    """

    name: ClassVar[str]
    """What `--simulator` takes."""

    def __init__(self, robot: Robot, num_envs: int, device: torch.device) -> None:
        self.robot = robot
        self.num_envs = num_envs
        self.device = device

    @property
    @abstractmethod
    def state(self) -> RobotState:
        """State of all worlds after the last call."""

    @property
    @abstractmethod
    def joint_torque(self) -> Tensor:
        """Drive torques of the last physics step, N m, [N, J]."""

    @property
    @abstractmethod
    def broken(self) -> Tensor:
        """Worlds whose state is not finite or has exploded, bool, [N]; a write heals them."""

    @abstractmethod
    def step(self, joint_targets: Tensor) -> None:
        """Advance by one control step with the drives' position targets, rad, [N, J], held constant."""

    @abstractmethod
    def step_physics(self, joint_targets: Tensor) -> None:
        """Advance the engine as `step` does, and nothing else: what `bench` compares the environment with.

        `state` is stale afterwards, until the next `write_state` of all worlds or `step`.
        """

    @abstractmethod
    def write_state(self, mask: Tensor, state: ResetState) -> None:
        """Set the worlds where `mask` [N] is true; rows of `state` elsewhere are ignored."""

    @abstractmethod
    def close(self) -> None:
        """Free what the engine holds."""
