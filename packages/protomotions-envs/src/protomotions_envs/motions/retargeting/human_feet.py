# SPDX-License-Identifier: Apache-2.0
"""How a person's feet are turned and where their soles are, whatever frames their joints have in the file."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.quaternions import conjugate, rotate
from protomotions_envs.motions.retargeting.frames import frame_from_up_and_forward, matrices, mean_direction, unit
from protomotions_envs.motions.retargeting.rest_pose import RestPose
from protomotions_envs.motions.retargeting.roles import Leg

ANKLE_HEIGHT = 0.1
"""Of the ankle above the sole in lengths of the leg (Winter 2009, fig. 4.1: .039 to .491 of stature, plus a shoe)."""
FOOT_LENGTH, HEEL_LENGTH = 0.25, 0.07
"""From the ankle forward to the ball, where a skeleton has no such point, and back to the heel, likewise."""
_MOST_OFF_LEVEL = np.cos(np.radians(40.0))
_UP = np.array([0.0, 0.0, 1.0])


def foot_frames(
    positions: np.ndarray,
    rotations: np.ndarray,
    leg: Leg,
    standing: np.ndarray,
    pelvis: np.ndarray,
    rest: RestPose | None,
) -> np.ndarray:
    """Return a foot's anatomical frame, level while it stands, [T, 3, 3].

    It points to the toes, else to where the pelvis does in the middle of the clip. Where it never seems to stand level,
    it is level as in the rest pose, else when the shank is upright on it.

    Args:
        positions: Of the joints, m, [T, K, 3].
        rotations: Of the joints in the world, wxyz, [T, K, 4].
        leg: Its joints.
        standing: When the foot seems to stand, bool, [T].
        pelvis: Frame of the pelvis, [T, 3, 3].
        rest: The rest pose, if upright; its feet are level too, but for a few degrees.
    """
    turns = rotations[:, leg.ankle]
    ahead = pelvis[..., 0] if leg.toe is None else unit(positions[:, leg.toe] - positions[:, leg.ankle])
    forward = mean_direction(rotate(conjugate(turns), ahead))
    # Where the shank stands upright on the foot is nearly up too.
    shank = unit(positions[:, leg.knee] - positions[:, leg.ankle])
    nearly_up = mean_direction(rotate(conjugate(turns), shank)) if rest is None else rest.up
    up = mean_direction(rotate(conjugate(turns[standing]), _UP)) if standing.any() else nearly_up
    # Who crawls or stands on tiptoe all the time isn't level then.
    if up @ nearly_up < _MOST_OFF_LEVEL:
        up = nearly_up
    return matrices(turns) @ frame_from_up_and_forward(up, forward)


def heel_and_ball(
    positions: np.ndarray, leg: Leg, ankle: np.ndarray, frames: np.ndarray, leg_length: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest points of a foot's heel and ball, m, [T, 3] each.

    Args:
        positions: Of the joints, m, [T, K, 3].
        leg: Its joints.
        ankle: Where the ankle is, m, [T, 3].
        frames: Of the foot, [T, 3, 3].
        leg_length: m.
    """
    forward, below = frames[..., 0], ankle - ANKLE_HEIGHT * leg_length * frames[..., 2]
    length = FOOT_LENGTH * leg_length
    if leg.toe is not None:
        toe = positions[0, leg.toe] - positions[0, leg.ankle]
        length = max(float(toe @ forward[0]), 0.5 * float(np.linalg.norm(toe)))
    return below - HEEL_LENGTH * leg_length * forward, below + length * forward
