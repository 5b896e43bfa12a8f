# SPDX-License-Identifier: Apache-2.0
"""Reader of PHUMA's `.npy` clips of Unitree's G1 (29 joints) and H1_2 (27): `root_trans`, `root_ori`, `dof_pos`, `fps`.

Joints are unnamed and stand in the order of the robot's MJCF, in rad; the root's quaternion is x y z w (PHUMA,
arXiv 2510.26236).
"""

from __future__ import annotations

from pathlib import Path

from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.files.numpy_pickle import pickled_keys
from protomotions_envs.motions.readers.motion_format import MotionFormat, ReadOptions
from protomotions_envs.motions.readers.robots.pickled_clip import ClipKeys, read_pickled_clip
from protomotions_envs.robots.robot import Robot

_KEYS = ClipKeys("root_trans", "root_ori", "dof_pos")


def _read(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    return [read_pickled_clip(path, robot, _KEYS, "a clip of PHUMA or poselib")]


def _recognises(path: Path) -> bool:
    return pickled_keys(path) >= {_KEYS.root_pos, _KEYS.root_rot, _KEYS.joint_pos}


FORMAT = MotionFormat("PHUMA clip", (".npy",), _read, _recognises)
