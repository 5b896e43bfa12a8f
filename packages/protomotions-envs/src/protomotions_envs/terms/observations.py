# SPDX-License-Identifier: Apache-2.0
"""Observation terms: what a policy sees, independent of where the robot stands and which way it faces.

Where a term lists several kinds of vectors [3] "in the heading frame", it gives the x components of all of them, in the
order listed, then all y, then all z.

The heading frame has its origin on the anchor body and is turned about z so that x follows the anchor's x axis. Terms
take its `yaw`, that is `rotations.heading` of the anchor's orientation, because they share it.

A term gives its columns in blocks, [N, ...] each, that stand side by side; all terms together are joined at once.
"""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.state import Outlook, RobotState

Blocks = tuple[Tensor, ...]
"""The columns of a term."""


def max_coords(state: RobotState, anchor: int, yaw: Tensor) -> Blocks:
    """Describe every body in the heading frame of the anchor, [N, 15 B - 2].

    Height of the anchor above the ground (1), then in the heading frame: positions of all other bodies relative to the
    anchor (B - 1), orientations as the rotated x axes (B) and z axes (B), linear velocities (B), angular velocities (B)
    (the maximal coordinates of DeepMimic, section 5, with the six-number rotations of Zhou et al. 2019).

    Args:
        state: The robots.
        anchor: Index of the anchor body.
        yaw: Its heading, [N, 2].
    """
    offset = state.body_pos - state.body_pos[:, anchor : anchor + 1]
    x_axes, z_axes = rotations.x_and_z_axes(state.body_rot)
    velocities = (state.body_lin_vel, state.body_ang_vel)
    local = _local(yaw, offset[:, :anchor], offset[:, anchor + 1 :], x_axes, z_axes, *velocities)
    return state.body_pos[:, anchor, 2:], local


def joint_state(state: RobotState) -> Blocks:
    """Return joint angles, rad, then joint velocities, rad/s, [N, 2 J]."""
    return state.joint_pos, state.joint_vel


def body_difference(state: RobotState, reference_pos: Tensor, yaw: Tensor) -> Blocks:
    """Return reference [N, B, 3] minus actual body positions, in the heading frame of the anchor, m, [N, 3 B]."""
    return (_local(yaw, reference_pos - state.body_pos),)


def future_poses(state: RobotState, future: Outlook, yaw: Tensor) -> Blocks:
    """Describe K future reference poses, relative to where the robot is now, [N, K (9 + J)].

    In the heading frame of the anchor: root positions relative to the robot's root (K), root orientations as x axes (K)
    and z axes (K). Then joint angles (K J).

    Args:
        state: The robots.
        future: The references, [N, K, 9 + 2 J]; velocities are not looked at.
        yaw: Heading of the anchor, [N, 2].
    """
    offset = future.root_pos - state.root_pos.unsqueeze(1)
    return _local(yaw, offset, future.root_x_axis, future.root_z_axis), *future.joint_pos.unbind(1)


def mimic_target(state: RobotState, reference: RobotState, anchor: int, yaw: Tensor) -> Blocks:
    """Describe one reference frame in full, relative to the robot, [N, 24 B].

    In the heading frame of the anchor: reference body positions relative to the anchor (B) and to the same body (B), x
    and z axes of the reference orientations (B each), differences of linear (B) and angular velocity (B). Then, in each
    body's own frame and body by body: x axes and z axes of the orientation differences q_body^-1 q_reference (3 B each)
    (ProtoMotions' max-coords mimic target).
    """
    local = _local(
        yaw,
        reference.body_pos - state.body_pos[:, anchor : anchor + 1],
        reference.body_pos - state.body_pos,
        *rotations.x_and_z_axes(reference.body_rot),
        reference.body_lin_vel - state.body_lin_vel,
        reference.body_ang_vel - state.body_ang_vel,
    )
    relative = rotations.multiply(rotations.conjugate(state.body_rot), reference.body_rot)
    x_axes, z_axes = rotations.x_and_z_axes(relative)
    return local, x_axes.flatten(1), z_axes.flatten(1)


def _local(yaw: Tensor, *vectors: Tensor) -> Tensor:
    """Express world vectors, [N, n, 3] each, in the heading frame: x of all, y of all, z of all, [N, 3 (n + ...)]."""
    # One rotation of all vectors, in place, is several times faster than one of each kind.
    components = torch.cat([part.transpose(1, 2) for part in vectors], dim=2)
    return rotations.turn_into_heading_frame(yaw, components).flatten(1)
