# SPDX-License-Identifier: Apache-2.0
"""What pickled robot clips share: one dictionary of root poses (x y z w), joint angles in the robot's order, a rate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from protomotions_envs.motions.kinematics import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.files.numpy_pickle import load_pickled_dictionary, number_array, single_number
from protomotions_envs.motions.readers.files.torch_archive import require_keys
from protomotions_envs.motions.readers.robots.joint_order import check_unnamed_joints
from protomotions_envs.robots.robot import Robot


@dataclass(frozen=True)
class ClipKeys:
    """What a kind of file calls its arrays; each also has `fps`."""

    root_pos: str
    """m, [T, 3]."""
    root_rot: str
    """xyzw, [T, 4]."""
    joint_pos: str
    """rad, [T, J]."""


def read_pickled_clip(path: Path, robot: Robot, keys: ClipKeys, what: str) -> Motion:
    """Read one clip.

    Args:
        path: The file.
        robot: The robot that it was made for.
        keys: What the file calls its arrays.
        what: What the file should be, for the error.

    Raises:
        MotionError: Damaged, would run code, another number of joints than the robot's, or numbers not sound.
    """
    content = load_pickled_dictionary(path)
    require_keys(content, (keys.root_pos, keys.root_rot, keys.joint_pos, "fps"), path, what)
    joint_pos = number_array(content, keys.joint_pos, path, (None, None))
    frames, joints = joint_pos.shape
    check_unnamed_joints(joints, robot, path.name)
    return motion_from_joint_positions(
        robot,
        name=path.stem,
        fps=single_number(content, "fps", path),
        root_pos=number_array(content, keys.root_pos, path, (frames, 3)),
        root_rot=np.roll(number_array(content, keys.root_rot, path, (frames, 4)), 1, axis=-1),
        joint_pos=joint_pos,
        source=path.name,
        label=path.name,
    )
