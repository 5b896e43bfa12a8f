# SPDX-License-Identifier: Apache-2.0
"""Steering: what is seen and rewarded, by hand; and commands from outside."""

import dataclasses
import math

import pytest
import torch
from tests.envs.states import moved, random_state

from protomotions_envs import rotations
from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.steering.config import SteeringCommands, SteeringConfig, SteeringRewards
from protomotions_envs.tasks.steering.goal import SteeringGoal

CPU = torch.device("cpu")
LEFT = 0.5 * math.pi
ANCHOR = 1


def goal_of(count: int, config: SteeringConfig | None = None, **told: float | torch.Tensor) -> SteeringGoal:
    """Commands of some worlds."""
    goal = SteeringGoal(config or SteeringConfig(), 0.02, ANCHOR, count, CPU)
    if told:
        goal.command(**told)
    return goal


def walking(velocity: tuple[float, float], yaw: float) -> RobotState:
    """A robot whose root has a horizontal velocity, m/s, and whose anchor faces some way, rad."""
    state = random_state(1, 3, 2)
    speed, turn = state.body_lin_vel.clone(), state.body_rot.clone()
    speed[0, 0, :2] = torch.tensor(velocity)
    turn[0, ANCHOR] = rotations.axis_angle(torch.tensor([0.0, 0.0, yaw]))
    return dataclasses.replace(state, body_lin_vel=speed, body_rot=turn)


def observed(goal: SteeringGoal, state: RobotState) -> torch.Tensor:
    """What robots see of their commands."""
    return goal.observe(goal.view(), state, rotations.heading(state.body_rot[:, ANCHOR]))


def test_observation_by_hand():
    """A robot that faces +y is to go to +x at 1.5 m/s and look to -x: to its right, and to its left."""
    found = observed(goal_of(1, direction=0.0, speed=1.5, facing=math.pi), walking((0.0, 0.0), LEFT))
    torch.testing.assert_close(found, torch.tensor([[0.0, -1.0, 1.5, 0.0, 1.0]]), atol=1e-6, rtol=0)


def test_observation_and_rewards_ignore_place_and_heading():
    """A world that is turned with its commands looks the same and earns the same."""
    state = random_state(4, 3, 2)
    direction, facing = torch.linspace(-3.0, 3.0, 4), torch.linspace(0.0, 6.0, 4)
    goals = [goal_of(4, direction=direction + turn, speed=1.0, facing=facing + turn) for turn in (0.0, 0.7)]
    states = [state, moved(state, 0.7, (2.0, -5.0))]
    here, there = (observed(*pair) for pair in zip(goals, states, strict=True))
    torch.testing.assert_close(here, there, atol=1e-5, rtol=1e-5)
    here, there = (goal.rewards(one) for goal, one in zip(goals, states, strict=True))
    torch.testing.assert_close(here, there, atol=1e-5, rtol=1e-5)


def test_perfect_steering_earns_the_weights():
    """Going to +y at 1.2 m/s and looking there: 0.7 and 0.3."""
    found = goal_of(1, direction=LEFT, speed=1.2).rewards(walking((0.0, 1.2), LEFT))
    assert found["velocity"].item() == pytest.approx(0.7)
    assert found["facing"].item() == pytest.approx(0.3)


def test_rewards_by_hand():
    """0.5 m/s too slow and 0.2 m/s aside: exp(-k (0.5^2 + 0.5 0.2^2)); 60 degrees off: half of the facing's weight."""
    rewards = SteeringRewards(velocity=2.0, velocity_scales=(1.0, 3.0), sideways=0.5, facing=0.4)
    config = SteeringConfig(rewards=rewards)
    goal = goal_of(1, config, direction=0.0, speed=1.0, facing=0.0)
    found = goal.rewards(walking((0.5, 0.2), math.pi / 3))
    assert found["velocity"].item() == pytest.approx(math.exp(-0.27) + math.exp(-3.0 * 0.27), rel=1e-5)
    assert found["facing"].item() == pytest.approx(0.2, rel=1e-5)


def test_turning_ones_back_earns_nothing():
    """Neither going backwards, however slowly, nor looking more than a right angle away."""
    goal = goal_of(1, direction=0.0, speed=0.1)
    found = goal.rewards(walking((-0.01, 0.0), math.pi))
    assert found["velocity"].item() == 0.0
    assert found["facing"].item() == 0.0


def test_standing_on_command_is_rewarded_whichever_way_the_robot_sways():
    """At a commanded speed of 0, no direction is backwards."""
    goal = goal_of(1, direction=0.0, speed=0.0)
    rewards = [goal.rewards(walking((sway, 0.0), 0.0))["velocity"].item() for sway in (-0.1, 0.1)]
    assert rewards == pytest.approx([0.35 * (math.exp(-0.005) + math.exp(-0.08))] * 2)


def test_commands_hold():
    """The direction is faced unless something else is told; hours later nothing has changed."""
    goal = goal_of(3, direction=torch.tensor([0.1, 0.2, 0.3]), speed=1.0)
    assert torch.equal(goal.facing, goal.direction)
    goal.command(speed=0.5)
    for _ in range(400):
        goal.advance()
        goal.renew(random_state(3, 3, 2), torch.Generator())
    torch.testing.assert_close(goal.direction, torch.tensor([0.1, 0.2, 0.3]))
    assert goal.speed.tolist() == [0.5] * 3
    with pytest.raises(ProtoMotionsError, match="Did you mean 'speed'"):
        goal.command(sped=1.0)


def test_a_new_episode_ends_a_command():
    """In its world only."""
    goal = goal_of(2, direction=9.0, speed=9.0)
    goal.begin(torch.tensor([True, False]), random_state(2, 3, 2), torch.Generator().manual_seed(0))
    assert goal.speed[0] <= 2.0
    assert goal.speed[1] == 9.0


def test_arrows_point_where_to_go_and_where_to_look():
    """From above the first world's robot: the way of a second, and a short arrow to the left."""
    state = walking((0.0, 0.0), 0.0)
    go, look = goal_of(1, direction=0.0, speed=2.0, facing=LEFT).markers(state)
    assert go.position[:2] == pytest.approx(state.root_pos[0, :2].tolist())
    assert go.vector == pytest.approx((2.0, 0.0, 0.0))
    assert look.vector == pytest.approx((0.0, 0.4, 0.0), abs=1e-6)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: SteeringCommands(max_speed=0.0), "speeds must be positive, or the lower 0"),
        (lambda: SteeringCommands(min_speed=1.5, max_speed=1.0), "the lower not above the higher, not 1.5 and 1.0"),
        (lambda: SteeringCommands(seconds=(3.0, 1.0)), "the shorter first"),
        (lambda: SteeringCommands(stop_fraction=2.0), r"stop_fraction must lie in 0\.\.1"),
        (lambda: SteeringCommands(speed_change=-1.0), "speed_change must be 0 or more"),
        (lambda: SteeringCommands(acceleration=0.0), "acceleration must be positive or null, not 0.0"),
        (lambda: SteeringCommands(turn_rate=-1.0), "turn_rate must be positive or null, not -1.0"),
        (lambda: SteeringCommands(facing="backwards"), "facing must be 'direction' or 'random', not 'backwards'"),
        (lambda: SteeringRewards(facing=-0.1), "Steering reward facing must be 0 or more"),
        (lambda: SteeringRewards(velocity_scales=()), "velocity_scales must be positive"),
    ],
)
def test_values_out_of_range_are_refused(build, message):
    """Settings check themselves."""
    with pytest.raises(ProtoMotionsError, match=message):
        build()
