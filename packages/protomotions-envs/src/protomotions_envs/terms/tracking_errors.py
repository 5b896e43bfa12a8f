# SPDX-License-Identifier: Apache-2.0
"""How far a robot is from its reference, in the units of the quantity; rewards, ends and evaluation share these."""

from __future__ import annotations

from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.state import RobotState


def body_distances(state: RobotState, reference: RobotState) -> Tensor:
    """Return the distance of each body to its reference, m, [N, B]."""
    return (state.body_pos - reference.body_pos).norm(dim=-1)


def root_relative_distances(state: RobotState, reference: RobotState) -> Tensor:
    """Return the distance of each body to its reference once both roots' positions coincide, m, [N, B]."""
    return (aligned_body_positions(state) - aligned_body_positions(reference)).norm(dim=-1)


def aligned_body_positions(state: RobotState) -> Tensor:
    """Return body positions relative to the root's position, world axes, m, [N, B, 3]."""
    return state.body_pos - state.body_pos[:, :1]


def heading_relative_positions(state: RobotState) -> Tensor:
    """Return body positions in the heading frame of the root, with heights kept, m, [N, B, 3]."""
    yaw = rotations.heading(state.root_rot)
    origin = state.root_pos.unsqueeze(1) * state.root_pos.new_tensor([1.0, 1.0, 0.0])
    return rotations.to_heading_frame(yaw, state.body_pos - origin)


def body_angles(state: RobotState, reference: RobotState) -> Tensor:
    """Return the angle between each body and its reference, rad, [N, B]."""
    return rotations.angle_between(state.body_rot, reference.body_rot)


def root_height_error(state: RobotState, reference: RobotState) -> Tensor:
    """Return the difference of root heights, m, [N]."""
    return (state.root_pos[:, 2] - reference.root_pos[:, 2]).abs()


def root_tilt_error(state: RobotState, reference: RobotState) -> Tensor:
    """Return the angle between the roots' z axes, rad, [N]; yaw doesn't count."""
    up = rotations.x_and_z_axes(state.root_rot)[1]
    reference_up = rotations.x_and_z_axes(reference.root_rot)[1]
    return (up * reference_up).sum(-1).clamp(-1.0, 1.0).arccos()
