# SPDX-License-Identifier: Apache-2.0
"""How a person's pelvis and torso are turned, whatever frames their joints have in the file."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.quaternions import conjugate, rotate
from protomotions_envs.motions.retargeting.frames import (
    frame_from_left_and_up,
    frame_from_up_and_forward,
    matrices,
    mean_direction,
    unit,
)
from protomotions_envs.motions.retargeting.rest_pose import RestPose, top_of_trunk
from protomotions_envs.motions.retargeting.roles import Roles


def trunk_frames(
    positions: np.ndarray, rotations: np.ndarray, roles: Roles, rest: RestPose | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the anatomical frames of pelvis and torso, [T, 3, 3] each.

    A robot's torso is one body from the waist up, so the torso leans as the line from the hips to the neck does, and
    turns with the chest. Without an upright rest pose, the pelvis is taken to lean like that in the middle of the clip.

    Args:
        positions: Of the joints, m, [T, K, 3].
        rotations: Of the joints in the world, wxyz, [T, K, 4].
        roles: Of the joints.
        rest: The rest pose, if upright.
    """
    (left_leg, right_leg), (left_arm, right_arm) = roles.legs, roles.arms
    up = unit(top_of_trunk(positions, roles) - (positions[:, left_leg.hip] + positions[:, right_leg.hip]) / 2)
    pelvis_left = _left(positions, rotations[:, roles.pelvis], left_leg.hip, right_leg.hip)
    chest_left = _left(positions, rotations[:, roles.chest], left_arm.shoulder, right_arm.shoulder)
    pelvis_up = mean_direction(rotate(conjugate(rotations[:, roles.pelvis]), up)) if rest is None else rest.up
    pelvis = matrices(rotations[:, roles.pelvis]) @ frame_from_left_and_up(pelvis_left, pelvis_up)
    torso = _leaning(up, rotate(rotations[:, roles.chest], chest_left))
    if rest is not None:
        # The line from hips to neck need not be upright in upright standing.
        torso = torso @ _leaning(rest.trunk, chest_left).T @ frame_from_left_and_up(chest_left, rest.up)
    return pelvis, torso


def _left(positions: np.ndarray, rotations: np.ndarray, left: int, right: int) -> np.ndarray:
    """Return the direction from the right to the left joint in the frame of what carries both, [3].

    Hips are fixed to the pelvis, shoulders only nearly to the chest, so the middle of the clip counts.
    """
    return mean_direction(rotate(conjugate(rotations), unit(positions[:, left] - positions[:, right])))


def _leaning(up: np.ndarray, left: np.ndarray) -> np.ndarray:
    """Return frames whose z axis is `up` and whose y axis is as near to `left` as that allows, [..., 3, 3]."""
    return frame_from_up_and_forward(up, np.cross(left, up))
