# SPDX-License-Identifier: Apache-2.0
"""Motions: clips that say what they are, readers of other people's files, and the library that environments sample."""

from __future__ import annotations

from protomotions_envs.motions.builtin import builtin_motions, default_motion
from protomotions_envs.motions.format import read_motion, save_motion
from protomotions_envs.motions.kinematics import forward_kinematics, motion_from_joint_positions
from protomotions_envs.motions.library import MotionLibrary
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.pack import MotionPack, is_pack, open_pack, write_pack
from protomotions_envs.motions.readers import (
    ReadOptions,
    load_clips,
    load_motions,
    motion_files,
    motion_suffixes,
    read_csv,
)
from protomotions_envs.motions.recorded_robot import recorded_robot
from protomotions_envs.motions.skeleton import Skeleton, SkeletonMotion

__all__ = [
    "Motion",
    "MotionLibrary",
    "MotionPack",
    "ReadOptions",
    "Skeleton",
    "SkeletonMotion",
    "builtin_motions",
    "default_motion",
    "forward_kinematics",
    "is_pack",
    "load_clips",
    "load_motions",
    "motion_files",
    "motion_from_joint_positions",
    "motion_suffixes",
    "open_pack",
    "read_csv",
    "read_motion",
    "recorded_robot",
    "save_motion",
    "write_pack",
]
