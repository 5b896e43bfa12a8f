# SPDX-License-Identifier: Apache-2.0
"""Retargeting for commands: what is missing for it becomes an error that says how to install it."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from protomotions_cli.errors import UsageError

if TYPE_CHECKING:
    from protomotions_envs.motions import Motion, SkeletonMotion
    from protomotions_envs.robots import Robot


_NEEDED = ("mink", "daqp")


def retarget_clip(clip: SkeletonMotion, robot: Robot, scale: float | None = None) -> tuple[Motion, str]:
    """Return the motion of a robot that does what a person did, and in words how near it came.

    Args:
        clip: What the person did.
        robot: The robot.
        scale: Distances travelled as a share of the person's; None to take it from the lengths of the legs.

    Raises:
        MotionError: The skeleton's joints can't be told, or its motion can't be followed.
        RobotError: The robot's limbs can't be told.
        UsageError: What retargeting needs isn't installed, which concerns all clips.
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise UsageError(
            f"{clip.name} moves another skeleton than the robot's, and retargeting needs {missing[0]}, which is not "
            "installed; run: pip install 'protomotions-envs[retarget]'"
        )
    from protomotions_envs.motions.retargeting import retarget_with_report

    motion, report = retarget_with_report(clip, robot, scale=scale)
    error, skating = 100 * report.key_body_error, 100 * report.quality.foot_skating
    return motion, f"key bodies {error:.1f} cm off, feet skate {skating:.1f} cm/s"
