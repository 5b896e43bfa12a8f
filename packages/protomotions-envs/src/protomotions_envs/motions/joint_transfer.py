# SPDX-License-Identifier: Apache-2.0
"""From the motion of a skeleton to a robot that has the same joints: rotations become hinge angles."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.ball_joints import hinge_angles
from protomotions_envs.motions.kinematics import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.quaternions import rotation_vector
from protomotions_envs.motions.skeleton import Skeleton, SkeletonMotion
from protomotions_envs.robots.robot import Robot


def has_joints_of(skeleton: Skeleton, robot: Robot) -> bool:
    """Return whether a skeleton has a joint for every body of a robot, of the same name and under the same parent.

    Joints that the robot lacks, such as fingers, don't matter. Readers of formats that a robot was made for give
    joints the names of its bodies and turn their frames so that both rest in the same pose.
    """
    names = skeleton.joint_names
    if not set(robot.body_names) <= set(names):
        return False
    parents = {
        name: names[parent] if parent >= 0 else None for name, parent in zip(names, skeleton.parents, strict=True)
    }
    return all(
        parents[body] == (robot.body_names[parent] if parent >= 0 else None)
        for body, parent in zip(robot.body_names, robot.parents, strict=True)
    )


def transfer_joints(motion: SkeletonMotion, robot: Robot, *, label: str | None = None) -> Motion:
    """Return a robot's motion with the joint rotations of a skeleton whose joints are the robot's bodies.

    Args:
        motion: Of a skeleton for which `has_joints_of` holds.
        robot: Whose bodies each have one hinge or three at right angles, or none.
        label: How errors call the clip; its name if left out.

    Raises:
        MotionError: The robot's joints can't take rotations, or the numbers are not sound.
    """
    columns = [motion.skeleton.joint_names.index(name) for name in robot.body_names]
    vectors = rotation_vector(motion.local_rot[:, columns])
    joints = robot.model.jnt_bodyid[1:] - 1
    rotation_vectors = np.empty((motion.num_frames, robot.num_joints))
    for body in np.unique(joints):
        hinges = np.flatnonzero(joints == body)
        axes = robot.model.jnt_axis[1:][hinges]
        # A single hinge keeps its share of the rotation; three take the vector itself, x y z.
        rotation_vectors[:, hinges] = vectors[:, body] if len(hinges) == 3 else vectors[:, body] @ axes.T
    return motion_from_joint_positions(
        robot,
        name=motion.name,
        fps=motion.fps,
        root_pos=motion.root_pos,
        root_rot=motion.local_rot[:, 0],
        joint_pos=hinge_angles(robot, rotation_vectors),
        source=motion.source,
        licence=motion.licence,
        label=label,
    )
