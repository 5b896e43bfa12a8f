# SPDX-License-Identifier: Apache-2.0
"""Commands that set in gradually: what is asked for, step by step, by hand."""

import math

import pytest
import torch
from tests.envs.states import random_state
from tests.envs.tasks.steering.test_goal import ANCHOR, goal_of, observed, walking

from protomotions_envs.tasks.steering.config import SteeringCommands, SteeringConfig
from protomotions_envs.tasks.steering.goal import SteeringGoal

SLOW = SteeringConfig(commands=SteeringCommands(acceleration=4.0, turn_rate=2.0))
"""At most 0.08 m/s and 0.04 rad per control step of 0.02 s."""


def asked(goal: SteeringGoal) -> list[float]:
    """Direction, rad, speed, m/s, and facing, rad, that the first world is asked for."""
    return goal.view()["steering"][0].tolist()


def pass_steps(goal: SteeringGoal, count: int) -> None:
    """Let control steps pass."""
    state = random_state(goal.num_envs, 3, 2)
    for _ in range(count):
        goal.advance()
        goal.renew(state, torch.Generator())


def begun(config: SteeringConfig = SLOW, *, pace: float = 0.0, yaw: float = 0.0) -> SteeringGoal:
    """Commands of an episode that begins with a robot that goes to +x, m/s, and faces some way, rad."""
    goal = goal_of(1, config)
    goal.begin(torch.tensor([True]), walking((pace, 0.0), yaw), torch.Generator().manual_seed(0))
    return goal


def test_speed_rises_at_the_acceleration():
    """Ten steps of 0.08 m/s; 2 m/s after 25, and no more."""
    goal = begun()
    goal.command(speed=2.0, direction=0.0)
    found = []
    for _ in range(3):
        pass_steps(goal, 10)
        found.append(asked(goal))
    assert found[0] == pytest.approx([0.0, 0.8, 0.0], abs=1e-6)
    assert found[1] == pytest.approx([0.0, 1.6, 0.0], abs=1e-6)
    assert found[2] == pytest.approx([0.0, 2.0, 0.0], abs=1e-6)


def test_turning_round_goes_through_standing_still():
    """From 0.4 m/s to +x to the same to -x: standing after 5 steps; the robot turns meanwhile, 0.04 rad a step."""
    goal = begun(pace=0.4)
    goal.command(speed=0.4, direction=math.pi, facing=3.0)
    pass_steps(goal, 4)
    assert asked(goal) == pytest.approx([0.0, 0.08, 0.16], abs=1e-6)
    pass_steps(goal, 1)
    # Who stands is told where to go next.
    assert asked(goal) == pytest.approx([math.pi, 0.0, 0.2], abs=1e-6)
    pass_steps(goal, 5)
    direction, *others = asked(goal)
    assert abs(direction) == pytest.approx(math.pi)
    assert others == pytest.approx([0.4, 0.4], abs=1e-6)


@pytest.mark.parametrize(("start", "end", "turn"), [(3.0, -3.0, 2 * math.pi - 6.0), (-1.0, 1.0, 2.0)])
def test_the_facing_goes_the_shorter_way_round(start, end, turn):
    """Between 3 rad and -3 rad lie 0.283 rad, to the left."""
    goal = begun(yaw=start)
    goal.command(direction=0.0, speed=0.0, facing=end)
    pass_steps(goal, 1)
    assert asked(goal)[2] == pytest.approx(start + 0.04, abs=1e-5)
    pass_steps(goal, 100)
    assert asked(goal)[2] == pytest.approx(start + turn, abs=1e-5)


def test_episodes_begin_with_what_the_robot_does():
    """In the worlds that begin; the anchor's heading and the root's velocity."""
    goal = goal_of(2, SLOW)
    state = random_state(2, 3, 2)
    goal.begin(torch.tensor([True, False]), state, torch.Generator().manual_seed(0))
    direction, speed, facing = goal.view()["steering"].unbind(1)
    velocity = state.root_lin_vel[0, :2]
    torch.testing.assert_close(speed[0], velocity.norm())
    torch.testing.assert_close(direction[0], torch.atan2(velocity[1], velocity[0]))
    w, x, y, z = state.body_rot[0, ANCHOR]
    torch.testing.assert_close(facing[0], torch.atan2(2 * (x * y + w * z), 1 - 2 * (y * y + z * z)))
    assert goal.view()["steering"][1].tolist() == [0.0, 0.0, 0.0]


def test_rewards_and_observations_are_of_what_is_asked():
    """A robot that does as it is asked earns all, although it was told to run the other way."""
    goal = begun()
    goal.command(speed=2.0, direction=math.pi, facing=3.0)
    pass_steps(goal, 5)
    state = walking((-0.4, 0.0), 0.2)
    rewards = goal.rewards(state)
    assert rewards["velocity"].item() == pytest.approx(0.7)
    assert rewards["facing"].item() == pytest.approx(0.3)
    assert observed(goal, state)[0, 2:].tolist() == pytest.approx([0.4, 1.0, 0.0], abs=1e-6)
    # What evaluations compare with.
    assert goal.speed.item() == 2.0


@pytest.mark.parametrize("rates", [{"acceleration": 4.0}, {"turn_rate": 2.0}])
def test_each_rate_alone(rates):
    """The other quantity follows at once."""
    goal = begun(SteeringConfig(commands=SteeringCommands(**rates)))
    goal.command(speed=1.0, direction=1.0)
    pass_steps(goal, 1)
    speed, facing = asked(goal)[1:]
    assert speed == pytest.approx(0.08 if "acceleration" in rates else 1.0)
    assert facing == pytest.approx(0.04 if "turn_rate" in rates else 1.0)
