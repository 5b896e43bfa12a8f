# SPDX-License-Identifier: Apache-2.0
"""Reader of robot CSV files: root position, root orientation, joint angles.

Without a header it is the format in which motion capture retargeted to Unitree's robots is shared: position, quaternion
and angles in the robot's order; a G1 has 3 + 4 + 29 = 36 columns, an H1 26, an H1_2 34. Files say neither their rate
nor the order of the quaternion: 60 frames per second and x y z w are usual, other collections use w x y z. `csv_named`
tells the columns of files with a header.

Units follow from the numbers: a root that is higher than five times its height in the robot's default pose is in
centimetres, joints that turn by more than 2 pi are in degrees.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.kinematics import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.motion_format import MotionFormat, QuaternionOrder, ReadOptions
from protomotions_envs.motions.readers.robots.csv_named import (
    TURNED_FPS,
    has_turns,
    named_joints,
    named_root_position,
    named_root_rotation,
)
from protomotions_envs.motions.readers.robots.csv_table import CsvTable, read_csv_table
from protomotions_envs.motions.validation import check_finite
from protomotions_envs.robots.robot import Robot

USUAL_FPS = 60.0
_DETECTION_MARGIN = 0.1
_HIGHEST_ROOT = 5.0
_LARGEST_ANGLE = 2 * np.pi
_DEGREE = np.pi / 180


def read_csv(
    path: str | Path,
    robot: Robot,
    fps: float | None = None,
    quaternion_order: QuaternionOrder | None = None,
    metres_per_unit: float | None = None,
) -> Motion:
    """Read one clip.

    Args:
        path: The file.
        robot: The robot whose joint angles it holds.
        fps: Frames per second; None for 60, or for 120 in files like BONES-SEED's.
        quaternion_order: Of the root in files without header; None to detect it with `detect_quaternion_order`.
        metres_per_unit: Of the root's position; None to tell metres from centimetres.

    Raises:
        MotionError: Not a table of numbers, other columns than the robot needs, or numbers not sound.
    """
    path = Path(path)
    table = read_csv_table(path)
    if not table.names:
        _check_width(table, robot, path)
    root_pos = named_root_position(table, path.name) if table.names else table.rows[:, :3]
    joint_pos = named_joints(table, robot, path.name) if table.names else table.rows[:, 7:]
    length = metres_per_unit or _length_unit(root_pos, robot)
    # Files that turn the root come in centimetres and degrees, even where all angles are small.
    degrees = (has_turns(table) and length != 1.0) or _exceeds(joint_pos, _LARGEST_ANGLE)
    angle = _DEGREE if degrees else 1.0
    return motion_from_joint_positions(
        robot,
        name=path.stem,
        fps=(TURNED_FPS if has_turns(table) else USUAL_FPS) if fps is None else fps,
        root_pos=root_pos * length,
        root_rot=_root_rotation(table, angle, quaternion_order, path.name),
        joint_pos=joint_pos * angle,
        source=path.name,
        label=path.name,
    )


def detect_quaternion_order(rotations: np.ndarray) -> QuaternionOrder:
    """Tell the order of root quaternions [T, 4] by which of the two keeps the robot more upright on average.

    Uprightness is the height of the root's z axis: 1 upright, -1 on its head. Where both orders come out alike, as for
    a robot that stands all the time at the yaw 0 of x y z w, which is the yaw 180 degrees of w x y z, the answer is
    the format's usual x y z w. Clips that are mostly lying down can mislead it: give the order for those.
    """
    a, b, c = rotations[:, 0], rotations[:, 1], rotations[:, 2]
    upright_xyzw = np.mean(1 - 2 * (a * a + b * b))
    upright_wxyz = np.mean(1 - 2 * (b * b + c * c))
    return "wxyz" if upright_wxyz > upright_xyzw + _DETECTION_MARGIN else "xyzw"


def _root_rotation(table: CsvTable, angle: float, order: QuaternionOrder | None, label: str) -> np.ndarray:
    if table.names:
        return named_root_rotation(table, angle, label)
    root_rot = table.rows[:, 3:7]
    check_finite(root_rot, "root_rot", label)
    return np.roll(root_rot, 1, axis=1) if (order or detect_quaternion_order(root_rot)) == "xyzw" else root_rot


def _length_unit(root_pos: np.ndarray, robot: Robot) -> float:
    height = np.median(np.abs(root_pos[:, 2]))
    return 0.01 if height > _HIGHEST_ROOT * robot.config.default_root_height else 1.0


def _exceeds(angles: np.ndarray, largest: float) -> bool:
    return bool((np.abs(angles) > largest).any())


def _check_width(table: CsvTable, robot: Robot, path: Path) -> None:
    expected = 7 + robot.num_joints
    if table.rows.shape[1] != expected:
        raise MotionError(
            f"{path.name} has {table.rows.shape[1]} columns but robot {robot.name!r} needs {expected}: root position "
            f"3, root quaternion 4 and {robot.num_joints} joint angles. Use the robot it was made for, or "
            "convert its source for this one"
        )


def _read(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    return [read_csv(path, robot, options.fps, options.quaternion_order, options.metres_per_unit)]


FORMAT = MotionFormat("robot CSV", (".csv",), _read)
