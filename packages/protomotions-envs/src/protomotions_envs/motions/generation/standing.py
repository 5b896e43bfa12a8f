# SPDX-License-Identifier: Apache-2.0
"""Clips in which both feet stay planted: squat, sway and wave. Joint names are those of the G1."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from protomotions_envs.motions.generation.curves import hold
from protomotions_envs.motions.generation.plan import MotionPlan
from protomotions_envs.motions.generation.stance import Stance

FPS = 50.0


def squat(stance: Stance) -> MotionPlan:
    """Return two slow knee bends with the arms raised forward."""
    time = np.arange(round(5.0 * FPS) + 1) / FPS
    depth = hold(time, 0.3, 2.5, 1.0) + hold(time, 2.5, 4.7, 1.0)
    arms = {}
    for side in ("left", "right"):
        arms[f"{side}_shoulder_pitch_joint"] = stance.joint_pos[f"{side}_shoulder_pitch_joint"] - 1.0 * depth
        arms[f"{side}_elbow_joint"] = stance.joint_pos[f"{side}_elbow_joint"] + 0.3 * depth
    return _planted(
        stance,
        time,
        name="squat",
        summary="two slow knee bends, arms raised forward",
        com_height=stance.com[2] - 0.13 * depth,
        pelvis_rpy=np.outer(depth, [0.0, 0.3, 0.0]),
        joint_pos=arms,
    )


def sway(stance: Stance) -> MotionPlan:
    """Return the weight going from foot to foot, hips first, arms following."""
    time = np.arange(round(5.0 * FPS) + 1) / FPS
    side_to_side = hold(time, 0.3, 4.7, 0.8) * np.sin(2 * np.pi * (time - 0.3) / 2.2)
    joints = {"waist_yaw_joint": 0.25 * side_to_side, "waist_roll_joint": 0.12 * side_to_side}
    # Left is +1: there an arm swings back and away from the body as the weight comes to its side.
    for side, sign in (("left", 1.0), ("right", -1.0)):
        pitch, roll = f"{side}_shoulder_pitch_joint", f"{side}_shoulder_roll_joint"
        near = np.maximum(sign * side_to_side, 0.0)
        joints[pitch] = stance.joint_pos[pitch] + 0.3 * sign * side_to_side
        # The cube starts without a jump of the acceleration.
        joints[roll] = stance.joint_pos[roll] + 0.25 * sign * near**3
    pressure = np.tile(stance.com[:2], (len(time), 1))
    pressure[:, 1] += 0.085 * side_to_side
    return _planted(
        stance,
        time,
        name="sway",
        summary="weight going from foot to foot, twice",
        com_height=stance.com[2] - 0.02 * hold(time, 0.3, 4.7, 0.8),
        pelvis_rpy=np.outer(side_to_side, [-0.06, 0.0, 0.1]),
        joint_pos=joints,
        pressure=pressure,
    )


def wave(stance: Stance) -> MotionPlan:
    """Return the right hand raised and waved four times."""
    time = np.arange(round(5.0 * FPS) + 1) / FPS
    raised = hold(time, 0.3, 4.7, 1.0)
    swing = hold(time, 1.1, 3.9, 0.4) * np.sin(2 * np.pi * (time - 1.1) / 0.7)
    targets = {
        "right_shoulder_pitch_joint": (-0.4, 0.0),
        "right_shoulder_roll_joint": (-1.2, 0.0),
        "right_shoulder_yaw_joint": (-0.9, 0.1),
        "right_elbow_joint": (-0.3, 0.3),
        "waist_yaw_joint": (0.1, 0.0),
        "waist_roll_joint": (-0.08, -0.03),
    }
    joints = {
        name: stance.joint_pos[name] + raised * (target - stance.joint_pos[name]) + amplitude * swing
        for name, (target, amplitude) in targets.items()
    }
    return _planted(
        stance,
        time,
        name="wave",
        summary="the right hand raised and waved four times",
        com_height=np.full(len(time), stance.com[2]),
        pelvis_rpy=np.zeros((len(time), 3)),
        joint_pos=joints,
    )


def _planted(
    stance: Stance,
    time: np.ndarray,
    *,
    name: str,
    summary: str,
    com_height: np.ndarray,
    pelvis_rpy: np.ndarray,
    joint_pos: Mapping[str, np.ndarray],
    pressure: np.ndarray | None = None,
) -> MotionPlan:
    """Return a plan with the feet as in the stance and, by default, the weight where it is in the stance."""
    return MotionPlan(
        name=name,
        summary=summary,
        fps=FPS,
        sole_pos=np.tile(stance.soles, (len(time), 1, 1)),
        sole_pitch=np.zeros((len(time), 2)),
        pressure=np.tile(stance.com[:2], (len(time), 1)) if pressure is None else pressure,
        com_height=com_height,
        pelvis_rpy=pelvis_rpy,
        joint_pos=joint_pos,
    )
