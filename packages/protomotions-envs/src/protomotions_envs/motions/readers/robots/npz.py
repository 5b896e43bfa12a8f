# SPDX-License-Identifier: Apache-2.0
"""Reader of this project's own `.npz` clips."""

from __future__ import annotations

from pathlib import Path

from protomotions_envs.motions.format import read_motion
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.motion_format import MotionFormat, ReadOptions
from protomotions_envs.robots.robot import Robot


def _read(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    # The file says everything about itself; whether it fits the robot is checked by the loader, as for every format.
    return [read_motion(path)]


FORMAT = MotionFormat("ProtoMotions clip", (".npz",), _read)
