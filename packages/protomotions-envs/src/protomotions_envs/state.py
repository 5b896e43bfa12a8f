# SPDX-License-Identifier: Apache-2.0
"""The state of a batch of robots, simulated or reference: one type, so that terms compare the two.

A state is kept as one tensor with a row of numbers per robot, so that looking up, choosing, joining and copying states
is one operation each; what computations read are named views of its columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs.robots.robot import Robot
from protomotions_envs.rotations import x_and_z_axes


@dataclass(frozen=True)
class RobotState:
    """Joint and body state of N robots; bodies and joints in MJCF order, body 0 is the root.

    Tensors are float32 on one device. Quaternions are wxyz. All body quantities are in the world frame; the linear
    velocity is that of the body frame's origin. In memory, a component (all x, then all y...) of a robot's bodies lies
    side by side, because that is how computations take them.
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
    """1 where a body touches the ground, else 0, [N, B]; only feet are filled by a simulator."""

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
class Outlook:
    """Poses to come, as observations show them: [..., C] each, world frame."""

    rows: Tensor
    """The fields below side by side, in the order of `of`, [..., 9 + 2 J]."""

    @classmethod
    def of(cls, coordinates: ResetState) -> Outlook:
        """Return the outlook on coordinates and velocities."""
        axes = x_and_z_axes(coordinates.root_rot)
        return cls(torch.cat((coordinates.root_pos, *axes, coordinates.joint_pos, coordinates.joint_vel), dim=-1))

    @property
    def num_joints(self) -> int:
        """J."""
        return (self.rows.shape[-1] - 9) // 2

    @property
    def root_pos(self) -> Tensor:
        """Root position, m, [..., 3]."""
        return self.rows[..., :3]

    @property
    def root_x_axis(self) -> Tensor:
        """X axis of the root, [..., 3]."""
        return self.rows[..., 3:6]

    @property
    def root_z_axis(self) -> Tensor:
        """Z axis of the root, [..., 3]."""
        return self.rows[..., 6:9]

    @property
    def joint_pos(self) -> Tensor:
        """Joint angles, rad, [..., J]."""
        return self.rows[..., 9 : 9 + self.num_joints]

    @property
    def joint_vel(self) -> Tensor:
        """Joint velocities, rad/s, [..., J]."""
        return self.rows[..., 9 + self.num_joints :]


@dataclass(frozen=True)
class StateLayout:
    """The columns of a state kept as rows [N, D]: the fields of `RobotState` in order, components before bodies."""

    num_joints: int
    """J."""
    num_bodies: int
    """B."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Columns of each field of `RobotState`; their sum is D = 2 J + 14 B."""
        joints, bodies = self.num_joints, self.num_bodies
        return (joints, joints, 3 * bodies, 4 * bodies, 3 * bodies, 3 * bodies, bodies)

    def empty(self, count: int, device: torch.device) -> Tensor:
        """Return rows [count, D] to be filled; all zeros."""
        return torch.zeros(count, sum(self.widths), device=device)

    def split(self, rows: Tensor) -> RobotState:
        """Return rows [N, D] as a state of N robots; views."""
        joints = self.num_joints
        joint_pos, joint_vel, bodies = rows.split((joints, joints, rows.shape[1] - 2 * joints), dim=1)
        body_pos, body_rot, lin_vel, ang_vel, contact = self.bodies(bodies).split((3, 4, 3, 3, 1), dim=2)
        return RobotState(
            joint_pos=joint_pos,
            joint_vel=joint_vel,
            body_pos=body_pos,
            body_rot=body_rot,
            body_lin_vel=lin_vel,
            body_ang_vel=ang_vel,
            body_contact=contact.squeeze(2),
        )

    def positions(self, rows: Tensor) -> Tensor:
        """Return the columns of rows [N, D] that hold the positions of bodies, [N, 3 B]; a view."""
        return rows[:, 2 * self.num_joints : 2 * self.num_joints + 3 * self.num_bodies]

    def bodies(self, columns: Tensor) -> Tensor:
        """Return the columns [N, C B] of a body quantity as [N, B, C]; a view."""
        return columns.unflatten(1, (-1, self.num_bodies)).transpose(1, 2)


@dataclass(frozen=True)
class ResetState:
    """The generalised coordinates and velocities that a reset writes; the simulator derives the bodies from them."""

    rows: Tensor
    """The fields below side by side, in the order of `of`, [N, 13 + 2 J]."""

    @classmethod
    def of(
        cls,
        root_pos: Tensor,
        root_rot: Tensor,
        joint_pos: Tensor,
        root_lin_vel: Tensor,
        root_ang_vel: Tensor,
        joint_vel: Tensor,
    ) -> ResetState:
        """Join positions and velocities, [N, ...] each; see the properties for units and frames."""
        return cls(torch.cat((root_pos, root_rot, joint_pos, root_lin_vel, root_ang_vel, joint_vel), dim=-1))

    @classmethod
    def from_state(cls, state: RobotState) -> ResetState:
        """Return a copy of what determines a state."""
        return cls.of(
            state.root_pos,
            state.root_rot,
            state.joint_pos,
            state.root_lin_vel,
            state.root_ang_vel,
            state.joint_vel,
        )

    @property
    def num_joints(self) -> int:
        """J."""
        return (self.rows.shape[-1] - 13) // 2

    @property
    def root_pos(self) -> Tensor:
        """Root position, m, [N, 3]."""
        return self.rows[..., :3]

    @property
    def root_rot(self) -> Tensor:
        """Root orientation, wxyz, [N, 4]."""
        return self.rows[..., 3:7]

    @property
    def joint_pos(self) -> Tensor:
        """Joint angles, rad, [N, J]."""
        return self.rows[..., 7 : 7 + self.num_joints]

    @property
    def root_lin_vel(self) -> Tensor:
        """Root linear velocity, m/s, world frame, [N, 3]."""
        return self.rows[..., 7 + self.num_joints : 10 + self.num_joints]

    @property
    def root_ang_vel(self) -> Tensor:
        """Root angular velocity, rad/s, world frame, [N, 3]."""
        return self.rows[..., 10 + self.num_joints : 13 + self.num_joints]

    @property
    def joint_vel(self) -> Tensor:
        """Joint velocities, rad/s, [N, J]."""
        return self.rows[..., 13 + self.num_joints :]


def rows_of(mask: Tensor) -> Tensor:
    """Return the numbers of rows to work on, long, where only those in `mask` [N] matter.

    A CPU may look at the mask, and most rows are usually out of it. Other devices take all rows, whatever the mask, so
    that shapes stay fixed and nothing waits.
    """
    if mask.device.type == "cpu":
        return mask.nonzero().flatten()
    return torch.arange(len(mask), device=mask.device)


def write_rows(buffer: Tensor, mask: Tensor, rows: Tensor, values: Tensor) -> None:
    """Write values [n, ...] for rows [n] of a mask [N], see `rows_of`, to a buffer [N, ...]; others stay."""
    if mask.device.type == "cpu":
        buffer.index_copy_(0, rows, values)
    else:
        torch.where(mask.view(-1, *[1] * (buffer.dim() - 1)), values, buffer, out=buffer)


def rest_state(robot: Robot, num_envs: int, device: torch.device) -> ResetState:
    """Return N robots at rest in their default pose, feet on the ground."""
    position = [0.0, 0.0, robot.config.default_root_height, 1.0, 0.0, 0.0, 0.0, *robot.default_joint_pos]
    velocity = [0.0] * (6 + robot.num_joints)
    return ResetState(torch.tensor([*position, *velocity], dtype=torch.float32, device=device).repeat(num_envs, 1))
