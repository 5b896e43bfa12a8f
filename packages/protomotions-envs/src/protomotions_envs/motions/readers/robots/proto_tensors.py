# SPDX-License-Identifier: Apache-2.0
"""What NVlabs ProtoMotions' single clips and packs share: unnamed tensors of bodies (x y z w) and joints.

The files name neither joints nor bodies nor the robot. Joints stand in the robot's order; bodies of the same robot can
differ (its G1 has a head and two hands more), so only the root is taken from them and our kinematics does the rest.
Ball joints are rotation vectors; there the file's own body orientations tell whether the joints are where we think.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.ball_joints import hinge_angles
from protomotions_envs.motions.kinematics import forward_kinematics
from protomotions_envs.motions.readers.files.torch_archive import number_array
from protomotions_envs.motions.readers.robots.joint_order import check_unnamed_joints
from protomotions_envs.motions.validation import check_finite, normalise
from protomotions_envs.robots.robot import Robot

_LARGEST_DISAGREEMENT = 0.05


@dataclass(frozen=True)
class TensorKeys:
    """What a kind of file calls its tensors."""

    body_pos: str
    """m, [T, B, 3]."""
    body_rot: str
    """xyzw, [T, B, 4]."""
    joint_pos: str
    """rad, [T, J]."""
    local_rot: str
    """Filled only for robots with ball joints."""


def read_coordinates(
    content: Mapping[str, object], keys: TensorKeys, robot: Robot, path: Path
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return root positions [T, 3] (m), root orientations [T, 4] (wxyz) and joint angles [T, J] (rad).

    Raises:
        MotionError: Another number of joints than the robot's, or joints that aren't the robot's.
    """
    joint_pos = number_array(content, keys.joint_pos, path, (None, None))
    frames, joints = joint_pos.shape
    check_unnamed_joints(joints, robot, path.name)
    body_pos = number_array(content, keys.body_pos, path, (frames, None, 3))
    body_rot = number_array(content, keys.body_rot, path, (frames, body_pos.shape[1], 4))
    if body_pos.shape[1] == 0:
        raise MotionError(f"{path.name} has no bodies; expected the root first. Convert the clip again")
    body_rot = np.roll(body_rot, 1, axis=-1)
    if content.get(keys.local_rot) is not None:
        joint_pos = _split_ball_joints(robot, joint_pos, body_rot, path)
    return body_pos[:, 0], body_rot[:, 0], joint_pos


def _split_ball_joints(robot: Robot, rotation_vectors: np.ndarray, body_rot: np.ndarray, path: Path) -> np.ndarray:
    check_finite(rotation_vectors, "joint_pos", path.name, robot.joint_names)
    check_finite(body_rot, "body_rot", path.name)
    body_rot = normalise(body_rot, "body_rot", path.name)
    angles = hinge_angles(robot, rotation_vectors)
    _, expected = forward_kinematics(robot, np.zeros((len(angles), 3)), body_rot[:, 0], angles)
    # |<p, q>| is the cosine of half the angle between two rotations.
    agree = expected.shape == body_rot.shape and np.all(
        np.abs((expected * body_rot).sum(axis=-1)) > np.cos(_LARGEST_DISAGREEMENT / 2)
    )
    if not agree:
        raise MotionError(
            f"{path.name}: its joint rotations don't give its body orientations on robot {robot.name!r}, so its joints "
            "are others or stand in another order. Use the robot it was made for, or convert its source for this one"
        )
    return angles
