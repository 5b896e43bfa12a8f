# SPDX-License-Identifier: Apache-2.0
"""Reader of the `.npz` clips that BeyondMimic and mjlab track: joint angles and the poses of all bodies in the world.

Most files name neither joints nor bodies. Those of mjlab have them in MJCF order, depth first; those of Isaac Lab in
PhysX's, breadth first; some tools mix the two, and Isaac Lab 3 writes quaternions x y z w. All these readings are tried
and the one is taken whose joint angles give the recorded positions of bodies; where none does, the file is refused.
Names are followed where the file has them. Velocities are ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.files.npz_archive import load_npz_arrays, name_list, npz_keys, single_number
from protomotions_envs.motions.readers.files.torch_archive import number_array
from protomotions_envs.motions.readers.motion_format import MotionFormat, QuaternionOrder, ReadOptions
from protomotions_envs.motions.readers.robots.joint_order import joint_columns
from protomotions_envs.motions.readers.robots.recorded_bodies import (
    BodyColumns,
    Reading,
    body_columns,
    motion_of_best_reading,
)
from protomotions_envs.robots.robot import Robot

_KEYS = ("fps", "joint_pos", "body_pos_w", "body_quat_w")
_NAMES = ("joint_names", "body_names")


def read_beyondmimic(path: str | Path, robot: Robot, quaternion_order: QuaternionOrder | None = None) -> Motion:
    """Read one clip.

    Args:
        path: The file.
        robot: The robot that it was made for.
        quaternion_order: Of the bodies; None to find it out.

    Raises:
        MotionError: Damaged, joints that aren't the robot's or don't give the recorded bodies, numbers not sound.
    """
    path = Path(path)
    content = load_npz_arrays(path, _KEYS, _NAMES, "a BeyondMimic clip")
    readings = _readings(content, robot, path, quaternion_order)
    return motion_of_best_reading(readings, robot, path, single_number(content, "fps", path))


def breadth_first(robot: Robot) -> tuple[list[int], list[int]]:
    """Return the robot's joints and its bodies, as indices, in the order in which PhysX numbers them."""
    bodies = [0]
    # The list grows while it is gone through: children come after all bodies of their parent's depth.
    for body in bodies:
        bodies += [child for child, parent in enumerate(robot.parents) if parent == body]
    joint_bodies = robot.model.jnt_bodyid[1:] - 1
    joints = [int(joint) for body in bodies for joint in np.flatnonzero(joint_bodies == body)]
    return joints, bodies


def _readings(
    content: Mapping[str, np.ndarray], robot: Robot, path: Path, quaternion_order: QuaternionOrder | None
) -> list[Reading]:
    joint_pos = number_array(content, "joint_pos", path, (None, None))
    body_pos = number_array(content, "body_pos_w", path, (len(joint_pos), None, 3))
    body_rot = number_array(content, "body_quat_w", path, (*body_pos.shape[:2], 4))
    return [
        Reading(_wxyz(body_rot[:, bodies.root], quaternions), joint_pos[:, joints], body_pos, bodies)
        for joints, bodies, quaternions in itertools.product(
            _joint_orders(content, robot, joint_pos.shape[1], path),
            _body_orders(content, robot, body_pos.shape[1], path),
            ("wxyz", "xyzw") if quaternion_order is None else (quaternion_order,),
        )
    ]


def _joint_orders(content: Mapping[str, np.ndarray], robot: Robot, count: int, path: Path) -> list[list[int]]:
    """Return, for each order that the joints may have, the columns of the robot's joints."""
    if "joint_names" in content:
        names = name_list(content, "joint_names", path)
        _check_count(len(names), count, "joint", path)
        return [joint_columns(names, robot, path.name)]
    if count != robot.num_joints:
        raise MotionError(
            f"{path.name} has {count} joints without names but robot {robot.name!r} has {robot.num_joints}; "
            "use the robot it was made for, or convert its source for this one"
        )
    joints, _ = breadth_first(robot)
    return [list(range(count)), np.argsort(joints).tolist()]


def _body_orders(content: Mapping[str, np.ndarray], robot: Robot, count: int, path: Path) -> list[BodyColumns]:
    """Return, for each order that the bodies may have, which they are."""
    if "body_names" in content:
        names = name_list(content, "body_names", path)
        _check_count(len(names), count, "body", path)
        return [body_columns(names, robot, path.name)]
    if count != robot.num_bodies:
        raise MotionError(
            f"{path.name} has {count} bodies without names but robot {robot.name!r} has {robot.num_bodies}; "
            "save their names with it as body_names"
        )
    columns, (_, bodies) = list(range(count)), breadth_first(robot)
    return [BodyColumns(columns, columns), BodyColumns(columns, bodies)]


def _wxyz(rotations: np.ndarray, order: str) -> np.ndarray:
    return rotations if order == "wxyz" else np.roll(rotations, 1, axis=-1)


def _check_count(names: int, columns: int, kind: str, path: Path) -> None:
    if names != columns:
        raise MotionError(f"{path.name} has {names} {kind} names for {columns} columns; convert the clip again")


def _read(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    return [read_beyondmimic(path, robot, options.quaternion_order)]


def _recognises(path: Path) -> bool:
    return npz_keys(path) >= {"joint_pos", "body_pos_w", "body_quat_w"}


FORMAT = MotionFormat("BeyondMimic clip", (".npz",), _read, _recognises)
