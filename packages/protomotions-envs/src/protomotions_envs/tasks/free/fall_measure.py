# SPDX-License-Identifier: Apache-2.0
"""How long robots stay up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.free.config import Fall
from protomotions_envs.tasks.free.falls import FallDetector


class FallMeasure:
    """Notes when each of N worlds has fallen or broken; what has fallen stays so, even if it gets up again.

    Args:
        config: When a robot has fallen.
        robot: The robot in every world.
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    definitions: ClassVar[Mapping[str, str]] = {
        "upright": "Share of worlds that never fell",
        "upright_seconds": "Mean time until the fall, s; worlds that never fell count with the whole time",
    }

    def __init__(self, config: Fall, robot: Robot, num_envs: int, device: torch.device) -> None:
        self._falls = FallDetector(config, robot, num_envs, device)
        self._control_dt = robot.control_dt
        self._upright = torch.ones(num_envs, dtype=torch.bool, device=device)
        self._steps = torch.zeros(num_envs, dtype=torch.long, device=device)

    def begin(self) -> None:
        """Start anew, all worlds upright."""
        self._upright.fill_(True)
        self._falls.begin(self._upright)
        self._steps.zero_()

    def count(self, state: RobotState, broken: Tensor) -> Tensor:
        """Count a control step and return where the robot hasn't fallen so far, bool, [N].

        Args:
            state: After the step.
            broken: Which worlds broke in it and were put to rest, bool, [N].
        """
        self._falls.count(state)
        self._upright &= ~(self._falls.fallen | broken)
        self._steps += self._upright
        return self._upright

    def metrics(self) -> dict[str, float]:
        """Return the figures."""
        seconds = self._control_dt * float(self._steps.double().mean())
        return {"upright": float(self._upright.double().mean()), "upright_seconds": seconds}
