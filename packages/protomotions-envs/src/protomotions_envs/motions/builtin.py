# SPDX-License-Identifier: Apache-2.0
"""The clips that ship with the package: `clips/<robot>/<name>.npz`."""

from __future__ import annotations

from pathlib import Path

from protomotions_envs.robots.robot import Robot

CLIPS_FOLDER = Path(__file__).parent / "clips"
DEFAULT_CLIP = "squat"
"""Both feet stay planted, so it is the clip that is learned soonest."""


def builtin_motions(robot: Robot) -> dict[str, Path]:
    """Return the files of the clips that ship for a robot by name, sorted; empty if there are none."""
    return {path.stem: path for path in sorted((CLIPS_FOLDER / robot.name).glob("*.npz"))}


def default_motion(robot: Robot) -> Path | None:
    """Return the clip to use where none is asked for: the squat, else the first; None if the robot has no clips."""
    clips = builtin_motions(robot)
    return clips.get(DEFAULT_CLIP, next(iter(clips.values()), None))
