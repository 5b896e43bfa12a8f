# SPDX-License-Identifier: Apache-2.0
"""From a person's motion to a robot's: same directions of bones, its own lengths, feet that stand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.contacts import lowest_heights
from protomotions_envs.motions.kinematics import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.quality import assess
from protomotions_envs.motions.retargeting.contacts import standing_feet, turning_points
from protomotions_envs.motions.retargeting.foot_locking import lock_feet
from protomotions_envs.motions.retargeting.goals import Goals, followed, goals_of, places
from protomotions_envs.motions.retargeting.landmarks import RobotLandmarks, find_landmarks
from protomotions_envs.motions.retargeting.person import observe
from protomotions_envs.motions.retargeting.report import RetargetReport, mean_errors
from protomotions_envs.motions.retargeting.resampling import resample
from protomotions_envs.motions.retargeting.soles import Sole
from protomotions_envs.motions.retargeting.targets import hip_excess, robot_sized, size_ratio
from protomotions_envs.motions.skeleton import SkeletonMotion, check_skeleton_motion
from protomotions_envs.robots.robot import Robot

FPS = 50.0
"""Rate of retargeted clips; of recordings that are slower, theirs."""
TOUCHING = 0.01
"""Parts of a standing foot that are higher than its lowest by more don't touch the ground, m."""


def retarget(
    motion: SkeletonMotion,
    robot: Robot,
    *,
    label: str | None = None,
    scale: float | None = None,
    fps: float = FPS,
) -> Motion:
    """Return the motion of a robot that does what a person did, as long as the person's.

    Bones point where the person's point, hips follow the person's at the robot's size, feet that stand neither slide
    nor sink, and joints stay within their limits and speeds. Inverse kinematics by `mink` finds the joint angles.

    Args:
        motion: Of a human skeleton whose joints can be told by name; see `find_roles`.
        robot: With two legs and two arms.
        label: How errors call the clip; its name if left out.
        scale: Distances travelled over the ground as a share of the person's; the ratio of the lengths of the legs if
            left out.
        fps: Frames per second of the result, at most those of the recording.

    Raises:
        MotionError: The skeleton lacks a joint, the numbers are not sound, or `mink` is not installed.
        RobotError: The robot lacks a limb, or its limbs can't be told by name.
    """
    return retarget_with_report(motion, robot, label=label, scale=scale, fps=fps)[0]


def retarget_with_report(
    motion: SkeletonMotion,
    robot: Robot,
    *,
    label: str | None = None,
    scale: float | None = None,
    fps: float = FPS,
) -> tuple[Motion, RetargetReport]:
    """Return what `retarget` does, and how well the robot follows."""
    label = label or motion.name
    _check_settings(scale, fps, label)
    motion = resample(check_skeleton_motion(motion, label), min(fps, motion.fps))
    person, landmarks = observe(motion, label), find_landmarks(robot)
    soles = _soles(robot, landmarks)
    ankle_height = float(np.mean([sole.ankle_height(np.eye(3)[None]) for sole in soles]))
    targets = robot_sized(person, landmarks, ankle_height, scale)
    standing = standing_feet(person, motion.fps)
    feet = lock_feet(soles, targets.ankles, targets.feet, standing, turning_points(person, motion.fps), motion.fps)
    goals = goals_of(targets, feet, landmarks, hip_excess(person, landmarks))
    coordinates, reached = _solve(robot, landmarks, goals, motion.fps, label)
    clip = _clip(motion, robot, coordinates, standing, label)
    errors = mean_errors(followed(landmarks), places(targets), reached)
    report = RetargetReport(
        scale=size_ratio(person, landmarks) if scale is None else scale,
        key_body_error=float(np.mean(list(errors.values()))),
        errors=errors,
        quality=assess(clip, robot),
    )
    return clip, report


def _check_settings(scale: float | None, fps: float, label: str) -> None:
    if scale is not None and not (math.isfinite(scale) and scale > 0):
        raise MotionError(f"{label}: the scale is {scale:g}; expected a positive number, or none for the legs' ratio")
    if not (math.isfinite(fps) and fps > 0):
        raise MotionError(f"{label}: {fps:g} frames per second were asked for; expected a positive number")


def _soles(robot: Robot, landmarks: RobotLandmarks) -> tuple[Sole, Sole]:
    left, right = landmarks.legs
    return (
        Sole(robot, robot.config.left_foot_bodies, left.end),
        Sole(robot, robot.config.right_foot_bodies, right.end),
    )


def _solve(
    robot: Robot, landmarks: RobotLandmarks, goals: Goals, fps: float, label: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return generalised positions [T, 7 + J] and the landmarks' places [T, n, 3]."""
    try:
        import mink

        from protomotions_envs.motions.retargeting.ik import Solver
    except ModuleNotFoundError as error:
        raise MotionError(
            f"{label}: retargeting needs {error.name}, which is not installed: "
            "pip install 'protomotions-envs[retarget]'"
        ) from error
    try:
        return Solver(robot, landmarks).solve(goals, fps)
    except mink.NoSolutionFound as error:
        raise MotionError(
            f"{label}: inverse kinematics for robot {robot.name!r} broke down; mend jumps in the recording or cut it"
        ) from error


def _clip(motion: SkeletonMotion, robot: Robot, coordinates: np.ndarray, standing: np.ndarray, label: str) -> Motion:
    clip = motion_from_joint_positions(
        robot,
        name=motion.name,
        fps=motion.fps,
        root_pos=coordinates[:, :3],
        root_rot=coordinates[:, 3:7],
        joint_pos=coordinates[:, 7:],
        source=f"{motion.source or motion.name}, retargeted to {robot.name}",
        licence=motion.licence,
        label=label,
    )
    contact = np.zeros_like(clip.body_contact)
    for side, names in enumerate((robot.config.left_foot_bodies, robot.config.right_foot_bodies)):
        bodies = robot.body_indices(names)
        heights = lowest_heights(robot, bodies, clip.body_pos, clip.body_rot)
        # Of a foot with toes, the heel is up while the toes alone stand.
        touching = heights - heights.min(axis=1, keepdims=True) < TOUCHING
        contact[:, bodies] = touching & standing[:, side, None]
    return replace(clip, body_contact=contact)
