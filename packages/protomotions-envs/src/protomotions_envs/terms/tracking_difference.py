# SPDX-License-Identifier: Apache-2.0
"""What a discriminator of differences sees: how a robot differs from where it should be now."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.state import RobotState


def tracking_difference(state: RobotState, reference: RobotState, anchor: int) -> Tensor:
    """Return reference minus actual maximal coordinates in the world frame, zeros where they agree, [N, 15 B - 2].

    Difference of the anchor's height (1), then, all x components, all y, all z: differences of the positions of all
    other bodies, m (B - 1), of the rotated x axes (B) and z axes (B), of linear (B) and angular velocities (B) (the
    differential vector of ADD, Zhang et al. 2025, with the six-number rotations of Zhou et al. 2019). Positions are
    not relative to anything, so drift shows; where the anchor is horizontally, the other bodies tell.

    Args:
        state: The robots.
        reference: Where they should be at the same moment.
        anchor: Index of the anchor body.
    """
    offset = reference.body_pos - state.body_pos
    x_axes, z_axes = rotations.x_and_z_axes(state.body_rot)
    reference_x_axes, reference_z_axes = rotations.x_and_z_axes(reference.body_rot)
    differences = (
        offset[:, :anchor],
        offset[:, anchor + 1 :],
        reference_x_axes - x_axes,
        reference_z_axes - z_axes,
        reference.body_lin_vel - state.body_lin_vel,
        reference.body_ang_vel - state.body_ang_vel,
    )
    components = torch.cat([part.transpose(1, 2) for part in differences], dim=2)
    return torch.cat((offset[:, anchor, 2:], components.flatten(1)), dim=1)
