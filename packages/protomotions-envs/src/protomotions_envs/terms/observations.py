# SPDX-License-Identifier: Apache-2.0
"""Observation terms: what a policy sees, independent of where the robot stands and which way it faces.

The heading frame has its origin on the anchor body and is turned about z so that x follows the anchor's x axis. Terms
take its `yaw`, that is `rotations.heading` of the anchor's orientation, because they share it.
"""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.state import RobotState


def max_coords(state: RobotState, anchor: int, yaw: Tensor) -> Tensor:
    """Describe every body in the heading frame of the anchor, [N, 15 B - 2].

    In this order: height of the anchor above the ground (1); positions of all other bodies relative to the anchor
    (3 (B - 1)); orientations as the rotated x and z axes (6 B); linear velocities (3 B); angular velocities (3 B)
    (the maximal coordinates of DeepMimic, section 5, with the six-number rotations of Zhou et al. 2019).

    Args:
        state: The robots.
        anchor: Index of the anchor body.
        yaw: Its heading, [N, 2].
    """
    offset = state.body_pos - state.body_pos[:, anchor : anchor + 1]
    others = torch.cat((offset[:, :anchor], offset[:, anchor + 1 :]), dim=1)
    x_axes, z_axes = rotations.x_and_z_axes(state.body_rot)
    # One rotation of everything is several times faster than one per quantity.
    vectors = torch.cat((others, x_axes, z_axes, state.body_lin_vel, state.body_ang_vel), dim=1)
    local = rotations.to_heading_frame(yaw, vectors)
    bodies = state.body_pos.shape[1]
    positions, x_axes, z_axes, velocities = local.split([bodies - 1, bodies, bodies, 2 * bodies], dim=1)
    orientations = torch.cat((x_axes, z_axes), dim=-1)
    height = state.body_pos[:, anchor, 2:]
    return torch.cat((height, positions.flatten(1), orientations.flatten(1), velocities.flatten(1)), dim=1)


def joint_state(state: RobotState) -> Tensor:
    """Return joint angles, rad, then joint velocities, rad/s, [N, 2 J]."""
    return torch.cat((state.joint_pos, state.joint_vel), dim=1)


def body_difference(state: RobotState, reference: RobotState, yaw: Tensor) -> Tensor:
    """Return reference minus actual position of every body in the heading frame of the anchor, m, [N, 3 B]."""
    return rotations.to_heading_frame(yaw, reference.body_pos - state.body_pos).flatten(1)


def future_poses(state: RobotState, root_pos: Tensor, root_rot: Tensor, joint_pos: Tensor, yaw: Tensor) -> Tensor:
    """Describe K future reference poses, relative to where the robot is now, [N, K (9 + J)].

    Per pose: root position relative to the robot's root and root orientation as x and z axes, both in the heading
    frame of the anchor; joint angles.

    Args:
        state: The robots.
        root_pos: Reference root positions, m, [N, K, 3].
        root_rot: Reference root orientations, wxyz, [N, K, 4].
        joint_pos: Reference joint angles, rad, [N, K, J].
        yaw: Heading of the anchor, [N, 2].
    """
    vectors = torch.stack((root_pos - state.root_pos.unsqueeze(1), *rotations.x_and_z_axes(root_rot)), dim=2)
    local = rotations.to_heading_frame(yaw, vectors)
    return torch.cat((local.flatten(2), joint_pos), dim=-1).flatten(1)


def mimic_target(state: RobotState, reference: RobotState, anchor: int, yaw: Tensor) -> Tensor:
    """Describe one reference frame in full, relative to the robot, [N, 24 B].

    In this order, all in the heading frame of the anchor: reference body positions relative to the anchor (3 B) and to
    the same body (3 B); reference orientations (6 B); orientation differences q_body^-1 q_reference (6 B, body frame);
    differences of linear (3 B) and angular velocity (3 B) (ProtoMotions' max-coords mimic target).
    """
    x_axes, z_axes = rotations.x_and_z_axes(reference.body_rot)
    vectors = torch.cat(
        (
            reference.body_pos - state.body_pos[:, anchor : anchor + 1],
            reference.body_pos - state.body_pos,
            x_axes,
            z_axes,
            reference.body_lin_vel - state.body_lin_vel,
            reference.body_ang_vel - state.body_ang_vel,
        ),
        dim=1,
    )
    bodies = state.body_pos.shape[1]
    to_anchor, to_body, x_axes, z_axes, velocities = rotations.to_heading_frame(yaw, vectors).split(
        [bodies, bodies, bodies, bodies, 2 * bodies], dim=1
    )
    orientations = torch.cat((x_axes, z_axes), dim=-1)
    relative = rotations.multiply(rotations.conjugate(state.body_rot), reference.body_rot)
    turn = torch.cat(rotations.x_and_z_axes(relative), dim=-1)
    parts = (to_anchor, to_body, orientations, turn, velocities)
    return torch.cat([part.flatten(1) for part in parts], dim=1)
