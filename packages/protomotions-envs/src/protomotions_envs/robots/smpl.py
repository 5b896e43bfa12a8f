# SPDX-License-Identifier: Apache-2.0
"""A person with SMPL's skeleton: drives, default pose and names."""

from math import pi
from pathlib import Path

from protomotions_envs.robots.robot import JointDrive, RobotConfig


def _drive(stiffness: float) -> JointDrive:
    """Return a drive that settles in a tenth of a second: its damping is a tenth of its stiffness (N m/rad)."""
    return JointDrive(
        stiffness=stiffness, damping=stiffness / 10, effort_limit=500.0, velocity_limit=100.0, armature=0.02
    )


CONFIG = RobotConfig(
    name="smpl",
    mjcf=Path(__file__).parent / "models" / "smpl.xml",
    drives={
        "[LR]_(Hip|Knee|Ankle)_[xyz]": _drive(800.0),
        "[LR]_Toe_[xyz]": _drive(500.0),
        "(Torso|Spine|Chest)_[xyz]": _drive(1000.0),
        "(Neck|Head|[LR]_(Thorax|Shoulder|Elbow))_[xyz]": _drive(500.0),
        "[LR]_(Wrist|Hand)_[xyz]": _drive(300.0),
    },
    # Arms beside the body; SMPL's own rest is the T-pose.
    default_joint_pos={"L_Shoulder_x": -0.42 * pi, "R_Shoulder_x": 0.42 * pi},
    default_root_height=0.98,
    anchor_body="Pelvis",
    left_foot_bodies=("L_Ankle", "L_Toe"),
    right_foot_bodies=("R_Ankle", "R_Toe"),
    left_hand_bodies=("L_Wrist", "L_Hand"),
    right_hand_bodies=("R_Wrist", "R_Hand"),
    head_body="Head",
    torso_body="Chest",
    key_bodies=("Pelvis", "Head", "L_Ankle", "R_Ankle", "L_Hand", "R_Hand"),
    timestep=1 / 120,
    decimation=4,
    stiff=True,
)
