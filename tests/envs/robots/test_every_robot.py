# SPDX-License-Identifier: Apache-2.0
"""What holds for every built-in robot; a new one joins by being registered."""

import mujoco
import numpy as np
import pytest
import torch
from tests.envs.states import standing_motion

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.robots import load_robot, robot_names
from protomotions_envs.robots.extent import lowest_points
from protomotions_envs.tasks.mimic.config import MimicConfig, MimicStart


@pytest.fixture(params=robot_names())
def robot(request):
    """Each built-in robot."""
    return load_robot(request.param)


def test_names_are_unique(robot):
    """Bodies and joints can be told apart by name, and every body has a name."""
    assert len(set(robot.body_names)) == robot.num_bodies == robot.model.nbody - 1
    assert len(set(robot.joint_names)) == robot.num_joints == robot.model.nv - 6
    assert all(robot.body_names)


def test_parents_come_first(robot):
    """Bodies stand in depth-first order: the root first, each parent before its children."""
    assert robot.parents[0] == -1
    assert all(parent < index for index, parent in enumerate(robot.parents))


def test_every_joint_is_driven_in_order(robot):
    """Actuator i drives joint i as a position drive with the robot's gains and effort limit."""
    model = robot.model
    assert [model.actuator(i).name for i in range(model.nu)] == list(robot.joint_names)
    assert (model.actuator_trnid[:, 0] == np.arange(1, model.njnt)).all()
    np.testing.assert_allclose(model.actuator_gainprm[:, 0], robot.stiffness)
    np.testing.assert_allclose(model.actuator_biasprm[:, 1], -robot.stiffness)
    np.testing.assert_allclose(-model.actuator_biasprm[:, 2], robot.damping)
    np.testing.assert_allclose(model.actuator_forcerange, np.outer(robot.effort_limit, [-1, 1]))
    steadying = robot.config.timestep * robot.damping if robot.config.stiff else 0.0
    np.testing.assert_allclose(model.dof_armature[6:], robot.armature + steadying)
    assert not model.jnt_stiffness.any()
    assert not model.dof_damping.any()


def test_joints_are_limited(robot):
    """Every hinge has a range around its default angle."""
    assert robot.model.jnt_limited[1:].all()
    assert (robot.joint_lower < robot.joint_upper).all()
    assert (robot.joint_lower <= robot.default_joint_pos).all()
    assert (robot.default_joint_pos <= robot.joint_upper).all()


def test_feet_stand_on_the_ground_in_the_default_pose(robot, on_floor):
    """At the default height the lowest point of either foot is at z = 0 within 2 mm, and nothing else is lower."""
    model, data = on_floor(robot)
    model.geom("floor").contype = model.geom("floor").conaffinity = 0
    lowest = lowest_points(model, data)
    for feet in (robot.config.left_foot_bodies, robot.config.right_foot_bodies):
        assert min(lowest[name] for name in feet) == pytest.approx(0, abs=0.002)
    assert min(height for name, height in lowest.items() if name not in robot.foot_bodies) > 0.01


def test_default_pose_has_no_self_contact(robot, on_floor):
    """In the default pose, pressed 3 mm into the floor, the robot touches the floor only."""
    model, data = on_floor(robot)
    data.qpos[2] -= 0.003
    mujoco.mj_forward(model, data)
    assert data.ncon > 0
    assert all(0 in contact.geom for contact in data.contact)


def test_stays_finite_under_jumping_targets(robot, on_floor, rng):
    """Two seconds of targets that jump by 0.3 rad each control step leave speeds below 100 rad/s."""
    model, data = on_floor(robot)
    for _ in range(int(2 / robot.control_dt)):
        data.ctrl[:] = robot.default_joint_pos + rng.normal(0, 0.3, robot.num_joints)
        mujoco.mj_step(model, data, robot.config.decimation)
        assert np.abs(data.qvel).max() < 100
    assert not data.warning.number.any()


