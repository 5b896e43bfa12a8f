# SPDX-License-Identifier: Apache-2.0
"""When a robot is down, and when it has been so for too long."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.free.config import Fall


class FallDetector:
    """Notices falls in N worlds, control step by control step.

    Args:
        config: When a robot has fallen.
        robot: The robot in every world.
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    def __init__(self, config: Fall, robot: Robot, num_envs: int, device: torch.device) -> None:
        self._config = config
        self._robot = robot
        self._allowed_steps = round(config.seconds / robot.control_dt)
        # Control steps, one after another up to now, at whose ends the robot was down.
        self._steps_down = torch.zeros(num_envs, dtype=torch.long, device=device)

    @property
    def fallen(self) -> Tensor:
        """Where the robot has fallen by the last step, bool, [N]."""
        return self._steps_down > self._allowed_steps

    def begin(self, mask: Tensor) -> None:
        """Forget the past of the worlds where `mask`, bool, [N], is true."""
        self._steps_down.masked_fill_(mask, 0)

    def count(self, state: RobotState) -> None:
        """Look at how the robots are after a control step."""
        self._steps_down += 1
        self._steps_down *= is_down(self._config, self._robot, state)


def is_down(config: Fall, robot: Robot, state: RobotState) -> Tensor:
    """Return where a robot is lower or leans further than one that stands, bool, [N]."""
    down = torch.zeros_like(state.joint_pos[:, 0], dtype=torch.bool)
    if config.root_height is not None:
        down = down | (state.root_pos[:, 2] < config.root_height * robot.config.default_root_height)
    if config.tilt is not None:
        up = rotations.z_axis(state.root_rot)[..., 2].clamp(-1.0, 1.0)
        down = down | (up.arccos() > config.tilt)
    return down
