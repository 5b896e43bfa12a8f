# SPDX-License-Identifier: Apache-2.0
"""The H1 against Unitree's figures: typed by hand here, and all of them from another MJCF edition."""

import re

import mujoco
import numpy as np
import pytest

from protomotions_envs.robots import load_robot

LEG = ["hip_yaw", "hip_roll", "hip_pitch", "knee", "ankle"]
ARM = ["shoulder_pitch", "shoulder_roll", "shoulder_yaw", "elbow"]
JOINTS = [
    *(f"{side}_{part}_joint" for side in ("left", "right") for part in LEG),
    "torso_joint",
    *(f"{side}_{part}_joint" for side in ("left", "right") for part in ARM),
]
# Part: lower and upper limit of the left joint (rad), stiffness, damping, effort (N m), speed (rad/s).
FIGURES = {
    "hip_yaw": (-0.43, 0.43, 200, 5, 200, 23),
    "hip_roll": (-0.43, 0.43, 200, 5, 200, 23),
    "hip_pitch": (-1.57, 1.57, 200, 5, 200, 23),
    "knee": (-0.26, 2.05, 300, 6, 300, 14),
    "ankle": (-0.87, 0.52, 40, 2, 40, 9),
    "torso": (-2.35, 2.35, 300, 6, 200, 23),
    "shoulder_pitch": (-2.87, 2.87, 100, 2, 40, 9),
    "shoulder_roll": (-0.34, 3.11, 100, 2, 40, 9),
    "shoulder_yaw": (-1.3, 4.45, 100, 2, 18, 20),
    "elbow": (-1.25, 2.61, 100, 2, 18, 20),
}
MIRRORED = {"shoulder_roll", "shoulder_yaw"}
"""Parts whose limits are not symmetric and swap on the right side; pitches keep theirs."""


def _part(joint: str) -> str:
    return re.sub("^(left|right)_|_joint$", "", joint)


@pytest.fixture(scope="module")
def robot():
    """The H1."""
    return load_robot("h1")


def test_joints_stand_in_unitrees_order(robot):
    """Legs, torso, arms; left before right."""
    assert list(robot.joint_names) == JOINTS


def test_bodies_are_one_per_joint_and_the_pelvis(robot):
    """20 bodies, each named after its joint."""
    assert list(robot.body_names) == ["pelvis", *(joint.replace("_joint", "_link") for joint in JOINTS)]


@pytest.mark.parametrize("joint", JOINTS)
def test_figures_of_a_joint(robot, joint):
    """Limits, gains, effort, speed and armature are those of the data sheet."""
    lower, upper, *drive = FIGURES[_part(joint)]
    if joint.startswith("right") and _part(joint) in MIRRORED:
        lower, upper = -upper, -lower
    index = robot.joint_names.index(joint)
    assert (robot.joint_lower[index], robot.joint_upper[index]) == (lower, upper)
    columns = (robot.stiffness, robot.damping, robot.effort_limit, robot.velocity_limit, robot.armature)
    assert [column[index] for column in columns] == [*drive, 0.1]


def test_masses(robot):
    """51.44 kg in all: legs of 10.795 kg, arms of 3.334 kg, torso 17.789 kg, pelvis 5.39 kg."""
    assert robot.mass == pytest.approx(2 * (10.795 + 3.334) + 17.789 + 5.39, abs=1e-9)


def test_root_height_of_straight_legs(robot):
    """Hips 0.1742 m below the root, two segments of 0.4 m, soles 0.07 m below the ankle."""
    assert robot.model.body("pelvis").pos[2] == pytest.approx(0.1742 + 0.4 + 0.4 + 0.07)


def test_root_height_of_the_default_pose(robot):
    """Thigh and shank lean by 0.2 and 0.3 rad, the feet are level."""
    height = 0.1742 + 0.4 * np.cos(0.2) + 0.4 * np.cos(0.3) + 0.07
    assert robot.config.default_root_height == pytest.approx(height, abs=1e-4)


def test_stands_for_a_second(robot, on_floor):
    """The drives at the default pose carry the robot without any balance control."""
    model, data = on_floor(robot)
    mujoco.mj_step(model, data, int(1 / model.opt.timestep))
    assert data.qpos[2] == pytest.approx(robot.config.default_root_height, abs=0.03)
    assert data.body("torso_link").xmat[8] > 0.98
