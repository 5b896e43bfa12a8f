# SPDX-License-Identifier: Apache-2.0
"""A person's motion in terms that hold for everyone: directions of bones, frames of pelvis, torso and feet.

Files differ in their rest poses, so a joint's recorded orientation means nothing by itself. Positions do, and they tell
how each joint's frame is turned against the anatomical one (x forward, y left, z up in upright standing): the hips lie
to the left and right in the pelvis' frame, the sole is level while the foot stands. That turn is the same in all frames
of a clip, so that it is found once, after which orientations are as exact as the recording.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.retargeting.frames import unit
from protomotions_envs.motions.retargeting.ground import Ground
from protomotions_envs.motions.retargeting.human_feet import ANKLE_HEIGHT, foot_frames, heel_and_ball
from protomotions_envs.motions.retargeting.rest_pose import upright_rest
from protomotions_envs.motions.retargeting.roles import find_roles
from protomotions_envs.motions.retargeting.trunk import trunk_frames
from protomotions_envs.motions.skeleton import SkeletonMotion

_SHORTEST_BONE = 1e-6


@dataclass(frozen=True, eq=False)
class Person:
    """T frames of a person; metres, the world's z axis up, the ground at height 0. Pairs are left and right."""

    leg_length: float
    """Hip to knee to ankle, mean of both legs."""
    hip_width: float
    """Between both hips."""
    shoulder_width: float
    """Between both shoulders, in the middle of the clip."""
    ankle_height: float
    """Of a standing foot's ankle above the ground."""
    hips: np.ndarray
    """Middle of both hips, [T, 3]."""
    pelvis: np.ndarray
    """Anatomical frame, [T, 3, 3]."""
    torso: np.ndarray
    """Anatomical frame, [T, 3, 3]."""
    legs: np.ndarray
    """Unit directions hip to knee and knee to ankle, [T, side, 2, 3]."""
    arms: np.ndarray
    """Unit directions shoulder to elbow and elbow to wrist, [T, side, 2, 3]."""
    feet: np.ndarray
    """Anatomical frames, [T, side, 3, 3]."""
    heels: np.ndarray
    """Lowest points of the heels, [T, side, 3]."""
    balls: np.ndarray
    """Lowest points of the balls of the feet, [T, side, 3]."""


def observe(motion: SkeletonMotion, label: str) -> Person:
    """Return what a skeleton's motion shows of the person.

    Args:
        motion: Checked.
        label: How errors call the clip.

    Raises:
        MotionError: A joint of legs or arms is missing, or a bone of them has no length.
    """
    roles, (positions, rotations) = find_roles(motion.skeleton, label), motion.world_poses()
    legs = _limbs(positions, [(leg.hip, leg.knee, leg.ankle) for leg in roles.legs], label)
    arms = _limbs(positions, [(arm.shoulder, arm.elbow, arm.wrist) for arm in roles.arms], label)
    leg_length = float(np.linalg.norm(np.diff(legs[0], axis=1), axis=-1).sum(axis=-1).mean())
    ankles, ankle_height = legs[:, :, 2], ANKLE_HEIGHT * leg_length
    ground = Ground(ankles, ankle_height, motion.fps, leg_length)
    rest = upright_rest(motion.skeleton, roles)
    pelvis, torso = trunk_frames(positions, rotations, roles, rest)
    feet = [
        foot_frames(positions, rotations, leg, ground.standing[:, side], pelvis, rest)
        for side, leg in enumerate(roles.legs)
    ]
    soles = [
        heel_and_ball(positions, leg, ground.lowered(ankles[:, side]), feet[side], leg_length)
        for side, leg in enumerate(roles.legs)
    ]
    return Person(
        leg_length=leg_length,
        hip_width=_median_distance(legs[:, 0, 0], legs[:, 1, 0]),
        shoulder_width=_median_distance(arms[:, 0, 0], arms[:, 1, 0]),
        ankle_height=ankle_height,
        hips=ground.lowered(legs[:, :, 0].mean(axis=1)),
        pelvis=pelvis,
        torso=torso,
        legs=unit(np.diff(legs, axis=2)),
        arms=unit(np.diff(arms, axis=2)),
        feet=np.stack(feet, axis=1),
        heels=np.stack([heel for heel, _ in soles], axis=1),
        balls=np.stack([ball for _, ball in soles], axis=1),
    )


def _limbs(positions: np.ndarray, joints: list[tuple[int, int, int]], label: str) -> np.ndarray:
    """Return the joints of a pair of limbs, m, [T, side, 3 joints, 3]."""
    limbs = positions[:, np.array(joints)]
    if np.linalg.norm(np.diff(limbs[0], axis=1), axis=-1).min() < _SHORTEST_BONE:
        raise MotionError(f"{label}: a bone of an arm or a leg has no length; the skeleton's offsets may be missing")
    return limbs


def _median_distance(first: np.ndarray, second: np.ndarray) -> float:
    return float(np.median(np.linalg.norm(first - second, axis=-1)))
