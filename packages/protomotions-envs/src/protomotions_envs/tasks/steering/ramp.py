# SPDX-License-Identifier: Apache-2.0
"""Commands that set in gradually."""

from __future__ import annotations

import math

import torch
from torch import Tensor


class Ramp:
    """Moves what N robots are asked for towards their commands, at bounded rates.

    The velocity that is asked for goes straight to the commanded one, through standing still where the robot is told
    to turn round, and the facing direction the shorter way round.

    Args:
        acceleration: Largest change of the velocity per second, m/s^2.
        turn_rate: Largest change of the facing direction per second, rad/s.
        control_dt: Duration of a control step, s.
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    def __init__(
        self, acceleration: float, turn_rate: float, control_dt: float, num_envs: int, device: torch.device
    ) -> None:
        self._velocity_step, self._turn_step = acceleration * control_dt, turn_rate * control_dt
        self.velocity = torch.zeros(num_envs, 2, device=device)
        """Horizontal velocity that is asked for, world frame, m/s, [N, 2]."""
        self.facing = torch.zeros(num_envs, device=device)
        """Direction to face that is asked for, angle about z from the world's x axis, rad, [N]."""

    def begin(self, mask: Tensor, velocity: Tensor, facing: Tensor) -> None:
        """Ask, where `mask` [N] is true, for what robots do: their velocities [N, 2], m/s, and headings [N], rad."""
        self.velocity.copy_(torch.where(mask.unsqueeze(1), velocity, self.velocity))
        self.facing.copy_(torch.where(mask, facing, self.facing))

    def approach(self, velocity: Tensor, facing: Tensor) -> None:
        """Come a control step nearer to the commanded velocities [N, 2], m/s, and directions to face [N], rad."""
        gap = velocity - self.velocity
        share = self._velocity_step / gap.norm(dim=1, keepdim=True).clamp_min(1e-9)
        self.velocity += gap * share.clamp(max=1.0)
        turn = (facing - self.facing + math.pi).remainder(2.0 * math.pi) - math.pi
        self.facing += turn.clamp(-self._turn_step, self._turn_step)
