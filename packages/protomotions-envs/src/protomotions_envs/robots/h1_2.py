# SPDX-License-Identifier: Apache-2.0
"""Unitree H1-2 with 27 joints, without fingers: drives, default pose and names.

Gains follow from the rotors' inertia as those of the G1 do (10 Hz, damping ratio 2); the inertia of each class of motor
is that with which ProtoMotions drives this robot. Effort and speed limits are Unitree's.
"""

from math import pi
from pathlib import Path

from protomotions_envs.robots.robot import JointDrive, RobotConfig

NATURAL_FREQUENCY = 2 * pi * 10
"""Of every drive against its own rotor, rad/s."""
DAMPING_RATIO = 2.0
"""Of every drive against its own rotor: overdamped, so that targets may jump."""


def _drive(armature: float, effort_limit: float, velocity_limit: float) -> JointDrive:
    """Return the drive of a motor by its reflected rotor inertia (kg m^2), effort (N m) and speed limit (rad/s)."""
    return JointDrive(
        stiffness=armature * NATURAL_FREQUENCY**2,
        damping=2 * DAMPING_RATIO * armature * NATURAL_FREQUENCY,
        effort_limit=effort_limit,
        velocity_limit=velocity_limit,
        armature=armature,
    )


CONFIG = RobotConfig(
    name="h1_2",
    mjcf=Path(__file__).parent / "models" / "h1_2.xml",
    drives={
        "(left|right)_hip_(yaw|pitch|roll)_joint|torso_joint": _drive(0.03, 200.0, 23.0),
        "(left|right)_knee_joint": _drive(0.04, 300.0, 14.0),
        "(left|right)_ankle_pitch_joint": _drive(0.02, 60.0, 9.0),
        "(left|right)_ankle_roll_joint": _drive(0.01, 40.0, 9.0),
        "(left|right)_shoulder_(pitch|roll)_joint": _drive(0.005, 40.0, 9.0),
        "(left|right)_(shoulder_yaw|elbow)_joint": _drive(0.005, 18.0, 20.0),
        "(left|right)_wrist_(roll|pitch|yaw)_joint": _drive(0.005, 19.0, 31.4),
    },
    # Of the poses with flat feet and bent knees, one whose centre of mass is over the ankles: it stands by itself.
    default_joint_pos={
        "(left|right)_hip_pitch_joint": -0.16,
        "(left|right)_knee_joint": 0.36,
        "(left|right)_ankle_pitch_joint": -0.2,
        "(left|right)_shoulder_pitch_joint": 0.28,
        "(left|right)_elbow_joint": 0.52,
    },
    default_root_height=1.0169,
    anchor_body="pelvis",
    left_foot_bodies=("left_ankle_roll_link",),
    right_foot_bodies=("right_ankle_roll_link",),
    left_hand_bodies=("left_wrist_yaw_link",),
    right_hand_bodies=("right_wrist_yaw_link",),
    head_body="torso_link",
    torso_body="torso_link",
    key_bodies=(
        "torso_link",
        "left_ankle_roll_link",
        "right_ankle_roll_link",
        "left_wrist_yaw_link",
        "right_wrist_yaw_link",
    ),
)
