# SPDX-License-Identifier: Apache-2.0
"""The G1 against Unitree's figures: typed by hand here, and all of them from another MJCF edition."""

import re

import numpy as np
import pytest

from protomotions_envs.robots import load_robot

LEG = ["hip_pitch", "hip_roll", "hip_yaw", "knee", "ankle_pitch", "ankle_roll"]
ARM = ["shoulder_pitch", "shoulder_roll", "shoulder_yaw", "elbow", "wrist_roll", "wrist_pitch", "wrist_yaw"]
JOINTS = [
    *(f"left_{part}_joint" for part in LEG),
    *(f"right_{part}_joint" for part in LEG),
    *("waist_yaw_joint", "waist_roll_joint", "waist_pitch_joint"),
    *(f"left_{part}_joint" for part in ARM),
    *(f"right_{part}_joint" for part in ARM),
]
# Part: lower and upper limit of the left joint (rad), stiffness, damping, effort (N m), speed (rad/s), armature.
FIGURES = {
    "hip_pitch": (-2.531, 2.880, 40.18, 2.56, 88, 32, 0.01018),
    "hip_roll": (-0.524, 2.967, 99.10, 6.31, 139, 20, 0.02510),
    "hip_yaw": (-2.758, 2.758, 40.18, 2.56, 88, 32, 0.01018),
    "knee": (-0.087, 2.880, 99.10, 6.31, 139, 20, 0.02510),
    "ankle_pitch": (-0.873, 0.524, 28.50, 1.81, 50, 37, 0.00722),
    "ankle_roll": (-0.262, 0.262, 28.50, 1.81, 50, 37, 0.00722),
    "waist_yaw": (-2.618, 2.618, 40.18, 2.56, 88, 32, 0.01018),
    "waist_roll": (-0.52, 0.52, 28.50, 1.81, 50, 37, 0.00722),
    "waist_pitch": (-0.52, 0.52, 28.50, 1.81, 50, 37, 0.00722),
    "shoulder_pitch": (-3.089, 2.670, 14.25, 0.907, 25, 37, 0.00361),
    "shoulder_roll": (-1.588, 2.251, 14.25, 0.907, 25, 37, 0.00361),
    "shoulder_yaw": (-2.618, 2.618, 14.25, 0.907, 25, 37, 0.00361),
    "elbow": (-1.047, 2.094, 14.25, 0.907, 25, 37, 0.00361),
    "wrist_roll": (-1.972, 1.972, 14.25, 0.907, 25, 37, 0.00361),
    "wrist_pitch": (-1.614, 1.614, 16.78, 1.07, 5, 22, 0.00425),
    "wrist_yaw": (-1.614, 1.614, 16.78, 1.07, 5, 22, 0.00425),
}
MIRRORED = {"hip_roll", "shoulder_roll"}
"""Parts whose limits are not symmetric and swap on the right side; pitches keep theirs."""


def _part(joint: str) -> str:
    return re.sub("^(left|right)_|_joint$", "", joint)


@pytest.fixture(scope="module")
def robot():
    """The G1."""
    return load_robot("g1")


def test_joints_stand_in_unitrees_order(robot):
    """Legs, waist, arms; left before right."""
    assert list(robot.joint_names) == JOINTS


def test_bodies_are_one_per_joint_and_the_pelvis(robot):
    """30 bodies; the third waist joint moves the torso."""
    links = ["torso_link" if joint == "waist_pitch_joint" else joint.replace("_joint", "_link") for joint in JOINTS]
    assert list(robot.body_names) == ["pelvis", *links]


@pytest.mark.parametrize("joint", JOINTS)
def test_figures_of_a_joint(robot, joint):
    """Limits, gains, effort, speed and armature are those of the data sheet, rounded as printed there."""
    lower, upper, *drive = FIGURES[_part(joint)]
    if joint.startswith("right") and _part(joint) in MIRRORED:
        lower, upper = -upper, -lower
    index = robot.joint_names.index(joint)
    assert robot.joint_lower[index] == pytest.approx(lower, abs=6e-4)
    assert robot.joint_upper[index] == pytest.approx(upper, abs=6e-4)
    columns = (robot.stiffness, robot.damping, robot.effort_limit, robot.velocity_limit, robot.armature)
    np.testing.assert_allclose([column[index] for column in columns], drive, rtol=3e-3)


def test_default_pose(robot):
    """Bent knees, arms slightly out: the numbers of the data sheet; all else 0."""
    pose = dict(zip(robot.joint_names, robot.default_joint_pos, strict=True))
    expected = {"hip_pitch": -0.312, "knee": 0.669, "ankle_pitch": -0.363, "shoulder_pitch": 0.2, "elbow": 0.6}
    for joint, angle in pose.items():
        roll = {"left_shoulder_roll_joint": 0.2, "right_shoulder_roll_joint": -0.2}
        assert angle == roll.get(joint, expected.get(_part(joint), 0.0))


def test_masses(robot):
    """33.34 kg in all; some links by hand."""
    assert robot.mass == pytest.approx(33.341, abs=1e-3)
    for body, mass in {"pelvis": 3.813, "torso_link": 7.818, "left_knee_link": 1.932}.items():
        assert robot.model.body(body).mass[0] == mass
