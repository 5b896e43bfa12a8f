# SPDX-License-Identifier: Apache-2.0
"""What a clip is to look like, before inverse kinematics finds the joint angles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class MotionPlan:
    """T frames of goals for a biped; angles are rad, lengths m, the world frame has Z up and the ground at 0."""

    name: str
    """Of the clip."""
    summary: str
    """What the robot does, for the clip's record of its source."""
    fps: float
    """Frames per second."""
    sole_pos: np.ndarray
    """Centres of the left and the right sole, [T, 2, 3]; a planted one is at height 0."""
    sole_pitch: np.ndarray
    """Of the left and the right sole, positive with the toes down, [T, 2]; soles neither roll nor yaw."""
    pressure: np.ndarray
    """Where the ground's reaction is to act, x and y, [T, 2]."""
    com_height: np.ndarray
    """Height of the centre of mass, [T]."""
    pelvis_rpy: np.ndarray
    """Roll, pitch and yaw of the pelvis, applied in this order about the world's axes, [T, 3]."""
    joint_pos: Mapping[str, np.ndarray]
    """Angles of joints above the pelvis by name, [T] each; others keep those of the default pose."""
