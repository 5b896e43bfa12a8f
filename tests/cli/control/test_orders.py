# SPDX-License-Identifier: Apache-2.0
"""Orders, and how scripts give them."""

import math

import pytest
import torch

from protomotions_cli.control.control import Wish
from protomotions_cli.control.orders import ORDERS, Order, check_task, give, goal_of
from protomotions_cli.control.script import Entry, Script
from protomotions_cli.errors import UsageError
from protomotions_envs.tasks import TASKS


def test_later_orders_change_what_they_name_and_nothing_else():
    """Who is told to turn looks where he goes, unless he is told otherwise."""
    first = Order(speed=1.0, direction=10.0, facing=20.0)
    assert first.then(Order(speed=2.0)) == Order(speed=2.0, direction=10.0, facing=20.0)
    assert first.then(Order(direction=30.0)) == Order(speed=1.0, direction=30.0)
    assert first.then(Order(direction=30.0, facing=5.0)) == Order(speed=1.0, direction=30.0, facing=5.0)


@pytest.mark.parametrize("name", TASKS)
def test_tasks_take_commands_or_say_that_they_don_t(name):
    """The message names those that do."""
    task = TASKS[name]()
    if name in ORDERS:
        check_task(task, "--keyboard")
    else:
        with pytest.raises(UsageError, match=f"--keyboard is for the tasks steering, .*; the task '{name}' takes no"):
            check_task(task, "--keyboard")


def test_orders_reach_the_goals_of_steering(make_stage):
    """Degrees become radians; the robot faces where it goes."""
    goal = goal_of(make_stage("steering").env)
    give(goal, Order(speed=1.5, direction=90.0))
    assert (float(goal.speed), float(goal.direction)) == (1.5, pytest.approx(math.pi / 2))
    assert float(goal.facing) == pytest.approx(math.pi / 2)
    give(goal, Order(facing=-180.0))
    assert float(goal.direction) == pytest.approx(math.pi / 2)
    assert float(goal.facing) == pytest.approx(-math.pi)


def test_orders_reach_targets_and_paths(make_stage):
    """A target is where it was put; a path of 2 m at 1 m/s has been gone along after 100 steps of 0.02 s."""
    target = goal_of(make_stage("target").env)
    give(target, Order(target=(2.0, -1.0)))
    assert target.position.tolist() == [[2.0, -1.0]]
    stage = make_stage("path_follower")
    path = goal_of(stage.env)
    x, y, _ = path.point[0].tolist()
    give(path, Order(path=((x + 2.0, y),), speed=1.0))
    generator, state = torch.Generator().manual_seed(0), stage.env.simulator.state
    places = []
    for _ in range(150):
        path.advance()
        path.renew(state, generator)
        places.append(path.point[0, :2].tolist())
    assert places[49] == pytest.approx([x + 1.0, y], abs=0.03)
    assert places[149] == pytest.approx([x + 2.0, y], abs=1e-3)


def test_a_script_gives_orders_when_their_time_has_come(make_stage):
    """Each once, so that what changes meanwhile isn't overwritten; what holds is given again to a new episode."""
    stage = make_stage("steering")
    goal = goal_of(stage.env)
    script = Script([Entry(0.0, Order(speed=0.5)), Entry(0.1, Order(direction=90.0)), Entry(0.3, Order(speed=1.0))])
    assert script.seconds == pytest.approx(5.3)
    speeds, directions = [], []
    for frame in range(20):
        assert script.tell(stage, frame * 0.02, begins=frame == 0) is Wish.GO_ON
        speeds.append(float(goal.speed))
        directions.append(float(goal.direction))
    assert speeds == [0.5] * 15 + [1.0] * 5
    assert directions[4] != pytest.approx(math.pi / 2)
    assert directions[5:] == pytest.approx([math.pi / 2] * 15)
    goal.command(speed=0.1, direction=0.0)
    script.tell(stage, 0.4, begins=False)
    assert float(goal.speed) == pytest.approx(0.1)
    script.tell(stage, 0.42, begins=True)
    assert (float(goal.speed), float(goal.direction)) == (1.0, pytest.approx(math.pi / 2))


def test_before_its_first_command_a_script_leaves_the_goals_alone(make_stage):
    """They are those that the task has drawn."""
    stage = make_stage("steering")
    drawn = float(goal_of(stage.env).speed)
    Script([Entry(1.0, Order(speed=9.0))]).tell(stage, 0.0, begins=True)
    assert float(goal_of(stage.env).speed) == drawn
