# SPDX-License-Identifier: Apache-2.0
"""The H1-2 against Unitree's figures: typed by hand here, and all of them from another MJCF edition."""

import re

import mujoco
import numpy as np
import pytest
from tests.envs.robots.published_model import without_shapes

from protomotions_envs.robots import load_robot

LEG = ["hip_yaw", "hip_pitch", "hip_roll", "knee", "ankle_pitch", "ankle_roll"]
ARM = ["shoulder_pitch", "shoulder_roll", "shoulder_yaw", "elbow", "wrist_roll", "wrist_pitch", "wrist_yaw"]
JOINTS = [
    *(f"{side}_{part}_joint" for side in ("left", "right") for part in LEG),
    "torso_joint",
    *(f"{side}_{part}_joint" for side in ("left", "right") for part in ARM),
]
# Part: lower and upper limit of the left joint (rad), stiffness, damping, effort (N m), speed (rad/s), armature.
FIGURES = {
    "hip_yaw": (-0.43, 0.43, 118.4, 7.54, 200, 23, 0.03),
    "hip_pitch": (-3.14, 2.5, 118.4, 7.54, 200, 23, 0.03),
    "hip_roll": (-0.43, 3.14, 118.4, 7.54, 200, 23, 0.03),
    "knee": (-0.12, 2.19, 157.9, 10.05, 300, 14, 0.04),
    "ankle_pitch": (-0.897, 0.524, 79.0, 5.03, 60, 9, 0.02),
    "ankle_roll": (-0.262, 0.262, 39.5, 2.51, 40, 9, 0.01),
    "torso": (-2.35, 2.35, 118.4, 7.54, 200, 23, 0.03),
    "shoulder_pitch": (-3.14, 1.57, 19.74, 1.257, 40, 9, 0.005),
    "shoulder_roll": (-0.38, 3.4, 19.74, 1.257, 40, 9, 0.005),
    "shoulder_yaw": (-2.66, 3.01, 19.74, 1.257, 18, 20, 0.005),
    "elbow": (-0.95, 3.18, 19.74, 1.257, 18, 20, 0.005),
    "wrist_roll": (-3.01, 2.75, 19.74, 1.257, 19, 31.4, 0.005),
    "wrist_pitch": (-0.4625, 0.4625, 19.74, 1.257, 19, 31.4, 0.005),
    "wrist_yaw": (-1.27, 1.27, 19.74, 1.257, 19, 31.4, 0.005),
}
MIRRORED = {"hip_roll", "shoulder_roll", "shoulder_yaw", "wrist_roll"}
"""Parts whose limits are not symmetric and swap on the right side; pitches keep theirs."""


def _part(joint: str) -> str:
    return re.sub("^(left|right)_|_joint$", "", joint)


@pytest.fixture(scope="module")
def robot():
    """The H1-2."""
    return load_robot("h1_2")


@pytest.fixture
def other_edition(shared_data):
    """Another MJCF of the same robot."""
    return without_shapes(shared_data / "robots" / "h1_2.xml")


def test_joints_stand_in_unitrees_order(robot):
    """Legs, torso, arms; left before right; hips turn about yaw, pitch and roll in turn. There are no fingers."""
    assert list(robot.joint_names) == JOINTS


def test_bodies_are_one_per_joint_and_the_pelvis(robot):
    """28 bodies, each named after its joint."""
    assert list(robot.body_names) == ["pelvis", *(joint.replace("_joint", "_link") for joint in JOINTS)]


@pytest.mark.parametrize("joint", JOINTS)
def test_figures_of_a_joint(robot, joint):
    """Limits, gains, effort, speed and armature are those of the data sheets, rounded as printed there."""
    lower, upper, *drive = FIGURES[_part(joint)]
    if joint.startswith("right") and _part(joint) in MIRRORED:
        lower, upper = -upper, -lower
    index = robot.joint_names.index(joint)
    assert robot.joint_lower[index] == pytest.approx(lower, abs=6e-4)
    assert robot.joint_upper[index] == pytest.approx(upper, abs=6e-4)
    columns = (robot.stiffness, robot.damping, robot.effort_limit, robot.velocity_limit, robot.armature)
    np.testing.assert_allclose([column[index] for column in columns], drive, rtol=2e-3)


def test_masses(robot):
    """67.27 kg in all; a wrist's last body carries the hand, 0.141 kg more than the bare link of 0.124 kg."""
    assert robot.mass == pytest.approx(67.267, abs=1e-3)
    for side in ("left", "right"):
        assert robot.model.body(f"{side}_wrist_yaw_link").mass[0] == pytest.approx(0.124 + 0.141, abs=1e-3)


def test_root_height_of_straight_legs(robot):
    """Unitree's: hips 0.1632 m below the root, two segments of 0.4 m, ankle axes 0.02 m apart, soles 0.0468 m below."""
    assert robot.model.body("pelvis").pos[2] == 1.03 == pytest.approx(0.1632 + 0.4 + 0.4 + 0.02 + 0.0468)


@pytest.mark.parametrize(("name", "foot"), [("g1", "ankle_roll"), ("h1", "ankle"), ("h1_2", "ankle_roll")])
def test_soles_are_where_the_inertia_of_a_foot_says(name, foot):
    """A box of the foot's mass and moments has h^2 = 6 (Ix + Iy - Iz) / m, and ends at the sole within 2 mm."""
    model = load_robot(name).model
    body = model.body(f"left_{foot}_link")
    vertical, across, along = body.inertia
    height = np.sqrt(6 * (along + across - vertical) / body.mass[0])
    sole = model.site("left_sole").pos[2]
    assert body.ipos[2] - height / 2 == pytest.approx(sole, abs=2e-3)


def test_root_height_of_the_default_pose(robot):
    """Thigh and shank lean by 0.16 and 0.2 rad, the feet are level."""
    height = 0.1632 + 0.4 * np.cos(0.16) + 0.4 * np.cos(0.2) + 0.02 + 0.0468
    assert robot.config.default_root_height == pytest.approx(height, abs=1e-4)


def test_stands_for_two_seconds(robot, on_floor):
    """The drives at the default pose balance the robot on its feet for that long."""
    model, data = on_floor(robot)
    mujoco.mj_step(model, data, int(2 / model.opt.timestep))
    assert data.qpos[2] == pytest.approx(robot.config.default_root_height, abs=0.03)
    assert data.body("torso_link").xmat[8] > 0.98


def test_efforts_are_those_of_another_edition(robot, other_edition):
    """The other edition limits the forces of joints."""
    efforts = [other_edition.joint(name).id for name in robot.joint_names]
    np.testing.assert_array_equal(robot.effort_limit, other_edition.jnt_actfrcrange[efforts, 1])
