# SPDX-License-Identifier: Apache-2.0
"""Pushes: robots are made to move otherwise, all of a sudden, again and again."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.randomization.ranges import Range, check_range, check_widths
from protomotions_envs.simulators import Simulator


@dataclass(frozen=True)
class Pushes:
    """A push adds to the root's velocity, in the world frame, and the whole robot follows rigidly."""

    interval: Range | None = None
    """Time between two pushes of a world, and from the start of an episode to the first, s; null is off."""
    linear: tuple[float, float, float] = (0.5, 0.5, 0.2)
    """Largest change of the root's linear velocity along x, y and z, either way, m/s."""
    angular: tuple[float, float, float] = (0.52, 0.52, 0.78)
    """Largest change of the root's angular velocity about x, y and z, either way, rad/s."""

    def __post_init__(self) -> None:
        check_range("interval", self.interval)
        if self.interval is not None and self.interval[0] == 0:
            raise ProtoMotionsError(f"interval must be longer than 0 s, not {self.interval}")
        check_widths("linear", *self.linear)
        check_widths("angular", *self.angular)


class Pusher:
    """Pushes the robots of N worlds, each at its own times.

    Args:
        interval: Time between two pushes, s.
        config: How strong pushes are.
        control_dt: Duration of a control step, s.
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    def __init__(self, interval: Range, config: Pushes, control_dt: float, num_envs: int, device: torch.device) -> None:
        self._low, self._high = (seconds / control_dt for seconds in interval)
        self._widest = torch.tensor([*config.linear, *config.angular], device=device)
        self._steps_left = torch.ones(num_envs, dtype=torch.long, device=device)

    def begin(self, mask: Tensor, generator: torch.Generator) -> None:
        """Draw when the first push comes in episodes that begin where `mask` [N] is true."""
        unit = torch.rand(mask.shape, generator=generator, device=mask.device)
        self._steps_left.copy_(torch.where(mask, self._interval(unit), self._steps_left))

    def push(self, simulator: Simulator, spared: Tensor, generator: torch.Generator) -> None:
        """Let one control step pass and push where it is time, but not the worlds in `spared`, bool, [N]."""
        self._steps_left -= 1
        due = (self._steps_left <= 0) & ~spared
        if due.device.type == "cpu" and not bool(due.any()):
            return
        unit = torch.rand(len(due), 7, generator=generator, device=due.device)
        self._steps_left.copy_(torch.where(due, self._interval(unit[:, 6]), self._steps_left))
        simulator.add_root_velocity(due, (2.0 * unit[:, :6] - 1.0) * self._widest)

    def _interval(self, unit: Tensor) -> Tensor:
        """Return numbers from 0..1 as intervals, control steps, long."""
        return (self._low + (self._high - self._low) * unit).round().long().clamp_min(1)
