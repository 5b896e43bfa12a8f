# SPDX-License-Identifier: Apache-2.0
"""Unitree H1 with 19 joints: drives, default pose and names.

Gains, effort and speed limits are those with which H1 is commonly trained, and the rotors' inertia is Unitree's.
"""

from pathlib import Path

from protomotions_envs.robots.robot import JointDrive, RobotConfig


def _drive(stiffness: float, damping: float, effort_limit: float, velocity_limit: float) -> JointDrive:
    """Return the drive of a motor; all have the same reflected rotor inertia."""
    return JointDrive(
        stiffness=stiffness,
        damping=damping,
        effort_limit=effort_limit,
        velocity_limit=velocity_limit,
        armature=0.1,
    )


CONFIG = RobotConfig(
    name="h1",
    mjcf=Path(__file__).parent / "models" / "h1.xml",
    drives={
        "(left|right)_hip_(yaw|roll|pitch)_joint": _drive(200.0, 5.0, 200.0, 23.0),
        "(left|right)_knee_joint": _drive(300.0, 6.0, 300.0, 14.0),
        "(left|right)_ankle_joint": _drive(40.0, 2.0, 40.0, 9.0),
        "torso_joint": _drive(300.0, 6.0, 200.0, 23.0),
        "(left|right)_shoulder_(pitch|roll)_joint": _drive(100.0, 2.0, 40.0, 9.0),
        "(left|right)_(shoulder_yaw|elbow)_joint": _drive(100.0, 2.0, 18.0, 20.0),
    },
    # Of the poses with flat feet and bent knees, one whose centre of mass is over the ankles: it stands by itself.
    default_joint_pos={
        "(left|right)_hip_pitch_joint": -0.2,
        "(left|right)_knee_joint": 0.5,
        "(left|right)_ankle_joint": -0.3,
        "(left|right)_shoulder_pitch_joint": 0.28,
        "(left|right)_elbow_joint": 0.52,
    },
    default_root_height=1.0184,
    anchor_body="pelvis",
    left_foot_bodies=("left_ankle_link",),
    right_foot_bodies=("right_ankle_link",),
    left_hand_bodies=("left_elbow_link",),
    right_hand_bodies=("right_elbow_link",),
    head_body="torso_link",
    torso_body="torso_link",
    key_bodies=("torso_link", "left_ankle_link", "right_ankle_link", "left_elbow_link", "right_elbow_link"),
)