def test_holds_its_default_pose_on_the_floor(robot, on_floor):
    """The drives carry the robot: after half a second of standing the root has sunk by less than 4 cm."""
    model, data = on_floor(robot)
    mujoco.mj_step(model, data, int(0.5 / model.opt.timestep))
    assert data.qpos[2] == pytest.approx(robot.config.default_root_height, abs=0.04)
    assert data.body(1).xmat[8] > 0.95


def test_limbs_of_both_sides_are_mirror_images(robot, on_floor):
    """In the default pose right feet and hands are the mirror images of the left ones, to 0.1 mm."""
    _, data = on_floor(robot)
    config = robot.config
    left = config.left_foot_bodies + config.left_hand_bodies
    right = config.right_foot_bodies + config.right_hand_bodies
    for left_name, right_name in zip(left, right, strict=True):
        mirrored = data.body(right_name).xpos * [1, -1, 1]
        np.testing.assert_allclose(data.body(left_name).xpos, mirrored, atol=1e-4)


def test_left_is_left_and_x_is_forward(robot, on_floor):
    """The left foot is on the +y side, and soles reach farther forward of the ankle than behind it."""
    model, data = on_floor(robot)
    data.qpos[2] -= 0.003
    mujoco.mj_forward(model, data)
    left, toe = robot.config.left_foot_bodies[0], robot.config.left_foot_bodies[-1]
    assert data.body(left).xpos[1] > 0.05
    touching = [contact.pos[0] for contact in data.contact if model.body(toe).id in model.geom_bodyid[contact.geom]]
    assert max(touching) - data.body(left).xpos[0] > 0.1


def test_right_side_mirrors_the_left(robot):
    """Right limbs have the left ones' masses, drives and limits; a turn about x or z has the other sense there."""
    for left, right in _sides(robot.body_names):
        assert robot.model.body(right).mass[0] == pytest.approx(robot.model.body(left).mass[0])
    for left, right in _sides(robot.joint_names):
        ours, theirs = robot.joint_names.index(left), robot.joint_names.index(right)
        limits = [robot.joint_lower[ours], robot.joint_upper[ours]]
        if not robot.model.joint(left).axis[1]:
            limits = [-limits[1], -limits[0]]
        assert [robot.joint_lower[theirs], robot.joint_upper[theirs]] == pytest.approx(limits)
        for column in (robot.stiffness, robot.damping, robot.effort_limit, robot.velocity_limit, robot.armature):
            assert column[theirs] == column[ours]


def test_stands_in_an_environment(robot):
    """An environment over a standing clip holds its pose for half a second of zero actions, in either world."""
    still = MimicStart(start_fraction=1.0, joint_pos_noise=0.0, joint_vel_noise=0.0)
    library = MotionLibrary([standing_motion(robot, 2.0)], robot, fps=1 / robot.control_dt)
    env = HumanoidVectorEnv(2, robot=robot.name, motion_library=library, task=MimicConfig(start=still))
    env.reset(seed=0)
    for _ in range(round(0.5 / robot.control_dt)):
        _, reward, terminated, _, _ = env.step(torch.zeros(env.action_space.shape))
        assert torch.isfinite(reward).all()
        assert not terminated.any()
    sunk = robot.config.default_root_height - env.simulator.state.root_pos[:, 2]
    env.close()
    assert sunk.abs().max() < 0.04


def _sides(names: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the pairs of names of the left and the right side."""
    marks = {"left_": "right_", "L_": "R_"}
    pairs = [
        (name, right + name.removeprefix(left))
        for left, right in marks.items()
        for name in names
        if name.startswith(left)
    ]
    assert pairs
    return pairs


def test_actions_reach_every_angle_and_all_the_effort(robot):
    """From the default pose either limit is in reach, and so is the target at which a resting drive gives its all."""
    pose = robot.default_joint_pos
    assert (pose + robot.action_reach >= robot.joint_upper - 1e-9).all()
    assert (pose - robot.action_reach <= robot.joint_lower + 1e-9).all()
    assert (robot.stiffness * robot.action_reach >= robot.effort_limit - 1e-9).all()
    bounds = (robot.joint_upper - pose, pose - robot.joint_lower, robot.effort_limit / robot.stiffness)
    np.testing.assert_allclose(robot.action_reach, np.max(bounds, axis=0))
