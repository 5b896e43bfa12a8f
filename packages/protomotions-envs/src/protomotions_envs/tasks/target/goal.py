# SPDX-License-Identifier: Apache-2.0
"""A place on the ground to go to."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError, did_you_mean
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.goal import Goal
from protomotions_envs.tasks.target.config import TargetConfig
from protomotions_envs.tasks.task import Marker

_FOREVER = 1 << 40


class TargetGoal(Goal):
    """Targets of N worlds that change every few seconds, whether they have been reached or not.

    Args:
        config: Settings.
        control_dt: Duration of a control step, s.
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    name = "target"

    def __init__(self, config: TargetConfig, control_dt: float, num_envs: int, device: torch.device) -> None:
        super().__init__(num_envs, device)
        self._targets, self._rewards = config.targets, config.rewards
        self._shortest, self._longest = (max(1, round(time / control_dt)) for time in config.targets.seconds)
        self.success_radius = config.success_radius
        """How near to the target the root has reached it, m."""
        self.position = torch.zeros(num_envs, 2, device=device)
        """Where to go, m, world frame, [N, 2]."""
        self.steps_left = torch.zeros(num_envs, dtype=torch.long, device=device)
        """Control steps until the target changes, [N]."""
        self.age = torch.zeros_like(self.steps_left)
        """Control steps since it changed, [N]."""

    def distance(self, state: RobotState) -> Tensor:
        """Return the horizontal distance of the roots from their targets, m, [N]."""
        x, y = (self.position - state.root_pos[:, :2]).unbind(1)
        return torch.addcmul(x * x, y, y).sqrt()

    def begin(self, mask: Tensor, state: RobotState, generator: torch.Generator) -> None:
        """Draw targets around the robots where `mask` [N] is true."""
        targets = self._targets
        spot, angle, time = torch.rand(3, self.num_envs, generator=generator, device=self.device).unbind()
        # Areas, not distances, are as likely.
        least, greatest = targets.min_distance**2, targets.max_distance**2
        distance, angle = (least + (greatest - least) * spot).sqrt(), 2.0 * math.pi * angle
        offset = torch.stack((distance * angle.cos(), distance * angle.sin()), dim=1)
        steps = self._shortest + (time * (self._longest - self._shortest + 1)).long()
        self.position.copy_(torch.where(mask.unsqueeze(1), state.root_pos[:, :2] + offset, self.position))
        self.steps_left.copy_(torch.where(mask, steps, self.steps_left))
        self.age.masked_fill_(mask, 0)

    def advance(self) -> None:
        """Let one control step of time pass."""
        self.steps_left -= 1
        self.age += 1

    def renew(self, state: RobotState, generator: torch.Generator) -> None:
        """Draw new targets around the robots where the old ones' time is up."""
        self.begin(self.steps_left <= 0, state, generator)

    def command(self, **wanted: Tensor | float) -> None:
        """Set `position`, m, world frame, [2] or [N, 2].

        Raises:
            ProtoMotionsError: There is no such command, or it has another shape.
        """
        for name in wanted:
            if name != "position":
                raise ProtoMotionsError(f"A target takes no {name!r}.{did_you_mean(name, ('position',))}")
        if "position" in wanted:
            position = torch.as_tensor(wanted["position"], dtype=torch.float32, device=self.device)
            if position.shape not in ((2,), (self.num_envs, 2)):
                raise ProtoMotionsError(
                    f"A target's position must have the shape [2] or [{self.num_envs}, 2], not {list(position.shape)}"
                )
            self.position.copy_(position.expand_as(self.position))
            self.age.zero_()
        self.steps_left.fill_(_FOREVER)

    def view(self) -> dict[str, Tensor]:
        """Return the targets, m, world frame, [N, 2]."""
        return {"target": self.position}

    def observe(self, view: dict[str, Tensor], state: RobotState, yaw: Tensor) -> Tensor:
        """Return the way from the root to the target in the heading frame, horizontally, m, [n, 2]."""
        x, y = (view["target"] - state.root_pos[:, :2]).unbind(1)
        cos, sin = yaw.unbind(1)
        return torch.stack((torch.addcmul(x * cos, y, sin), torch.addcmul(y * cos, x, sin, value=-1.0)), dim=1)

    def rewards(self, state: RobotState) -> dict[str, Tensor]:
        """Return the reward of being near the target, [N]."""
        distance = self.distance(state)
        near = torch.exp(-self._rewards.scale * distance)
        return {"position": self._rewards.position * torch.where(distance < self.success_radius, 1.0, near)}

    def markers(self, state: RobotState) -> tuple[Marker, ...]:
        """Return a ball where to go, on the ground."""
        x, y = self.position[0].tolist()
        return (Marker((x, y, 0.05)),)
