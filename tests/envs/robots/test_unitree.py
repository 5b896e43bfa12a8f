# SPDX-License-Identifier: Apache-2.0
"""What holds of all of Unitree's robots: the figures of another edition of each, and how they touch things."""

import mujoco
import pytest
from tests.envs.robots.published_model import assert_same_figures, assert_same_kinematics, without_shapes

from protomotions_envs.robots import load_robot

OTHER_EDITIONS = {"g1": "g1_mjlab.xml", "h1": "h1_menagerie.xml", "h1_2": "h1_2.xml"}


@pytest.fixture(params=OTHER_EDITIONS)
def robot(request):
    """One robot after another."""
    return load_robot(request.param)


@pytest.fixture
def other_edition(shared_data, robot):
    """Another MJCF of the same robot."""
    return without_shapes(shared_data / "robots" / OTHER_EDITIONS[robot.name])


@pytest.fixture
def other_name(robot):
    """What the other edition calls a joint; that of the H1 lacks the ending of Unitree's names."""
    return lambda name: name.removesuffix("_joint") if robot.name == "h1" else name


def test_control_runs_at_50_hz(robot):
    """Four physics steps of 5 ms."""
    assert robot.control_dt == pytest.approx(0.02)
    assert robot.model.opt.timestep == 0.005


def test_figures_are_those_of_another_edition(robot, other_edition, other_name):
    """Every body's mass, centre, inertia and offset, and every joint's range and axis, are the same numbers."""
    assert_same_figures(robot, other_edition, other_name)


def test_forward_kinematics_is_that_of_another_edition(robot, other_edition, other_name, rng):
    """Poses of all bodies at random joint angles agree."""
    assert_same_kinematics(robot, other_edition, rng, other_name)


def test_soles_touch_at_four_points_each(robot, on_floor):
    """Two thin capsules a foot keep the number of contacts, and so the cost of a step, low."""
    model, data = on_floor(robot)
    data.qpos[2] -= 0.003
    mujoco.mj_forward(model, data)
    assert data.ncon == 8


def test_legs_collide_with_each_other(robot, on_floor):
    """Hips rolled inwards, the legs touch: self collision is on where it matters."""
    model, data = on_floor(robot)
    data.joint("left_hip_roll_joint").qpos = -0.4
    data.joint("right_hip_roll_joint").qpos = 0.4
    mujoco.mj_forward(model, data)
    touching = {frozenset(model.geom(geom).name for geom in contact.geom) for contact in data.contact}
    assert any(all(name.startswith(("left", "right")) for name in pair) for pair in touching)
