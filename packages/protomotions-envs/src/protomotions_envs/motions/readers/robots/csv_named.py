# SPDX-License-Identifier: Apache-2.0
"""Robot CSV files with a header: which columns are the root's and which are whose joints.

BONES-SEED's files for the G1 have `Frame`, `root_translateX` to `Z`, `root_rotateX` to `Z` (turns about the world's x,
then y, then z axis) and `<joint>_dof` for each joint, 120 frames per second, in centimetres and degrees. Others have
`root_x` to `z`, `root_qx` to `w` and the names of joints.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.quaternions import from_euler
from protomotions_envs.motions.readers.robots.csv_table import CsvTable
from protomotions_envs.motions.readers.robots.joint_order import joint_columns
from protomotions_envs.motions.validation import check_finite
from protomotions_envs.robots.robot import Robot

TURNED_FPS = 120.0
"""Frames per second of files that record the root's turns, BONES-SEED's."""
_TURNED_POSITION = tuple(f"root_translate{axis}" for axis in "XYZ")
_TURNS = tuple(f"root_rotate{axis}" for axis in "XYZ")
_POSITION = tuple(f"root_{axis}" for axis in "xyz")
_QUATERNION = tuple(f"root_q{axis}" for axis in "wxyz")
_IGNORED = ("frame", "time")


def has_turns(table: CsvTable) -> bool:
    """Return whether a table records the root's orientation as turns about the axes, as BONES-SEED does."""
    return set(_TURNS) <= set(table.names)


def named_root_position(table: CsvTable, label: str) -> np.ndarray:
    """Return the root's position [T, 3] in the file's unit.

    Raises:
        MotionError: The table doesn't have it.
    """
    return _columns(table, _TURNED_POSITION if has_turns(table) else _POSITION, label)


def named_root_rotation(table: CsvTable, radians_per_unit: float, label: str) -> np.ndarray:
    """Return the root's orientation, wxyz, [T, 4].

    Args:
        table: The file's.
        radians_per_unit: Of turns; quaternions have no unit.
        label: How errors call the file.

    Raises:
        MotionError: The table doesn't have it.
    """
    if not has_turns(table):
        return _columns(table, _QUATERNION, label)
    # Turns about the world's axes are those about moving axes in reverse order.
    turns = _columns(table, _TURNS[::-1], label) * radians_per_unit
    check_finite(turns, "root_rotate", label)
    return from_euler(turns, "zyx")


def named_joints(table: CsvTable, robot: Robot, label: str) -> np.ndarray:
    """Return the robot's joints [T, J] in the file's unit.

    Raises:
        MotionError: The joints of the table are not the robot's.
    """
    root = {*_TURNED_POSITION, *_TURNS, *_POSITION, *_QUATERNION}
    columns = [name for name in table.names if name not in root and name.lower() not in _IGNORED]
    order = joint_columns([name.removesuffix("_dof") for name in columns], robot, label)
    return _columns(table, [columns[place] for place in order], label)


def _columns(table: CsvTable, names: Sequence[str], label: str) -> np.ndarray:
    missing = [name for name in names if name not in table.names]
    if missing:
        raise MotionError(
            f"{label} has a header without {', '.join(missing)}; it has {', '.join(table.names[:8])[:200]}. "
            f"Expected {', '.join(_TURNED_POSITION + _TURNS)} or {', '.join(_POSITION + _QUATERNION)}, and the joints"
        )
    return table.rows[:, [table.names.index(name) for name in names]]
