# SPDX-License-Identifier: Apache-2.0
"""Reader of Isaac Lab's `.npz` clips for adversarial motion priors, which name their joints and bodies.

The humanoid of the files that come with Isaac Lab is our robot `amp`. Where a body has three hinges, the file's three
numbers are no angles of them but the rotation vector of the whole joint, as its recorded bodies show; files written
from a simulation have angles. Which of the two it is follows from the recorded positions of bodies.

Their heights are those of a world in which the lowest body frame of the clip, an ankle, touches the ground, so that
feet sink by the height of an ankle: fix the clip's ground after reading it. Velocities are ours, central differences;
those of the files are the same smoothed by a Gaussian of 2 frames.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.ball_joints import hinge_angles
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.files.npz_archive import load_npz_arrays, name_list, npz_keys, single_number
from protomotions_envs.motions.readers.files.torch_archive import number_array
from protomotions_envs.motions.readers.motion_format import MotionFormat, ReadOptions
from protomotions_envs.motions.readers.robots.joint_order import joint_columns
from protomotions_envs.motions.readers.robots.recorded_bodies import Reading, body_columns, motion_of_best_reading
from protomotions_envs.motions.validation import check_finite
from protomotions_envs.robots.robot import Robot

_KEYS = ("fps", "dof_names", "body_names", "dof_positions", "body_positions", "body_rotations")


def read_isaaclab_amp(path: str | Path, robot: Robot) -> Motion:
    """Read one clip.

    Args:
        path: The file.
        robot: The robot whose joints the file names, in any order.

    Raises:
        MotionError: Damaged, joints that aren't the robot's or don't give the recorded bodies, numbers not sound.
    """
    path = Path(path)
    content = load_npz_arrays(path, _KEYS, (), "an Isaac Lab AMP clip")
    readings = _readings(content, robot, path)
    return motion_of_best_reading(readings, robot, path, single_number(content, "fps", path))


def _readings(content: Mapping[str, np.ndarray], robot: Robot, path: Path) -> list[Reading]:
    joints, bodies = name_list(content, "dof_names", path), name_list(content, "body_names", path)
    columns, recorded = joint_columns(joints, robot, path.name), body_columns(bodies, robot, path.name)
    joint_pos = number_array(content, "dof_positions", path, (None, len(joints)))[:, columns]
    check_finite(joint_pos, "dof_positions", path.name, robot.joint_names)
    body_pos = number_array(content, "body_positions", path, (len(joint_pos), len(bodies), 3))
    body_rot = number_array(content, "body_rotations", path, (len(joint_pos), len(bodies), 4))
    root_rot = body_rot[:, recorded.root]
    return [Reading(root_rot, angles, body_pos, recorded) for angles in _angles(robot, joint_pos)]


def _angles(robot: Robot, numbers: np.ndarray) -> list[np.ndarray]:
    """Return the hinge angles [T, J] if the file's numbers are rotation vectors, and if they are hinge angles."""
    try:
        return [hinge_angles(robot, numbers), numbers]
    except MotionError:
        # A body with two hinges takes no rotation vector.
        return [numbers]


def _read(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    return [read_isaaclab_amp(path, robot)]


def _recognises(path: Path) -> bool:
    return npz_keys(path) >= {"dof_names", "dof_positions", "body_positions"}


FORMAT = MotionFormat("Isaac Lab AMP clip", (".npz",), _read, _recognises)
