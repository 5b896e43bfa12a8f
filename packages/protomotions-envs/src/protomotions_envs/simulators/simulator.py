# SPDX-License-Identifier: Apache-2.0
"""What an engine must offer; one engine is one module."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from protomotions_envs.errors import SimulatorError
from protomotions_envs.robots.robot import Robot
from protomotions_envs.simulators.properties import WorldProperties
from protomotions_envs.state import ResetState, RobotState, StateLayout

SPEED_LIMIT = 1e3
"""A generalised velocity beyond this, m/s or rad/s, means that a world has exploded."""


class Simulator(ABC):
    """N worlds, each with one robot on flat ground, stepped together.

    The tensors are fixed buffers: `step` and `write_state` refresh them in place, so that a captured graph may read
    them. Bodies and joints are in the robot's order, whatever the engine's own is.

    Args:
        robot: The robot that stands in every world.
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    name: ClassVar[str]
    """What `--simulator` takes."""
    capturable: ClassVar[bool] = False
    """Whether `write_state` and `add_root_velocity` may be captured in a CUDA graph."""

    def __init__(self, robot: Robot, num_envs: int, device: torch.device) -> None:
        self.robot = robot
        self.num_envs = num_envs
        self.device = device
        self.layout = StateLayout(robot.num_joints, robot.num_bodies)
        self.state_rows: Tensor = self.layout.empty(num_envs, device)
        """State of all worlds after the last call, as rows [N, D] in the order of `layout`."""
        self.state: RobotState = self.layout.split(self.state_rows)
        """The same as named views."""
        self.joint_torque: Tensor = torch.zeros(num_envs, robot.num_joints, device=device)
        """Drive torques of the last physics step, N m, [N, J]."""
        self.broken: Tensor = torch.zeros(num_envs, dtype=torch.bool, device=device)
        """Worlds whose state is not finite or has exploded, bool, [N]; a write heals them."""
        self.overflowed: Tensor = torch.zeros(num_envs, dtype=torch.bool, device=device)
        """Worlds whose contacts or constraints didn't all fit the engine's buffers in the last step, bool, [N]."""

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

    def add_root_velocity(self, mask: Tensor, change: Tensor) -> None:
        """Push the worlds where `mask` [N] is true: their robots move on as before, rigidly faster.

        Nothing else changes, neither targets nor contacts nor what the engine's solver knows from the last step.

        Args:
            mask: Which worlds.
            change: What is added to the root's linear velocity, m/s, and to its angular velocity, rad/s, world frame,
                [N, 6]; rows elsewhere are ignored.

        Raises:
            SimulatorError: The engine can't; its entry in `SIMULATORS` doesn't name the capability `pushes`.
        """
        raise SimulatorError(f"Simulator {self.name!r} can't push robots")

    def set_properties(self, properties: WorldProperties) -> None:
        """Replace the properties that the simulator was built with by others of the same kinds.

        All worlds must be written anew afterwards.

        Raises:
            SimulatorError: The engine can't; its entry in `SIMULATORS` doesn't name the capabilities.
        """
        raise SimulatorError(f"Simulator {self.name!r} can't vary properties between worlds")

    @abstractmethod
    def close(self) -> None:
        """Free what the engine holds."""
