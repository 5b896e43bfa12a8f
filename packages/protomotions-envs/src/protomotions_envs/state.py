# SPDX-License-Identifier: Apache-2.0
"""The state of a batch of robots, simulated or reference: one type, so that terms compare the two."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs.robots.robot import Robot


@dataclass(frozen=True)
class RobotState:
    """Joint and body state of N robots; bodies and joints in MJCF order, body 0 is the root.

    Tensors are float32 on one device. Quaternions are wxyz. All body quantities are in the world frame; the linear
    velocity is that of the body frame's origin.
    """

    joint_pos: Tensor
    """Joint angles, rad, [N, J]."""
    joint_vel: Tensor
    """Joint velocities, rad/s, [N, J]."""
    body_pos: Tensor
    """Body frame origins, m, [N, B, 3]."""
    body_rot: Tensor
    """Body orientations, unit quaternions wxyz, [N, B, 4]."""
    body_lin_vel: Tensor
    """Velocities of the body frame origins, m/s, [N, B, 3]."""
    body_ang_vel: Tensor
    """Angular velocities, rad/s, world frame, [N, B, 3]."""
    body_contact: Tensor
    """Whether a body touches the ground, bool, [N, B]; only feet are filled by a simulator."""

    def rows(self, index: Tensor) -> RobotState:
        """Return a copy of the robots with these numbers, long, [n]."""
        return RobotState(**{name: tensor.index_select(0, index) for name, tensor in vars(self).items()})

    @property
    def root_pos(self) -> Tensor:
        """Root position, m, [N, 3]."""
        return self.body_pos[:, 0]

    @property
    def root_rot(self) -> Tensor:
        """Root orientation, wxyz, [N, 4]."""
        return self.body_rot[:, 0]

    @property
    def root_lin_vel(self) -> Tensor:
        """Root linear velocity, m/s, world frame, [N, 3]."""
        return self.body_lin_vel[:, 0]

    @property
    def root_ang_vel(self) -> Tensor:
        """Root angular velocity, rad/s, world frame, [N, 3]."""
        return self.body_ang_vel[:, 0]


@dataclass(frozen=True)
class ResetState:
    """The generalised coordinates that a reset writes; the simulator derives the bodies from them."""

    root_pos: Tensor
    """m, [N, 3]."""
    root_rot: Tensor
    """wxyz, [N, 4]."""
    root_lin_vel: Tensor
    """m/s, world frame, [N, 3]."""
    root_ang_vel: Tensor
    """rad/s, world frame, [N, 3]."""
    joint_pos: Tensor
    """rad, [N, J]."""
    joint_vel: Tensor
    """rad/s, [N, J]."""

    def rows(self, index: Tensor) -> ResetState:
        """Return a copy of the rows with these numbers, long, [n]."""
        return ResetState(**{name: tensor.index_select(0, index) for name, tensor in vars(self).items()})

    def put(self, index: Tensor, state: ResetState) -> None:
        """Overwrite the rows with these numbers, long, [n], by those of another state."""
        for name, tensor in vars(self).items():
            tensor.index_copy_(0, index, getattr(state, name))


def rows_of(mask: Tensor) -> Tensor:
    """Return the numbers of rows to work on, long, where only those in `mask` [N] matter.

    A CPU may look at the mask, and most rows are usually out of it. Other devices take all rows, whatever the mask, so
    that shapes stay fixed and nothing waits.
    """
    if mask.device.type == "cpu":
        return mask.nonzero().flatten()
    return torch.arange(len(mask), device=mask.device)


def rest_state(robot: Robot, num_envs: int, device: torch.device) -> ResetState:
    """Return N robots at rest in their default pose, feet on the ground."""
    pose = torch.as_tensor(robot.default_joint_pos, dtype=torch.float32, device=device).repeat(num_envs, 1)
    height = torch.tensor([0.0, 0.0, robot.config.default_root_height], device=device).repeat(num_envs, 1)
    return ResetState(
        root_pos=height,
        root_rot=torch.tensor([1.0, 0.0, 0.0, 0.0], device=device).repeat(num_envs, 1),
        root_lin_vel=torch.zeros_like(height),
        root_ang_vel=torch.zeros_like(height),
        joint_pos=pose,
        joint_vel=torch.zeros_like(pose),
    )
