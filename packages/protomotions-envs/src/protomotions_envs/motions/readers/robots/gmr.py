# SPDX-License-Identifier: Apache-2.0
"""Reader of the `.pkl` clips of GMR, General Motion Retargeting: `root_pos`, `root_rot`, `dof_pos`, `fps`.

Joints are unnamed and stand in the order of the robot's MJCF, in rad; the root's quaternion is x y z w. What else the
file has, such as body positions without the root's motion, is left out.
"""

from __future__ import annotations

from pathlib import Path

from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.files.numpy_pickle import pickled_keys
from protomotions_envs.motions.readers.motion_format import MotionFormat, ReadOptions
from protomotions_envs.motions.readers.robots.pickled_clip import ClipKeys, read_pickled_clip
from protomotions_envs.robots.robot import Robot

_KEYS = ClipKeys("root_pos", "root_rot", "dof_pos")


def _read(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    return [read_pickled_clip(path, robot, _KEYS, "a GMR clip")]


def _recognises(path: Path) -> bool:
    return pickled_keys(path) >= {_KEYS.root_pos, _KEYS.root_rot, _KEYS.joint_pos}


FORMAT = MotionFormat("GMR clip", (".pkl",), _read, _recognises)
