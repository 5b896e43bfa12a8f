# SPDX-License-Identifier: Apache-2.0
"""How far a robot is from its reference, in the units of the quantity; rewards, ends and evaluation share these."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.lazy_property import lazy_property
from protomotions_envs.state import RobotState


@dataclass(frozen=True)
class TrackingErrors:
    """Errors of N robots; each is computed when it is first asked for, and once."""

    state: RobotState
    """The robots."""
    reference: RobotState
    """Where they should be."""

    @lazy_property
    def body_positions(self) -> Tensor:
        """Difference of body positions, m, [N, B, 3]."""
        return self.state.body_pos - self.reference.body_pos

    @lazy_property
    def body_distances(self) -> Tensor:
        """Distance of each body to its reference, m, [N, B]."""
        return rotations.squared_length(self.body_positions).sqrt()

    @lazy_property
    def root_relative_distances(self) -> Tensor:
        """Distance of each body to its reference once both roots' positions coincide, m, [N, B]."""
        return rotations.squared_length(self.body_positions - self.body_positions[:, :1]).sqrt()

    @lazy_property
    def heading_relative_positions(self) -> Tensor:
        """Difference of body positions once both roots coincide horizontally and in heading, m, [N, B, 3].

        Heights are kept. The difference is in the frame of the robot's root position, world axes.
        """
        yaw, reference_yaw = rotations.yaw_angle(self._root_rotations).unbind()
        # Turning the reference by the difference of the headings takes half as much as turning both.
        turned = self.reference.body_pos.transpose(1, 2).clone()
        rotations.turn_into_heading_frame(rotations.direction(reference_yaw - yaw), turned)
        difference = self.state.body_pos - turned.transpose(1, 2)
        drift = difference[:, :1].clone()
        drift[..., 2].zero_()
        return difference.sub_(drift)

    @lazy_property
    def body_angles(self) -> Tensor:
        """Angle between each body and its reference, rad, [N, B]."""
        return rotations.angle_between(self.state.body_rot, self.reference.body_rot)

    @lazy_property
    def body_velocities(self) -> Tensor:
        """Difference of linear body velocities, m/s, [N, B, 3]."""
        return self.state.body_lin_vel - self.reference.body_lin_vel

    @lazy_property
    def body_angular_velocities(self) -> Tensor:
        """Difference of angular body velocities, rad/s, [N, B, 3]."""
        return self.state.body_ang_vel - self.reference.body_ang_vel

    @lazy_property
    def root_height(self) -> Tensor:
        """Difference of root heights, m, at least 0, [N]."""
        return self.body_positions[:, 0, 2].abs()

    @lazy_property
    def root_tilt(self) -> Tensor:
        """Angle between the roots' z axes, rad, [N]; yaw doesn't count."""
        up, reference_up = rotations.z_axis(self._root_rotations)
        return (up * reference_up).sum(-1).clamp(-1.0, 1.0).arccos()

    @lazy_property
    def _root_rotations(self) -> Tensor:
        """Orientations of the roots and of their references, [2, N, 4]."""
        return torch.stack((self.state.root_rot, self.reference.root_rot))
