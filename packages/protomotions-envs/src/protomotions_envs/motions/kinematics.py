# SPDX-License-Identifier: Apache-2.0
"""From root poses and joint angles to a whole motion: forward kinematics, velocities and foot contacts."""

from __future__ import annotations

import mujoco
import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.contacts import foot_contacts
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.validation import check_finite, check_fps, check_frame_count, normalise
from protomotions_envs.motions.velocities import angular_velocity, linear_velocity
from protomotions_envs.robots.robot import Robot


def motion_from_joint_positions(
    robot: Robot,
    *,
    name: str,
    fps: float,
    root_pos: np.ndarray,
    root_rot: np.ndarray,
    joint_pos: np.ndarray,
    source: str = "",
    licence: str = "",
    label: str | None = None,
) -> Motion:
    """Complete a motion: body poses by the robot's kinematics, velocities by central differences, foot contacts.

    Args:
        robot: The robot that moves.
        name: Of the clip.
        fps: Frames per second.
        root_pos: m, [T, 3].
        root_rot: Unit quaternions wxyz, [T, 4].
        joint_pos: rad, [T, J], in the robot's order.
        source: Where the motion comes from.
        licence: SPDX identifier or name.
        label: How errors call the clip; its name if left out.

    Raises:
        MotionError: Shapes disagree, there are fewer than two frames, numbers are not finite, quaternions not unit.
    """
    label = label or name
    check_fps(fps, label)
    root_pos, root_rot, joint_pos = (np.asarray(array, dtype=np.float64) for array in (root_pos, root_rot, joint_pos))
    _check_coordinates(robot, root_pos, root_rot, joint_pos, label)
    root_rot = normalise(root_rot, "root_rot", label)
    body_pos, body_rot = forward_kinematics(robot, root_pos, root_rot, joint_pos)
    body_lin_vel = linear_velocity(body_pos, fps)
    return Motion(
        name=name,
        robot=robot.name,
        fps=float(fps),
        joint_names=robot.joint_names,
        body_names=robot.body_names,
        joint_pos=joint_pos.astype(np.float32),
        joint_vel=linear_velocity(joint_pos, fps).astype(np.float32),
        body_pos=body_pos.astype(np.float32),
        body_rot=body_rot.astype(np.float32),
        body_lin_vel=body_lin_vel.astype(np.float32),
        body_ang_vel=angular_velocity(body_rot, fps).astype(np.float32),
        body_contact=foot_contacts(robot, body_pos, body_rot, body_lin_vel),
        source=source,
        licence=licence,
    )


def forward_kinematics(
    robot: Robot, root_pos: np.ndarray, root_rot: np.ndarray, joint_pos: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions [T, B, 3] (m) and orientations [T, B, 4] (wxyz) of all bodies in the world, float64.

    Args:
        robot: The robot.
        root_pos: m, [T, 3].
        root_rot: Unit quaternions wxyz, [T, 4].
        joint_pos: rad, [T, J], in the robot's order.
    """
    model, data = robot.model, mujoco.MjData(robot.model)
    coordinates = np.concatenate((root_pos, root_rot, joint_pos), axis=1)
    positions = np.empty((len(coordinates), robot.num_bodies, 3))
    rotations = np.empty((len(coordinates), robot.num_bodies, 4))
    qpos, xpos, xquat = data.qpos, data.xpos[1:], data.xquat[1:]
    for frame, row in enumerate(coordinates):
        qpos[:] = row
        mujoco.mj_kinematics(model, data)
        positions[frame] = xpos
        rotations[frame] = xquat
    return positions, rotations


def _check_coordinates(
    robot: Robot, root_pos: np.ndarray, root_rot: np.ndarray, joint_pos: np.ndarray, label: str
) -> None:
    frames = len(joint_pos)
    check_frame_count(frames, label)
    for field, array, width in (
        ("root_pos", root_pos, 3),
        ("root_rot", root_rot, 4),
        ("joint_pos", joint_pos, robot.num_joints),
    ):
        if array.shape != (frames, width):
            raise MotionError(
                f"{label}: {field} has the shape {array.shape}; {frames} frames of robot {robot.name!r} with "
                f"{robot.num_joints} joints need {(frames, width)}"
            )
        check_finite(array, field, label, robot.joint_names if field == "joint_pos" else ())
