# SPDX-License-Identifier: Apache-2.0
"""DeepMimic's humanoid: figures typed by hand, those of another edition, and the bodies of recorded clips."""

import mujoco
import numpy as np
import pytest
from tests.envs.robots.published_model import assert_same_figures, assert_same_kinematics

from protomotions_envs.motions.ball_joints import hinge_angles
from protomotions_envs.robots import load_robot

BODIES = ["pelvis", "torso", "head"]
BODIES += [f"{side}_{part}" for side in ("right", "left") for part in ("upper_arm", "lower_arm", "hand")]
BODIES += [f"{side}_{part}" for side in ("right", "left") for part in ("thigh", "shin", "foot")]
# Joint: limits of x, y and z of the right side in degrees (of y alone for hinges), stiffness, effort (N m), armature.
FIGURES = {
    "abdomen": ([(-60, 60), (-60, 90), (-50, 50)], 1000, 200, 0.02),
    "neck": ([(-50, 50), (-40, 60), (-45, 45)], 100, 50, 0.01),
    "shoulder": ([(-180, 45), (-180, 60), (-90, 90)], 400, 100, 0.02),
    "elbow": ([(-160, 0)], 300, 70, 0.01),
    "hip": ([(-60, 15), (-140, 60), (-60, 35)], 500, 200, 0.02),
    "knee": ([(0, 160)], 500, 150, 0.02),
    "ankle": ([(-30, 30), (-55, 55), (-40, 40)], 400, 90, 0.01),
}
ORDER = ["abdomen", "neck", "right_shoulder", "right_elbow", "left_shoulder", "left_elbow"]
ORDER += [f"{side}_{part}" for side in ("right", "left") for part in ("hip", "knee", "ankle")]
CLIPS = ["humanoid_walk", "humanoid_run", "humanoid_dance"]


def _hinges(joint: str) -> list[str]:
    return [joint] if joint.endswith(("elbow", "knee")) else [f"{joint}_{axis}" for axis in "xyz"]


def _published_name(joint: str) -> str:
    """The other edition's elbows and knees have three hinges."""
    return f"{joint}_y" if joint.endswith(("elbow", "knee")) else joint


@pytest.fixture(scope="module")
def robot():
    """The humanoid."""
    return load_robot("amp")


@pytest.fixture
def other_edition(shared_data):
    """The edition with 36 joints; its bodies get their inertia from the shapes."""
    return mujoco.MjModel.from_xml_path(str(shared_data / "robots" / "amp_humanoid.xml"))


def test_names(robot):
    """15 bodies and 28 hinges, trunk first, right before left; the hands are fixed to the lower arms."""
    assert list(robot.body_names) == BODIES
    assert list(robot.joint_names) == [hinge for joint in ORDER for hinge in _hinges(joint)]


@pytest.mark.parametrize("joint", ORDER)
def test_figures_of_a_joint(robot, joint):
    """Limits, gains, effort, speed and armature; those of the left side mirror the right in x and z."""
    limits, stiffness, effort, armature = FIGURES[joint.removeprefix("left_").removeprefix("right_")]
    for hinge, (lower, upper) in zip(_hinges(joint), limits, strict=True):
        if joint.startswith("left") and hinge.endswith(("_x", "_z")):
            lower, upper = -upper, -lower
        index = robot.joint_names.index(hinge)
        assert np.degrees([robot.joint_lower[index], robot.joint_upper[index]]) == pytest.approx([lower, upper])
        columns = (robot.stiffness, robot.damping, robot.effort_limit, robot.velocity_limit, robot.armature)
        assert [column[index] for column in columns] == [stiffness, stiffness / 10, effort, 100, armature]


def test_hinges_turn_about_their_axes(robot):
    """At rest three hinges of a body are the world's x, y and z in turn, and a single one is y."""
    for joint in ORDER:
        axes = [robot.model.joint(hinge).axis for hinge in _hinges(joint)]
        np.testing.assert_array_equal(axes, np.eye(3) if len(axes) == 3 else [[0, 1, 0]])


