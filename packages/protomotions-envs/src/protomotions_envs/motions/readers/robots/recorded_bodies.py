# SPDX-License-Identifier: Apache-2.0
"""Files that record where bodies are besides joint angles: which reading of the angles gives those positions.

Names and conventions of such files are often left to the reader's knowledge. The robot's own kinematics tells right
from wrong: of several readings, the one whose bodies come out where the file has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.kinematics import forward_kinematics, motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.validation import check_finite, check_frame_count, normalise
from protomotions_envs.robots.robot import Robot

LARGEST_ERROR = 0.05
"""Distance of a body from where the file has it that other makes of the same robot explain, m."""
_FRAMES = 64


@dataclass(frozen=True)
class BodyColumns:
    """Which columns of a file are which bodies of a robot."""

    columns: list[int]
    """Those of bodies that the robot has, [n]."""
    bodies: list[int]
    """The robot's body in each, the root, 0, among them, [n]."""

    @property
    def root(self) -> int:
        """The column of the root."""
        return self.columns[self.bodies.index(0)]


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to read a file of T frames."""

    root_rot: np.ndarray
    """wxyz, [T, 4]."""
    joint_pos: np.ndarray
    """rad, in the robot's order, [T, J]."""
    body_pos: np.ndarray
    """All positions that are recorded, m, [T, B, 3]."""
    body_columns: BodyColumns
    """Whose they are."""

    @property
    def root_pos(self) -> np.ndarray:
        """Recorded positions of the root, m, [T, 3]."""
        return self.body_pos[:, self.body_columns.root]


def body_columns(names: Sequence[str], robot: Robot, label: str) -> BodyColumns:
    """Return which of a file's bodies, by their names, are the robot's; others don't matter.

    Args:
        names: The file's bodies, each once.
        robot: The robot.
        label: How errors call the file.

    Raises:
        MotionError: The robot's root is not among them.
    """
    root = robot.body_names[0]
    if root not in names:
        raise MotionError(
            f"{label} lacks the body {root!r}, the root of robot {robot.name!r}; it has {', '.join(names[:8])[:200]}. "
            "Use the robot it was made for, or convert its source for this one"
        )
    columns = [column for column, name in enumerate(names) if name in robot.body_names]
    return BodyColumns(columns, [robot.body_names.index(names[column]) for column in columns])


def motion_of_best_reading(readings: Sequence[Reading], robot: Robot, path: Path, fps: float) -> Motion:
    """Return a file's clip by the reading that gives the recorded positions of bodies best.

    Raises:
        MotionError: No reading gives them within `LARGEST_ERROR`, or numbers are not sound.
    """
    reading = _best_reading(readings, robot, path.name)
    return motion_from_joint_positions(
        robot,
        name=path.stem,
        fps=fps,
        root_pos=reading.root_pos,
        root_rot=reading.root_rot,
        joint_pos=reading.joint_pos,
        source=path.name,
        label=path.name,
    )


def _best_reading(readings: Sequence[Reading], robot: Robot, label: str) -> Reading:
    """Return the reading whose joint angles give the recorded positions of bodies best.

    Args:
        readings: At least one; on a tie the first wins.
        robot: The robot.
        label: How errors call the file.

    Raises:
        MotionError: None gives them within `LARGEST_ERROR`, or numbers are not sound.
    """
    for reading in readings:
        check_frame_count(len(reading.joint_pos), label)
        check_finite(reading.joint_pos, "joint_pos", label, robot.joint_names)
        check_finite(reading.body_pos, "body_pos", label)
        check_finite(reading.root_rot, "root_rot", label)
    errors = [_largest_error(reading, robot, label) for reading in readings]
    best = int(np.argmin(errors))
    if not errors[best] <= LARGEST_ERROR:
        raise MotionError(
            f"{label}: its joint angles put a body of robot {robot.name!r} {errors[best]:.2f} m from where the file "
            "has it; it was made for another robot or has joints or bodies in an unknown order. Use the robot it was "
            "made for, or save the names of joints and bodies with it"
        )
    return readings[best]


def _largest_error(reading: Reading, robot: Robot, label: str) -> float:
    """Return the largest distance of a body from its recorded position in frames spread over the clip, m."""
    frames = np.unique(np.linspace(0, len(reading.joint_pos) - 1, _FRAMES).astype(int))
    root_rot = normalise(reading.root_rot[frames], "root_rot", label)
    found, _ = forward_kinematics(robot, reading.root_pos[frames], root_rot, reading.joint_pos[frames])
    recorded = reading.body_pos[frames][:, reading.body_columns.columns]
    return float(np.linalg.norm(found[:, reading.body_columns.bodies] - recorded, axis=-1).max())
