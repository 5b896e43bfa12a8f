# SPDX-License-Identifier: Apache-2.0
"""The facts of a robot of which only the MJCF file is known: drives from its numbers, feet and hands from its names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import pi
from pathlib import Path

import mujoco
import numpy as np

from protomotions_envs.robots.body_roles import BodyRoles, guess_roles
from protomotions_envs.robots.extent import lowest_points
from protomotions_envs.robots.mjcf import compile_mjcf, read_mjcf, read_robot
from protomotions_envs.robots.robot import JointDrive, RobotConfig

NATURAL_FREQUENCY = 2 * pi * 4
"""Of a drive that the file doesn't give, against the inertia of all that hangs on its joint, rad/s."""
DAMPING_RATIO = 1.0
"""Of a drive that the file doesn't give."""
SUPPORT_ARM = 0.1
"""Least stiffness of such a drive as a multiple of the robot's weight, m/rad."""
DEFAULT_EFFORT = 500.0
"""Effort limit where the file has none, N m."""
DEFAULT_VELOCITY = 100.0
"""Velocity limit, which MJCF can't state, rad/s."""


def config_from_mjcf(path: Path) -> RobotConfig:
    """Return the facts of the robot in an MJCF file, named by the file's stem.

    Gains are those of the file's position actuators; else the springs and dampers of its joints, which is how models
    for Isaac Gym write them; else they follow from the inertia at each joint and the robot's weight. The default pose
    is the first keyframe, else that in which the file is drawn.

    Raises:
        RobotError: The file can't be read or doesn't hold one robot.
    """
    original = compile_mjcf(read_mjcf(path), path)
    model = compile_mjcf(read_robot(path), path)
    joints = [model.joint(i).name for i in range(1, model.njnt)]
    pose = _default_pose(original, joints)
    data = mujoco.MjData(model)
    data.qpos[:3], data.qpos[3:7], data.qpos[7:] = 0.0, (1.0, 0.0, 0.0, 0.0), list(pose.values())
    mujoco.mj_kinematics(model, data)
    lowest = lowest_points(model, data)
    roles = guess_roles(model, data, lowest)
    return RobotConfig(
        name=path.stem,
        mjcf=path,
        drives={re.escape(joint): _drive(original, model, joint) for joint in joints},
        default_joint_pos={re.escape(joint): angle for joint, angle in pose.items()},
        default_root_height=-min(lowest.values(), default=0.0),
        anchor_body=model.body(1).name,
        left_foot_bodies=roles.left_foot,
        right_foot_bodies=roles.right_foot,
        left_hand_bodies=roles.left_hand,
        right_hand_bodies=roles.right_hand,
        head_body=roles.head,
        torso_body=roles.torso,
        key_bodies=_key_bodies(roles),
        stiff=True,
    )


def _key_bodies(roles: BodyRoles) -> tuple[str, ...]:
    limbs = (roles.left_foot, roles.right_foot, roles.left_hand, roles.right_hand)
    return tuple(dict.fromkeys((roles.torso, roles.head, *(limb[-1] for limb in limbs))))


def _default_pose(model: mujoco.MjModel, joints: list[str]) -> Mapping[str, float]:
    """Return the joint angles of the first keyframe, else of the pose in which the file is drawn, within limits."""
    qpos = model.key_qpos[0] if model.nkey else model.qpos0
    pose = {}
    for name in joints:
        joint = model.joint(name)
        lower, upper = joint.range if model.jnt_limited[joint.id] else (-np.inf, np.inf)
        pose[name] = float(np.clip(qpos[joint.qposadr[0]], lower, upper))
    return pose


def _drive(model: mujoco.MjModel, robot: mujoco.MjModel, name: str) -> JointDrive:
    """Return the drive of a joint from the whole file's model, which has actuators, and that of the robot alone."""
    joint = model.joint(name)
    dof = joint.dofadr[0]
    stiffness, damping, effort = _actuator(model, joint.id)
    stiffness = stiffness or float(np.ravel(model.jnt_stiffness[joint.id])[0])
    damping += float(np.ravel(model.dof_damping[dof])[0])
    if not stiffness:
        stiffness = _stiffness_by_inertia(robot, robot.joint(name).dofadr[0])
        damping = max(damping, 2 * DAMPING_RATIO * stiffness / NATURAL_FREQUENCY)
    if model.jnt_actfrclimited[joint.id]:
        effort = min(effort, float(np.abs(model.jnt_actfrcrange[joint.id]).max()))
    return JointDrive(
        stiffness=stiffness,
        damping=damping,
        effort_limit=effort if np.isfinite(effort) else DEFAULT_EFFORT,
        velocity_limit=DEFAULT_VELOCITY,
        armature=float(model.dof_armature[dof]),
        friction_loss=float(model.dof_frictionloss[dof]),
    )


def _stiffness_by_inertia(model: mujoco.MjModel, dof: int) -> float:
    """Return a stiffness for the inertia that hangs on a joint, enough for an ankle too, which carries what is above.

    The spring is integrated explicitly: faster than one radian per physics step it would shake.
    """
    inertia = float(model.dof_M0[dof])
    support = SUPPORT_ARM * float(model.body_mass.sum()) * float(np.linalg.norm(model.opt.gravity))
    return min(max(inertia * NATURAL_FREQUENCY**2, support), inertia / RobotConfig.timestep**2)


def _actuator(model: mujoco.MjModel, joint: int) -> tuple[float, float, float]:
    """Return stiffness and damping (0 for a motor) and effort (inf if unlimited) of the actuator of a joint."""
    on_joint = (model.actuator_trntype == mujoco.mjtTrn.mjTRN_JOINT) & (model.actuator_trnid[:, 0] == joint)
    if not on_joint.any():
        return 0.0, 0.0, np.inf
    index = int(np.flatnonzero(on_joint)[0])
    gear = abs(float(model.actuator_gear[index, 0]))
    gain = abs(float(model.actuator_gainprm[index, 0]))
    _, position, velocity = -model.actuator_biasprm[index, :3]
    effort = np.inf
    if model.actuator_forcelimited[index]:
        effort = gear * float(np.abs(model.actuator_forcerange[index]).max())
    elif model.actuator_ctrllimited[index] and position == 0:
        effort = gear * gain * float(np.abs(model.actuator_ctrlrange[index]).max())
    # The gear scales both the length that the actuator sees and the force that it gives.
    return gear**2 * max(float(position), 0.0), gear**2 * max(float(velocity), 0.0), effort
