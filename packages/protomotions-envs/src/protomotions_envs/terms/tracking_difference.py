# SPDX-License-Identifier: Apache-2.0
"""What a discriminator of differences sees: how a robot differs from where it should be now."""

from __future__ import annotations

import torch

from protomotions_envs import rotations
from protomotions_envs.state import RobotState
from protomotions_envs.terms.observations import Blocks


def tracking_difference(state: RobotState, reference: RobotState, anchor: int) -> Blocks:
    """Return reference minus actual poses and joint velocities, zeros where they agree, [N, 9 B - 3 + J].

    In the world frame, all x components, all y, all z: differences of the positions of all bodies, m (B), of the
    positions of all others relative to the anchor, m (B - 1), and the rotation vectors that turn the bodies into their
    references, rad (B). After them differences of joint velocities, rad/s (J). (A differential vector of ADD, Zhang et
    al. 2025.) The first show drift, the second the pose without it; the last show a trembling that poses hardly feel.
    Velocities of bodies aren't compared: beside them positions count for less.

    Args:
        state: The robots.
        reference: Where they should be at the same moment.
        anchor: Index of the anchor body.
    """
    offset = reference.body_pos - state.body_pos
    relative = offset - offset[:, anchor : anchor + 1]
    turn = rotations.rotation_vector(rotations.multiply(reference.body_rot, rotations.conjugate(state.body_rot)))
    differences = (offset, relative[:, :anchor], relative[:, anchor + 1 :], turn)
    poses = torch.cat([part.transpose(1, 2) for part in differences], dim=2).flatten(1)
    return poses, reference.joint_vel - state.joint_vel
