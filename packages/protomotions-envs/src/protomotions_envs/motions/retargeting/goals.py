# SPDX-License-Identifier: Apache-2.0
"""What inverse kinematics is to reach in each frame, and how much each part of it counts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protomotions_envs.motions.retargeting.arm_clearance import beside_legs
from protomotions_envs.motions.retargeting.foot_locking import LockedFeet
from protomotions_envs.motions.retargeting.frames import matrices
from protomotions_envs.motions.retargeting.landmarks import RobotLandmarks
from protomotions_envs.motions.retargeting.targets import Targets
from protomotions_envs.motions.retargeting.zero_pose import Landmark

PELVIS_COSTS, TORSO_COST = (2.0, 1.0), 1.0
"""Of the pelvis' position, per metre, and orientation, per radian; of the torso's orientation."""
LIMB_COST = 1.0
"""Of the positions of knees, elbows and wrists."""
STANDING_COSTS, FLYING_COSTS = (30.0, 5.0), (5.0, 1.0)
"""Of a foot's position and orientation while it stands and while it is in the air."""
_PELVIS, _TORSO, _KNEES, _ANKLES = 0, 1, slice(2, 4), slice(4, 6)


@dataclass(frozen=True, eq=False)
class Goals:
    """T frames of goals for n landmarks: pelvis, torso, knees, ankles, elbows, wrists, left before right."""

    positions: np.ndarray
    """m, [T, n, 3]."""
    frames: np.ndarray
    """[T, n, 3, 3]."""
    position_costs: np.ndarray
    """Per metre, 0 where the position doesn't count, [T, n]."""
    rotation_costs: np.ndarray
    """Per radian about the axes of the goal's frame, 0 where a turn doesn't count, [T, n, 3]."""


def followed(landmarks: RobotLandmarks) -> tuple[Landmark, ...]:
    """Return the landmarks in the order of goals."""
    limbs = (landmarks.legs, landmarks.arms)
    ends = [point for pair in limbs for point in (*(limb.middle for limb in pair), *(limb.end for limb in pair))]
    return (landmarks.pelvis, landmarks.torso, *ends)


def places(targets: Targets) -> np.ndarray:
    """Return where the landmarks would be, in the order of goals, m, [T, n, 3]; the torso's place is not known."""
    root = targets.root[:, None]
    return np.concatenate((root, root, targets.knees, targets.ankles, targets.elbows, targets.wrists), axis=1)


def goals_of(targets: Targets, feet: LockedFeet, landmarks: RobotLandmarks, excess: float) -> Goals:
    """Return the goals of a robot that follows targets with its feet locked and its arms beside its legs.

    Args:
        targets: What the person does.
        feet: What the feet do.
        landmarks: Of the robot.
        excess: See `beside_legs`.
    """
    positions = places(targets)
    positions[:, _ANKLES] = feet.ankles
    elbows, wrists = beside_legs(targets.shoulders, targets.elbows, targets.wrists, targets.hips, targets.torso, excess)
    positions[:, 6:] = np.concatenate((elbows, wrists), axis=1)
    frames = np.tile(np.eye(3), (*positions.shape[:2], 1, 1))
    frames[:, _PELVIS], frames[:, _TORSO], frames[:, _ANKLES] = targets.pelvis, targets.torso, feet.frames
    position_costs = np.full(positions.shape[:2], LIMB_COST)
    rotation_costs = np.zeros_like(positions)
    position_costs[:, _PELVIS], rotation_costs[:, _PELVIS] = PELVIS_COSTS
    position_costs[:, _TORSO], rotation_costs[:, _TORSO] = 0.0, TORSO_COST
    _set_foot_costs(position_costs, rotation_costs, feet, landmarks.ankles_roll)
    return Goals(positions, frames, position_costs, rotation_costs)


def goals_near(smooth: np.ndarray, goals: Goals) -> Goals:
    """Return goals that keep the feet of others and otherwise the pelvis of a smooth motion.

    Args:
        smooth: Generalised positions, [T, 7 + J].
        goals: Whose feet to keep.
    """
    positions, frames = goals.positions.copy(), goals.frames.copy()
    positions[:, _PELVIS], frames[:, _PELVIS] = smooth[:, :3], matrices(smooth[:, 3:7])
    position_costs, rotation_costs = np.zeros_like(goals.position_costs), np.zeros_like(goals.rotation_costs)
    position_costs[:, _PELVIS], rotation_costs[:, _PELVIS] = PELVIS_COSTS
    position_costs[:, _ANKLES] = goals.position_costs[:, _ANKLES]
    rotation_costs[:, _ANKLES] = goals.rotation_costs[:, _ANKLES]
    return Goals(positions, frames, position_costs, rotation_costs)


def _set_foot_costs(
    position_costs: np.ndarray, rotation_costs: np.ndarray, feet: LockedFeet, ankles_roll: bool
) -> None:
    (standing, standing_turn), (flying, flying_turn) = STANDING_COSTS, FLYING_COSTS
    position_costs[:, _ANKLES] = flying + feet.hold * (standing - flying)
    rotation_costs[:, _ANKLES] = (flying_turn + feet.hold * (standing_turn - flying_turn))[..., None]
    if not ankles_roll:
        # The foot would be kept level by leaning the whole robot.
        rotation_costs[:, _ANKLES, 0] = 0.0
