# SPDX-License-Identifier: Apache-2.0
"""All randomisation of a batch of worlds in one place; what is off costs nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from protomotions_envs.randomization.commands import DelayLine
from protomotions_envs.randomization.config import RandomizationConfig
from protomotions_envs.randomization.observation_noise import NoiseSource
from protomotions_envs.randomization.physics import draw_properties
from protomotions_envs.randomization.pushes import Pusher
from protomotions_envs.robots.robot import Robot
from protomotions_envs.simulators import Simulator, WorldProperties
from protomotions_envs.state import StateLayout


class Randomizer:
    """Draws what differs between N worlds, and disturbs what is commanded, simulated and seen.

    Where all is off, every method returns what it was given and draws nothing. Otherwise the methods have fixed shapes,
    masks and buffers that stay where they are.

    Args:
        config: Settings.
        robot: The robot in every world.
        num_envs: Number N of worlds.
        device: Where the tensors live.
        rank: Number of this process among those that train together; each has other worlds.
    """

    def __init__(
        self, config: RandomizationConfig, robot: Robot, num_envs: int, device: torch.device, rank: int = 0
    ) -> None:
        self._config = config = config.resolved()
        self._robot = robot
        self._num_envs = num_envs
        self._rank = rank
        commands, pushes, noise = config.commands, config.pushes, config.observation_noise
        self._bias: Tensor | None = None
        if commands.joint_bias:
            self._bias = torch.zeros(num_envs, robot.num_joints, device=device)
        self._delay: DelayLine | None = None
        if commands.delay[1]:
            self._delay = DelayLine(commands.delay, num_envs, robot.num_joints, device)
        self._pusher: Pusher | None = None
        if pushes.interval is not None:
            self._pusher = Pusher(pushes.interval, pushes, robot.control_dt, num_envs, device)
        self._noise: NoiseSource | None = None
        if any(vars(noise).values()):
            layout = StateLayout(robot.num_joints, robot.num_bodies)
            self._noise = NoiseSource(noise, layout, robot.anchor_index, num_envs, device)
        self.properties: WorldProperties | None = None
        """What the simulator must be told; None where the worlds don't differ physically."""
        self.draw_worlds(config.seed)

    def draw_worlds(self, seed: int) -> None:
        """Draw what stays the same in all episodes of a world; the same seed draws the same on every device."""
        state = np.random.SeedSequence((seed, self._rank)).generate_state(1, np.uint64)
        generator = torch.Generator().manual_seed(int(state[0]))
        self.properties = draw_properties(self._config.physics, self._robot, self._num_envs, generator)
        if self._bias is not None:
            unit = torch.rand(self._bias.shape, generator=generator)
            self._bias.copy_((2.0 * unit - 1.0) * self._config.commands.joint_bias)

    def begin(self, mask: Tensor, baseline: Callable[[], Tensor], generator: torch.Generator) -> None:
        """Draw what holds for one episode where `mask` [N] is true; `baseline` gives targets to hold, rad, [N, J]."""
        if self._pusher is not None:
            self._pusher.begin(mask, generator)
        if self._delay is not None:
            self._delay.begin(mask, baseline(), generator)

    def command(self, targets: Tensor) -> Tensor:
        """Return the joint targets that reach the drives in this control step, rad, [N, J]."""
        if self._delay is not None:
            targets = self._delay.pass_on(targets)
        return targets if self._bias is None else targets + self._bias

    def push(self, simulator: Simulator, ended: Tensor, generator: torch.Generator) -> None:
        """Push the robots whose time has come, but not where an episode has just `ended`, bool, [N]."""
        if self._pusher is not None:
            self._pusher.push(simulator, ended, generator)

    def draw_noise(self, generator: torch.Generator, mask: Tensor | None = None) -> None:
        """Draw the noise of what is seen from now on, in all worlds or where `mask` [N] is true."""
        if self._noise is not None:
            self._noise.draw(generator, mask)

    def seen(self, state_rows: Tensor) -> Tensor:
        """Return the states that observations are computed from, [N, D]."""
        return state_rows if self._noise is None else self._noise.add(state_rows)
