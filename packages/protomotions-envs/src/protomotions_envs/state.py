# SPDX-License-Identifier: Apache-2.0
"""The state of a batch of robots, simulated or reference: one type, so that terms compare the two."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


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