def test_rotations_of_joints_can_be_split_over_hinges(robot, rng):
    """A rotation about one axis is the angle of that hinge, and elbows keep their angle."""
    columns = [robot.joint_names.index(name) for name in ("left_hip_y", "right_elbow")]
    vectors = np.zeros((3, robot.num_joints))
    vectors[:, columns] = rng.uniform(-1, 0, (3, 2))
    np.testing.assert_allclose(hinge_angles(robot, vectors), vectors, atol=1e-12)


def test_masses(robot):
    """49.46 kg in all; a hand is a ball of 4 cm and 1865 kg/m^3, a foot a box of 17.7 x 9 x 5.5 cm and 1141 kg/m^3."""
    assert robot.mass == pytest.approx(49.457, abs=1e-3)
    assert robot.model.body("left_hand").mass[0] == pytest.approx(4 / 3 * np.pi * 0.04**3 * 1865)
    assert robot.model.body("left_foot").mass[0] == pytest.approx(0.177 * 0.09 * 0.055 * 1141)


def test_root_height(robot):
    """Legs are straight: thigh 0.4215 m, shin 0.4099 m, soles 0.05 m below the ankle."""
    assert robot.config.default_root_height == pytest.approx(0.421546 + 0.40987 + 0.05, abs=1e-4)


def test_stands_for_two_seconds(robot, on_floor):
    """The drives at the default pose balance the humanoid on its feet."""
    model, data = on_floor(robot)
    mujoco.mj_step(model, data, int(2 / model.opt.timestep))
    assert data.qpos[2] == pytest.approx(robot.config.default_root_height, abs=0.005)
    assert data.body("head").xmat[8] > 0.999


def test_control_runs_at_30_hz(robot):
    """Four physics steps at 120 Hz."""
    assert robot.control_dt == pytest.approx(1 / 30)


def test_figures_are_those_of_another_edition(robot, other_edition):
    """Every body's mass, centre, inertia and offset, and every joint's range and axis, are the same numbers."""
    assert_same_figures(robot, other_edition, _published_name)


def test_forward_kinematics_is_that_of_another_edition(robot, other_edition, rng):
    """Poses of all bodies at random joint angles agree; the other edition's additional hinges stay at zero."""
    assert_same_kinematics(robot, other_edition, rng, _published_name)


@pytest.mark.parametrize("clip", CLIPS)
def test_forward_kinematics_is_that_of_recorded_bodies(robot, shared_data, clip):
    """Isaac Lab's clips state joints, as rotation vectors, and bodies: ours are where theirs are, to 0.3 mm."""
    with np.load(shared_data / "isaaclab_amp" / f"{clip}.npz") as file:
        assert list(file["dof_names"]) == list(robot.joint_names)
        assert list(file["body_names"]) == list(robot.body_names)
        position, rotation = file["body_positions"], file["body_rotations"]
        angles = hinge_angles(robot, file["dof_positions"])
    data = mujoco.MjData(robot.model)
    for frame in range(0, len(angles), 3):
        data.qpos[:] = [*position[frame, 0], *rotation[frame, 0], *angles[frame]]
        mujoco.mj_kinematics(robot.model, data)
        np.testing.assert_allclose(data.xpos[1:], position[frame], atol=3e-4)


def test_thighs_collide_with_each_other(robot, on_floor):
    """Hips turned inwards, the legs touch: self collision is on where it matters."""
    model, data = on_floor(robot)
    data.joint("left_hip_x").qpos = -0.25
    data.joint("right_hip_x").qpos = 0.25
    mujoco.mj_forward(model, data)
    touching = {frozenset(model.geom(geom).name for geom in contact.geom) for contact in data.contact}
    assert frozenset(("left_shin", "right_shin")) in touching
