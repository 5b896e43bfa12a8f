# SPDX-License-Identifier: Apache-2.0
"""Clips with steps: in place and forward. Joint names are those of the G1."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.generation.curves import hold
from protomotions_envs.motions.generation.footsteps import Gait, alternate, follow_footsteps
from protomotions_envs.motions.generation.plan import MotionPlan
from protomotions_envs.motions.generation.stance import Stance
from protomotions_envs.motions.generation.standing import FPS

STEP_LENGTH = 0.375
"""Between one foot's place and the next of the other foot when walking, m."""


def step_in_place(stance: Stance) -> MotionPlan:
    """Return six slow steps on the spot."""
    gait = Gait(start=0.7, swing=0.5, support=0.2, lift=0.06)
    places = [stance.soles[step % 2, :2] for step in range(6)]
    return _stepping(stance, gait, places, seconds=5.5, name="step_in_place", summary="six steps on the spot", arms=0.0)


def walk(stance: Stance) -> MotionPlan:
    """Return eight steps forward at 0.55 m/s, arms swinging."""
    gait = Gait(start=0.6, swing=0.48, support=0.2, lift=0.055, heel_off=0.35, toe_up=0.15, roll=0.1)
    half_width = 0.095
    places = [stance.soles[step % 2, :2].copy() for step in range(8)]
    # The first step is half as long and the last one closes the feet; between, they go closer together than they stand.
    for step, place in enumerate(places):
        place[0] += STEP_LENGTH * min(step + 0.5, 6.5)
        place[1] = half_width * (1 if step % 2 == 0 else -1)
    places[-2][1], places[-1][1] = stance.soles[:, 1]
    return _stepping(
        stance, gait, places, seconds=6.4, name="walk", summary="eight steps forward at 0.55 m/s", arms=0.4
    )


def _stepping(
    stance: Stance, gait: Gait, places: list[np.ndarray], *, seconds: float, name: str, summary: str, arms: float
) -> MotionPlan:
    time = np.arange(round(seconds * FPS) + 1) / FPS
    steps = alternate(gait, places)
    sole_pos, sole_pitch, pressure = follow_footsteps(time, stance, gait, steps)
    moving = hold(time, 0.2, seconds - 0.3, 0.8)
    # How far the left foot is ahead of the right one, in steps: arms and trunk swing with it.
    lead = (sole_pos[:, 0, 0] - sole_pos[:, 1, 0]) / STEP_LENGTH
    joints = {
        "waist_yaw_joint": 0.2 * lead,
        "waist_pitch_joint": 0.05 * moving,
        "left_shoulder_pitch_joint": stance.joint_pos["left_shoulder_pitch_joint"] + arms * lead,
        "right_shoulder_pitch_joint": stance.joint_pos["right_shoulder_pitch_joint"] - arms * lead,
        "left_elbow_joint": stance.joint_pos["left_elbow_joint"] + 0.2 * moving - 0.15 * lead,
        "right_elbow_joint": stance.joint_pos["right_elbow_joint"] + 0.2 * moving + 0.15 * lead,
    }
    return MotionPlan(
        name=name,
        summary=summary,
        fps=FPS,
        sole_pos=sole_pos,
        sole_pitch=sole_pitch,
        pressure=pressure,
        com_height=stance.com[2] - 0.02 * moving,
        pelvis_rpy=np.stack((np.zeros_like(lead), 0.03 * moving, -0.1 * lead), axis=-1),
        joint_pos=joints,
    )
