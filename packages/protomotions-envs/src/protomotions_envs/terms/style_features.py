# SPDX-License-Identifier: Apache-2.0
"""What a discriminator sees of one moment: how a robot holds itself and moves, wherever it is and goes."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.state import RobotState


def style_features(state: RobotState, anchor: int, key_bodies: Tensor) -> Tensor:
    """Describe robots independently of place and heading, [N, 13 + 3 K + 2 J].

    Height of the anchor (1), then in its heading frame, all x components, all y, all z: its x and z axes, linear and
    angular velocity, positions of the K key bodies relative to it (3 (4 + K)); then joint angles, rad, and joint
    velocities, rad/s (the features of AMP, Peng et al. 2021, section 5.1, with joint angles for the rotations of
    spherical joints).

    Args:
        state: The robots.
        anchor: Index of the anchor body.
        key_bodies: Indices of the key bodies, [K].
    """
    rotation = state.body_rot[:, anchor : anchor + 1]
    position = state.body_pos[:, anchor : anchor + 1]
    vectors = (
        *rotations.x_and_z_axes(rotation),
        state.body_lin_vel[:, anchor : anchor + 1],
        state.body_ang_vel[:, anchor : anchor + 1],
        state.body_pos[:, key_bodies] - position,
    )
    components = torch.cat([part.transpose(1, 2) for part in vectors], dim=2)
    local = rotations.turn_into_heading_frame(rotations.heading(rotation[:, 0]), components)
    return torch.cat((position[:, 0, 2:], local.flatten(1), state.joint_pos, state.joint_vel), dim=1)
