# SPDX-License-Identifier: Apache-2.0
"""How steering commands are drawn: statistics of many worlds against the stated distributions."""

import math

import pytest
import torch
from tests.envs.states import random_state

from protomotions_envs.state import RobotState
from protomotions_envs.tasks.steering.config import SteeringCommands, SteeringConfig
from protomotions_envs.tasks.steering.goal import SteeringGoal

N = 4000
DT = 0.02
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def state() -> RobotState:
    """Robots, at which commands don't look."""
    return random_state(N, 1, 1)


def begun(state: RobotState, generator: torch.Generator, **settings: object) -> SteeringGoal:
    """Commands of episodes that have just begun."""
    goal = SteeringGoal(SteeringConfig(commands=SteeringCommands(**settings)), DT, 0, N, CPU)
    goal.begin(torch.ones(N, dtype=torch.bool), state, generator)
    return goal


def test_first_commands(state):
    """Any direction; a tenth stands, the other speeds are uniform up to 2 m/s; they hold for 1 to 3 s."""
    goal = begun(state, torch.Generator().manual_seed(0))
    shares = torch.histc(goal.direction, 8, -math.pi, math.pi) / N
    assert (shares - 0.125).abs().max() < 0.03
    assert float((goal.speed == 0).float().mean()) == pytest.approx(0.1, abs=0.02)
    moving = goal.speed[goal.speed > 0]
    assert (torch.histc(moving, 5, 0.0, 2.0) / len(moving) - 0.2).abs().max() < 0.03
    assert torch.equal(goal.facing, goal.direction)
    seconds = DT * goal.steps_left
    assert seconds.min() == pytest.approx(1.0)
    assert seconds.max() == pytest.approx(3.0)
    assert float(seconds.mean()) == pytest.approx(2.0, abs=0.04)


def test_changes_are_mostly_small(state):
    """When their time is up, nine tenths change by at most 0.5 rad and 0.5 m/s, the others altogether."""
    generator = torch.Generator().manual_seed(0)
    goal = begun(state, generator, stop_fraction=0.0)
    direction, speed = goal.direction.clone(), goal.speed.clone()
    goal.steps_left.fill_(1)
    goal.advance()
    goal.renew(state, generator)
    turn, gain = (goal.direction - direction).abs(), (goal.speed - speed).abs()
    small = turn <= 0.5
    # Of those drawn afresh one in about 8 happens to have turned by no more than 0.5 rad.
    assert float(small.float().mean()) == pytest.approx(0.9 + 0.1 / (2 * math.pi), abs=0.02)
    assert float(turn[small].mean()) == pytest.approx(0.25, abs=0.02)
    assert float((gain[small] <= 0.5 + 1e-6).float().mean()) > 0.97
    assert goal.speed.min() >= 0.0
    assert goal.speed.max() <= 2.0
    assert goal.age.max() == 0


def test_commands_hold_until_their_time_is_up(state):
    """Step by step: nothing changes before, and what has changed starts anew."""
    generator = torch.Generator().manual_seed(0)
    goal = begun(state, generator)
    changes = torch.zeros(N)
    for _ in range(100):
        before, due = goal.direction.clone(), goal.steps_left == 1
        goal.advance()
        assert torch.equal(goal.direction, before)
        goal.renew(state, generator)
        assert torch.equal(goal.direction != before, due)
        assert torch.equal(goal.age == 0, due)
        changes += due
    # Half of the commands hold for less than two seconds, and none for less than one.
    assert float(changes.mean()) == pytest.approx(0.5, abs=0.03)


def test_facing_any_way(state):
    """On request the facing is drawn with fresh commands and stays when they change a little."""
    generator = torch.Generator().manual_seed(0)
    goal = begun(state, generator, facing="random", fresh_fraction=0.25)
    facing = goal.facing.clone()
    both = torch.stack((facing, goal.direction))
    assert abs(float(torch.corrcoef(both)[0, 1])) < 0.05
    assert (torch.histc(facing, 8, -math.pi, math.pi) / N - 0.125).abs().max() < 0.03
    goal.steps_left.fill_(0)
    goal.renew(state, generator)
    assert float((goal.facing == facing).float().mean()) == pytest.approx(0.75, abs=0.03)


def test_speeds_have_a_lower_bound(state):
    """All commands to move are at least that fast, changed ones too; standing still remains."""
    generator = torch.Generator().manual_seed(0)
    goal = begun(state, generator, min_speed=1.0, max_speed=1.5, stop_fraction=0.2)
    for _ in range(3):
        moving = goal.speed[goal.speed > 0]
        assert len(moving) / N == pytest.approx(0.8, abs=0.03)
        assert 1.0 <= moving.min() < 1.05
        assert 1.45 < moving.max() <= 1.5
        goal.steps_left.fill_(0)
        goal.renew(state, generator)
