# SPDX-License-Identifier: Apache-2.0
"""The humanoid of DeepMimic and AMP with 28 joints: drives, default pose and names.

Gains, rotor inertia and effort (the gears of its motors) are those with which AMP's models are published; speed limits
are not, since muscles have none that bind here.
"""

from pathlib import Path

from protomotions_envs.robots.robot import JointDrive, RobotConfig


def _drive(stiffness: float, effort_limit: float, armature: float) -> JointDrive:
    """Return a drive that settles in a tenth of a second: its damping is a tenth of its stiffness (N m/rad)."""
    return JointDrive(
        stiffness=stiffness,
        damping=stiffness / 10,
        effort_limit=effort_limit,
        velocity_limit=100.0,
        armature=armature,
    )


CONFIG = RobotConfig(
    name="amp",
    mjcf=Path(__file__).parent / "models" / "amp.xml",
    drives={
        "abdomen_[xyz]": _drive(1000.0, 200.0, 0.02),
        "neck_[xyz]": _drive(100.0, 50.0, 0.01),
        "(left|right)_shoulder_[xyz]": _drive(400.0, 100.0, 0.02),
        "(left|right)_elbow": _drive(300.0, 70.0, 0.01),
        "(left|right)_hip_[xyz]": _drive(500.0, 200.0, 0.02),
        "(left|right)_knee": _drive(500.0, 150.0, 0.02),
        "(left|right)_ankle_[xyz]": _drive(400.0, 90.0, 0.01),
    },
    # Hands clear of the thighs, which they all but touch with the arms hanging straight.
    default_joint_pos={"left_shoulder_x": 0.15, "right_shoulder_x": -0.15, "(left|right)_elbow": -0.2},
    default_root_height=0.8814,
    anchor_body="pelvis",
    left_foot_bodies=("left_foot",),
    right_foot_bodies=("right_foot",),
    left_hand_bodies=("left_hand",),
    right_hand_bodies=("right_hand",),
    head_body="head",
    torso_body="torso",
    key_bodies=("torso", "head", "left_foot", "right_foot", "left_hand", "right_hand"),
    timestep=1 / 120,
    decimation=4,
    stiff=True,
)
