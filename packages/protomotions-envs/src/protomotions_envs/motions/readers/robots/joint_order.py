# SPDX-License-Identifier: Apache-2.0
"""Which of a file's columns is which of the robot's joints, where it names them and where it doesn't."""

from __future__ import annotations

from collections.abc import Sequence

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.validation import name_difference
from protomotions_envs.robots.robot import Robot

_LONGEST_NAME = 40


def joint_columns(given: Sequence[str], robot: Robot, label: str) -> list[int]:
    """Return where each joint of the robot stands among a file's, [J].

    Args:
        given: The file's joints, each once.
        robot: The robot.
        label: How errors call the file.

    Raises:
        MotionError: They are not the robot's joints; the message names the difference.
    """
    if difference := name_difference(given, robot.joint_names, _LONGEST_NAME):
        raise MotionError(
            f"{label} has {len(given)} joints but robot {robot.name!r} has {robot.num_joints}; {difference}. "
            "Use the robot it was made for, or convert its source for this one"
        )
    return [list(given).index(name) for name in robot.joint_names]


def check_unnamed_joints(count: int, robot: Robot, label: str) -> None:
    """Check that a file that doesn't name its joints has as many as the robot, in whose order they must then be.

    Raises:
        MotionError: It has more or fewer.
    """
    if count != robot.num_joints:
        raise MotionError(
            f"{label} has {count} joints but robot {robot.name!r} has {robot.num_joints}; the file doesn't name them. "
            "Use the robot it was made for, or convert its source for this one"
        )
