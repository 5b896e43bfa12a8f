# SPDX-License-Identifier: Apache-2.0
"""Unitree G1, revision 1.0 with 29 joints: drives, default pose and names."""

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
        # The motors have about 0.1 N m of dry friction, but a constraint row per joint makes physics 1.4 times slower.
        friction_loss=0.0,
    )


# Unitree's actuators are named by their size. Ankles, waist roll and waist pitch are parallel linkages of two motors.
_MOTOR_5020 = _drive(0.003609725, 25.0, 37.0)
_MOTOR_5020_PAIR = _drive(2 * 0.003609725, 50.0, 37.0)
_MOTOR_7520_14 = _drive(0.010177520, 88.0, 32.0)
_MOTOR_7520_22 = _drive(0.025101925, 139.0, 20.0)
_MOTOR_4010 = _drive(0.00425, 5.0, 22.0)

CONFIG = RobotConfig(
    name="g1",
    mjcf=Path(__file__).parent / "models" / "g1.xml",
    drives={
        "(left|right)_hip_(pitch|yaw)_joint|waist_yaw_joint": _MOTOR_7520_14,
        "(left|right)_(hip_roll|knee)_joint": _MOTOR_7520_22,
        "(left|right)_ankle_(pitch|roll)_joint|waist_(roll|pitch)_joint": _MOTOR_5020_PAIR,
        "(left|right)_(shoulder_(pitch|roll|yaw)|elbow|wrist_roll)_joint": _MOTOR_5020,
        "(left|right)_wrist_(pitch|yaw)_joint": _MOTOR_4010,
    },
    default_joint_pos={
        "(left|right)_hip_pitch_joint": -0.312,
        "(left|right)_knee_joint": 0.669,
        "(left|right)_ankle_pitch_joint": -0.363,
        "(left|right)_shoulder_pitch_joint": 0.2,
        "left_shoulder_roll_joint": 0.2,
        "right_shoulder_roll_joint": -0.2,
        "(left|right)_elbow_joint": 0.6,
    },
    default_root_height=0.757,
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
