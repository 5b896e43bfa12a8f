# SPDX-License-Identifier: Apache-2.0
"""Where a robot's points would be if it moved exactly as the person, with its own lengths of bones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protomotions_envs.motions.retargeting.frames import frame_from_up_and_forward
from protomotions_envs.motions.retargeting.landmarks import LimbLandmarks, RobotLandmarks
from protomotions_envs.motions.retargeting.person import Person


@dataclass(frozen=True, eq=False)
class Targets:
    """T frames of goals, m, the ground at height 0. Pairs are left and right."""

    root: np.ndarray
    """Origin of the root body, [T, 3]."""
    pelvis: np.ndarray
    """Frame of the root body, [T, 3, 3]."""
    torso: np.ndarray
    """Frame of the torso, [T, 3, 3]."""
    hips: np.ndarray
    """[T, side, 3]."""
    knees: np.ndarray
    """[T, side, 3]."""
    ankles: np.ndarray
    """[T, side, 3]."""
    feet: np.ndarray
    """Frames of the feet, [T, side, 3, 3]."""
    shoulders: np.ndarray
    """[T, side, 3]."""
    elbows: np.ndarray
    """[T, side, 3]."""
    wrists: np.ndarray
    """[T, side, 3]."""


def robot_sized(person: Person, landmarks: RobotLandmarks, ankle_height: float, scale: float | None = None) -> Targets:
    """Walk along a person's bones with a robot's lengths.

    Hips go where the person's go, scaled; from there on each bone has the person's direction and the robot's length.

    Args:
        person: Whom to follow.
        landmarks: Of the robot.
        ankle_height: Of the robot's ankles above its soles, m.
        scale: Distances travelled over the ground as a share of the person's; the ratio of the legs' lengths, which
            heights always have, if left out.
    """
    ratio = size_ratio(person, landmarks)
    travel = ratio if scale is None else scale
    hip_middle = (landmarks.legs[0].root + landmarks.legs[1].root) / 2
    hips = [travel, travel, ratio] * (person.hips - [0.0, 0.0, person.ankle_height]) + [0.0, 0.0, ankle_height]
    pelvis = person.pelvis
    if not landmarks.waist_bends:
        # Trunk and pelvis are one then but for the heading; the trunk's lean is the one that shows.
        pelvis = frame_from_up_and_forward(person.torso[..., 2], pelvis[..., 0])
    root = hips - pelvis @ hip_middle
    waist = root + pelvis @ landmarks.waist
    hip_points = _roots(landmarks.legs, root, pelvis)
    shoulders = _roots(landmarks.arms, waist - person.torso @ landmarks.waist, person.torso)
    knees, ankles = _walk(landmarks.legs, hip_points, person.legs)
    elbows, wrists = _walk(landmarks.arms, shoulders, person.arms)
    return Targets(root, pelvis, person.torso, hip_points, knees, ankles, person.feet, shoulders, elbows, wrists)


def hip_excess(person: Person, landmarks: RobotLandmarks) -> float:
    """Return how much further out each of a robot's hips is, against its shoulders, than those of a person, m."""
    hips, shoulders = (limbs[0].root[1] - limbs[1].root[1] for limbs in (landmarks.legs, landmarks.arms))
    return float(size_ratio(person, landmarks) * (person.shoulder_width - person.hip_width) - (shoulders - hips)) / 2


def size_ratio(person: Person, landmarks: RobotLandmarks) -> float:
    """Return the length of a robot's legs as a share of a person's."""
    lengths = [leg.upper_length + leg.lower_length for leg in landmarks.legs]
    return float(np.mean(lengths)) / person.leg_length


def _roots(limbs: tuple[LimbLandmarks, LimbLandmarks], origin: np.ndarray, frame: np.ndarray) -> np.ndarray:
    """Return where limbs start on a body of which the origin and frame are given, m, [T, side, 3]."""
    return np.stack([origin + frame @ limb.root for limb in limbs], axis=1)


def _walk(
    limbs: tuple[LimbLandmarks, LimbLandmarks], roots: np.ndarray, directions: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the middles and ends of both limbs, [T, side, 3] each."""
    upper = np.array([[limb.upper_length] for limb in limbs])
    lower = np.array([[limb.lower_length] for limb in limbs])
    middles = roots + upper * directions[:, :, 0]
    return middles, middles + lower * directions[:, :, 1]
