# SPDX-License-Identifier: Apache-2.0
"""The person: SMPL's names and tree, an anthropometric table's lengths and masses."""

import mujoco
import numpy as np
import pytest

from protomotions_envs.robots import load_robot

STATURE, MASS = 1.75, 70.0
LEG, ARM = ("Hip", "Knee", "Ankle", "Toe"), ("Thorax", "Shoulder", "Elbow", "Wrist", "Hand")
TRUNK = ("Torso", "Spine", "Chest", "Neck", "Head")
BODIES = ["Pelvis", *(f"{side}_{part}" for side in "LR" for part in LEG), *TRUNK]
BODIES += [f"{side}_{part}" for side in "LR" for part in ARM]
PARENTS = {"Pelvis": None, "L_Hip": "Pelvis", "R_Hip": "Pelvis", "Torso": "Pelvis", "Spine": "Torso", "Chest": "Spine"}
PARENTS |= {"Neck": "Chest", "Head": "Neck", "L_Thorax": "Chest", "R_Thorax": "Chest"}
PARENTS |= {f"{side}_{part}": f"{side}_{LEG[i]}" for side in "LR" for i, part in enumerate(LEG[1:])}
PARENTS |= {f"{side}_{part}": f"{side}_{ARM[i]}" for side in "LR" for i, part in enumerate(ARM[1:])}


@pytest.fixture(scope="module")
def robot():
    """The person."""
    return load_robot("smpl")


@pytest.fixture
def t_pose(robot):
    """The person at rest, root at the origin."""
    data = mujoco.MjData(robot.model)
    data.qpos[:3] = 0
    mujoco.mj_kinematics(robot.model, data)
    return data


def test_names_and_tree_are_smpls(robot):
    """24 bodies in depth-first order, each joint three hinges x, y, z of its body."""
    assert list(robot.body_names) == BODIES
    named = (robot.body_names[parent] if parent >= 0 else None for parent in robot.parents)
    assert dict(zip(robot.body_names, named, strict=True)) == PARENTS
    assert list(robot.joint_names) == [f"{body}_{axis}" for body in BODIES[1:] for axis in "xyz"]


def test_hinges_turn_about_their_axes(robot):
    """At rest the hinges of a body are the world's axes, in the order of their names."""
    np.testing.assert_array_equal(robot.model.jnt_axis[1:], np.tile(np.eye(3), (23, 1)))


@pytest.mark.parametrize(
    ("proximal", "distal", "fraction"),
    [("Hip", "Knee", 0.245), ("Knee", "Ankle", 0.246), ("Shoulder", "Elbow", 0.186), ("Elbow", "Wrist", 0.146)],
)
def test_segment_lengths_are_winters(t_pose, proximal, distal, fraction):
    """Segments have the table's fractions of the stature; the shank, which leans, to 1 mm."""
    for side in "LR":
        length = np.linalg.norm(t_pose.body(f"{side}_{proximal}").xpos - t_pose.body(f"{side}_{distal}").xpos)
        assert length == pytest.approx(fraction * STATURE, abs=2e-3)


def test_stature(robot, t_pose):
    """From soles to the top of the head 1.75 m, within 1 cm."""
    head, foot = robot.model.geom("Head"), robot.model.geom("L_Ankle")
    top = t_pose.geom("Head").xpos[2] + head.size[1] + head.size[0]
    sole = t_pose.geom("L_Ankle").xpos[2] - foot.size[2]
    assert top - sole == pytest.approx(STATURE, abs=0.01)


@pytest.mark.parametrize(
    ("parts", "percent"),
    [
        (["Neck", "Head"], 6.94),
        (["Chest", "L_Thorax", "R_Thorax"], 15.96),
        (["Torso", "Spine"], 16.33),
        (["Pelvis"], 11.17),
        (["R_Shoulder"], 2.71),
        (["L_Elbow"], 1.62),
        (["R_Wrist", "R_Hand"], 0.61),
        (["L_Hip"], 14.16),
        (["R_Knee"], 4.33),
        (["L_Ankle", "L_Toe"], 1.37),
    ],
)
def test_segment_masses_are_de_levas(robot, parts, percent):
    """Each segment has the table's percentage of 70 kg."""
    mass = sum(robot.model.body(part).mass[0] for part in parts)
    assert mass == pytest.approx(percent / 100 * MASS, abs=2e-3)


def test_total_mass(robot):
    """70 kg."""
    assert robot.mass == pytest.approx(MASS, abs=0.01)


@pytest.mark.parametrize(
    ("joint", "stiffness", "damping"),
    [
        ("L_Hip_x", 800, 80),
        ("R_Ankle_z", 800, 80),
        ("L_Toe_y", 500, 50),
        ("Spine_y", 1000, 100),
        ("Head_z", 500, 50),
        ("R_Elbow_y", 500, 50),
        ("L_Hand_x", 300, 30),
    ],
)
def test_gains(robot, joint, stiffness, damping):
    """Gains are those of the data sheet, with its effort, speed and armature for all."""
    index = robot.joint_names.index(joint)
    assert (robot.stiffness[index], robot.damping[index]) == (stiffness, damping)
    assert (robot.effort_limit[index], robot.velocity_limit[index], robot.armature[index]) == (500, 100, 0.02)


def test_rest_is_the_t_pose(t_pose):
    """Arms point sideways at shoulder height."""
    for side, sign in (("L", 1), ("R", -1)):
        reach = t_pose.body(f"{side}_Hand").xpos - t_pose.body(f"{side}_Shoulder").xpos
        np.testing.assert_allclose(reach, [0, sign * np.linalg.norm(reach), 0], atol=1e-6)


def test_knees_bend_backwards_only(robot):
    """A knee flexes by 2.7 rad, moving the foot back, and extends by no more than 0.1 rad."""
    index = robot.joint_names.index("L_Knee_y")
    assert (robot.joint_lower[index], robot.joint_upper[index]) == (-0.1, 2.7)


def test_stands_for_two_seconds(robot, on_floor):
    """The drives at the default pose balance the person on its feet."""
    model, data = on_floor(robot)
    mujoco.mj_step(model, data, int(2 / model.opt.timestep))
    assert data.qpos[2] == pytest.approx(robot.config.default_root_height, abs=0.01)
    assert data.body("Head").xpos[2] > 1.5
    assert np.abs(data.qvel).max() < 0.1
    assert not data.warning.number.any()


def test_control_runs_at_30_hz(robot):
    """Four physics steps at 120 Hz."""
    assert robot.control_dt == pytest.approx(1 / 30)
