# SPDX-License-Identifier: Apache-2.0
"""How far a robot is from its reference, in the units of the quantity; rewards, ends and evaluation share these."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.state import RobotState


def body_distances(state: RobotState, reference: RobotState) -> Tensor:
    """Return the distance of each body to its reference, m, [N, B]."""
    return torch.linalg.vector_norm(state.body_pos - reference.body_pos, dim=-1)


def root_relative_distances(state: RobotState, reference: RobotState) -> Tensor:
    """Return the distance of each body to its reference once both roots' positions coincide, m, [N, B]."""
    return torch.linalg.vector_norm(aligned_body_positions(state) - aligned_body_positions(reference), dim=-1)


def aligned_body_positions(state: RobotState) -> Tensor:
    """Return body positions relative to the root's position, world axes, m, [N, B, 3]."""
    return state.body_pos - state.body_pos[:, :1]


def heading_relative_difference(state: RobotState, reference: RobotState) -> Tensor:
    """Return how body positions differ once both roots coincide horizontally and in heading, m, [N, B, 3].

    Heights are kept. The difference is in the frame of the robot's root position, world axes.
    """
    yaw, reference_yaw = rotations.heading(state.root_rot), rotations.heading(reference.root_rot)
    cos, sin = yaw.unbind(-1)
    reference_cos, reference_sin = reference_yaw.unbind(-1)
    # Turning the reference by the difference of the headings takes half as much as turning both into their own frames.
    back = torch.stack((cos * reference_cos + sin * reference_sin, cos * reference_sin - sin * reference_cos), dim=-1)
    horizontal = state.root_pos.new_tensor([1.0, 1.0, 0.0])
    own = state.body_pos - (state.root_pos * horizontal).unsqueeze(1)
    other = reference.body_pos - (reference.root_pos * horizontal).unsqueeze(1)
    return own - rotations.to_heading_frame(back, other)


def body_angles(state: RobotState, reference: RobotState) -> Tensor:
    """Return the angle between each body and its reference, rad, [N, B]."""
    return rotations.angle_between(state.body_rot, reference.body_rot)


def root_height_error(state: RobotState, reference: RobotState) -> Tensor:
    """Return the difference of root heights, m, [N]."""
    return (state.root_pos[:, 2] - reference.root_pos[:, 2]).abs()


def root_tilt_error(state: RobotState, reference: RobotState) -> Tensor:
    """Return the angle between the roots' z axes, rad, [N]; yaw doesn't count."""
    up, reference_up = rotations.z_axis(state.root_rot), rotations.z_axis(reference.root_rot)
    return (up * reference_up).sum(-1).clamp(-1.0, 1.0).arccos()
