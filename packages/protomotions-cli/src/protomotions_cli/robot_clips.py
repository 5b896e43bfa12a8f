# SPDX-License-Identifier: Apache-2.0
"""Clips of motion files for commands: read for a robot, and written."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from protomotions_cli.clip_retargeting import retarget_clip
from protomotions_cli.console import note
from protomotions_cli.errors import UsageError
from protomotions_cli.suggestions import did_you_mean

if TYPE_CHECKING:
    from protomotions_envs.motions import Motion, ReadOptions, SkeletonMotion
    from protomotions_envs.robots import Robot


def read_options(
    fps: float | None = None, quaternion_order: str | None = None, metres_per_unit: float | None = None
) -> ReadOptions:
    """Return what was said on the command line about files that don't say it.

    Raises:
        UsageError: A number that can't be.
        MotionError: Another quaternion order than wxyz and xyzw.
    """
    from protomotions_envs.motions import ReadOptions

    for name, value in (("--fps", fps), ("--metres-per-unit", metres_per_unit)):
        if value is not None and not value > 0:
            raise UsageError(f"{name} must be positive, not {value:g}")
    # ReadOptions refuses other texts itself.
    return ReadOptions(fps, quaternion_order, metres_per_unit)  # ty: ignore[invalid-argument-type]


@functools.cache
def robot_named(name: str) -> Robot:
    """Return a robot; a process that works on many files builds it once.

    Raises:
        RobotError: There is no such robot.
    """
    from protomotions_envs.robots import load_robot

    return load_robot(name)


def robot_of(sources: Iterable[Path], given: str | None) -> str:
    """Return the name of the robot that was given, or else of the built-in one that files are recorded for, or else g1.

    Raises:
        RobotError: There is no such robot.
    """
    from protomotions_envs.motions import recorded_robot
    from protomotions_envs.robots import robot_names

    if given is None:
        recorded = (recorded_robot(source) for source in sources)
        given = next((name for name in recorded if name in robot_names()), "g1")
    # An unknown robot is said once, not per file.
    robot_named(given)
    return given


def read_clips(path: Path, robot: str, options: ReadOptions) -> list[Motion | SkeletonMotion]:
    """Return the clips of a file or folder.

    Raises:
        MotionError: It can't be read, or holds clips of another robot.
        RobotError: There is no such robot.
    """
    from protomotions_envs.motions import load_clips

    return load_clips(path, robot_named(robot), options)


def robot_clip(clip: Motion | SkeletonMotion, robot: str) -> Motion:
    """Return a clip that moves the robot.

    Raises:
        MotionError: It moves somebody else.
    """
    from protomotions_envs.errors import MotionError
    from protomotions_envs.motions import Motion

    if isinstance(clip, Motion):
        return clip
    raise MotionError(
        f"{clip.name} moves another skeleton than that of robot {robot!r}; retarget it first: "
        f"protomotions motions retarget IN OUT --robot {robot}"
    )


def one_clip(path: Path, robot: str, options: ReadOptions, *, name: str | None = None) -> Motion:
    """Return one clip of a file, retargeted if it doesn't move the robot, which is said.

    Args:
        path: The file.
        robot: Name of the robot.
        options: What the file doesn't say.
        name: Of the clip; needed where there are several.

    Raises:
        MotionError: The file can't be read, or its clip can't be retargeted.
        UsageError: There are several clips, or none of that name.
    """
    from protomotions_envs.motions import Motion

    clips = {clip.name: clip for clip in read_clips(path, robot, options)}
    if name is None and len(clips) > 1:
        first = ", ".join(list(clips)[:4])
        raise UsageError(f"{path} has {len(clips)} clips; choose one with --clip, such as {first}")
    if name is not None and name not in clips:
        raise UsageError(f"{path} has no clip {name!r}; {did_you_mean(name, clips)}")
    clip = next(iter(clips.values())) if name is None else clips[name]
    if isinstance(clip, Motion):
        return clip
    motion, remark = retarget_clip(clip, robot_named(robot))
    note(f"{clip.name} moves another skeleton than that of robot {robot!r} and was retargeted: {remark}")
    return motion


def write_clip(clip: Motion, path: Path) -> None:
    """Write a clip and the folders above it.

    Raises:
        MotionError: The clip is not sound, or the file can't be written.
        UsageError: The folder can't be made.
    """
    from protomotions_envs.motions import save_motion

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"can't make the folder {path.parent}: {error.strerror}") from error
    save_motion(clip, path)
