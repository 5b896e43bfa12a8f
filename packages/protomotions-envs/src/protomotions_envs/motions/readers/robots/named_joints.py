# SPDX-License-Identifier: Apache-2.0
"""Files that name their joints: which of their columns is which of the robot's joints."""

from __future__ import annotations

from collections.abc import Sequence

from protomotions_envs.errors import MotionError
from protomotions_envs.robots.robot import Robot

_NAMED = 8
_LONGEST = 40


def joint_columns(given: Sequence[str], robot: Robot, label: str) -> list[int]:
    """Return where each joint of the robot stands among a file's, [J].

    Args:
        given: The file's joints, each once.
        robot: The robot.
        label: How errors call the file.

    Raises:
        MotionError: They are not the robot's joints; the message names the difference.
    """
    missing = [name for name in robot.joint_names if name not in given]
    extra = [name for name in given if name not in robot.joint_names]
    if missing or extra:
        difference = "; ".join(
            f"{what}: {_listing(names)}" for what, names in (("missing", missing), ("extra", extra)) if names
        )
        raise MotionError(
            f"{label} has {len(given)} joints but robot {robot.name!r} has {robot.num_joints}; {difference}. "
            "Use the robot it was made for, or convert its source for this one"
        )
    return [list(given).index(name) for name in robot.joint_names]


def _listing(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(name[:_LONGEST] for name in names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
