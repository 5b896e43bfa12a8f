# SPDX-License-Identifier: Apache-2.0
"""Going to places: how they are drawn, what is seen and rewarded, and commands from outside."""

import dataclasses
import math

import pytest
import torch
from tests.envs.states import moved, random_state

from protomotions_envs import rotations
from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.target.config import TargetConfig, TargetRewards, Targets
from protomotions_envs.tasks.target.goal import TargetGoal

N, DT = 4000, 0.02
EVERY = torch.ones(N, dtype=torch.bool)


def goal_of(count: int, config: TargetConfig | None = None) -> TargetGoal:
    """Targets of some worlds."""
    return TargetGoal(config or TargetConfig(), DT, count, torch.device("cpu"))


def standing(x: float, y: float, yaw: float = 0.0) -> RobotState:
    """A robot at a place, that faces some way, rad."""
    state = random_state(1, 2, 1)
    position, turn = state.body_pos.clone(), state.body_rot.clone()
    position[0, 0] = torch.tensor([x, y, 0.8])
    turn[0, 0] = rotations.axis_angle(torch.tensor([0.0, 0.0, yaw]))
    return dataclasses.replace(state, body_pos=position, body_rot=turn)


def observed(goal: TargetGoal, state: RobotState) -> torch.Tensor:
    """What robots see of their targets."""
    return goal.observe(goal.view(), state, rotations.heading(state.root_rot))


@pytest.mark.parametrize("least", [0.0, 3.0])
def test_targets_are_anywhere_around_the_robot(least):
    """As often on equal areas: squared distances and angles are uniform; they stay for 6 to 8 s."""
    goal, state = goal_of(N, TargetConfig(targets=Targets(min_distance=least))), random_state(N, 1, 1)
    goal.begin(EVERY, state, torch.Generator().manual_seed(0))
    way = goal.position - state.root_pos[:, :2]
    area, angle = way.square().sum(1), torch.atan2(way[:, 1], way[:, 0])
    assert area.min() >= least**2 - 1e-4
    assert area.max() <= 36.0 + 1e-4
    assert (torch.histc(area, 6, least**2, 36.0) / N - 1 / 6).abs().max() < 0.03
    assert (torch.histc(angle, 8, -math.pi, math.pi) / N - 0.125).abs().max() < 0.03
    seconds = DT * goal.steps_left
    assert seconds.min() == pytest.approx(6.0)
    assert seconds.max() == pytest.approx(8.0)
    assert float(seconds.mean()) == pytest.approx(7.0, abs=0.05)


def test_a_target_stays_until_its_time_is_up():
    """Then one is drawn around where the robot is by then."""
    goal, generator = goal_of(2), torch.Generator().manual_seed(0)
    state = random_state(2, 1, 1)
    goal.begin(EVERY[:2], state, generator)
    goal.steps_left.copy_(torch.tensor([3, 300]))
    before = goal.position.clone()
    far = dataclasses.replace(state, body_pos=state.body_pos + 100.0)
    for step in range(3):
        assert torch.equal(goal.position, before)
        assert goal.age.tolist() == [step, step]
        goal.advance()
        goal.renew(far, generator)
    assert goal.age.tolist() == [0, 3]
    assert float(goal.distance(far)[0]) <= 6.0
    assert torch.equal(goal.position[1], before[1])


def test_episodes_begin_with_targets_of_their_own():
    """Where the mask is false the target stays."""
    goal, generator = goal_of(2), torch.Generator().manual_seed(0)
    goal.begin(EVERY[:2], random_state(2, 1, 1), generator)
    before = goal.position.clone()
    goal.begin(torch.tensor([True, False]), random_state(2, 1, 1), generator)
    assert (goal.position != before).any(1).tolist() == [True, False]


def test_observation_by_hand():
    """The target is 2 m to the north and 1 m to the east of a robot that faces north: 2 m ahead, 1 m to its right."""
    goal = goal_of(1)
    goal.command(position=torch.tensor([4.0, 1.0]))
    found = observed(goal, standing(3.0, -1.0, 0.5 * math.pi))
    torch.testing.assert_close(found, torch.tensor([[2.0, -1.0]]), atol=1e-6, rtol=0)


def test_observation_and_rewards_ignore_place_and_heading():
    """A world that is turned with its targets looks the same and earns the same."""
    state, goals = random_state(5, 3, 2), (goal_of(5), goal_of(5))
    places = torch.cat((torch.randn(5, 2), torch.zeros(5, 1)), dim=1)
    goals[0].command(position=places[:, :2])
    as_bodies = dataclasses.replace(state, body_pos=places.unsqueeze(1).expand(-1, 3, -1))
    goals[1].command(position=moved(as_bodies, -1.9, (3.0, 8.0)).root_pos[:, :2])
    other = moved(state, -1.9, (3.0, 8.0))
    torch.testing.assert_close(observed(goals[0], state), observed(goals[1], other), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(goals[0].rewards(state), goals[1].rewards(other), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize(
    ("distance", "reward"), [(0.0, 1.0), (0.24, 1.0), (0.26, math.exp(-0.42 * 0.26)), (3.0, math.exp(-1.26))]
)
def test_reward_by_hand(distance, reward):
    """Full within a quarter of a metre, then falling with the horizontal distance."""
    goal = goal_of(1)
    goal.command(position=[1.0, 2.0])
    state = standing(1.0, 2.0 - distance)
    assert goal.distance(state).item() == pytest.approx(distance, abs=1e-6)
    assert goal.rewards(state)["position"].item() == pytest.approx(reward, rel=1e-5)
    assert not goal.failed(state).any()


def test_settings_reach_the_reward():
    """Weight 2, scale 1 and radius 1 m."""
    config = TargetConfig(success_radius=1.0, rewards=TargetRewards(position=2.0, scale=1.0))
    goal = goal_of(1, config)
    goal.command(position=[0.0, 0.0])
    rewards = [goal.rewards(standing(x, 0.0))["position"].item() for x in (0.9, 1.5)]
    assert rewards == pytest.approx([2.0, 2.0 * math.exp(-1.5)])


def test_commands_hold():
    """In all worlds until the next; each world may have its own."""
    goal = goal_of(2)
    goal.command(position=[[1.0, 2.0], [3.0, 4.0]])
    for _ in range(500):
        goal.advance()
        goal.renew(random_state(2, 1, 1), torch.Generator())
    assert goal.position.tolist() == [[1.0, 2.0], [3.0, 4.0]]
    goal.command(position=[5.0, 6.0])
    assert goal.position.tolist() == [[5.0, 6.0]] * 2
    assert goal.age.tolist() == [0, 0]


@pytest.mark.parametrize(
    ("told", "message"),
    [({"positon": [0.0, 0.0]}, "Did you mean 'position'"), ({"position": [0.0, 0.0, 0.0]}, r"\[2\] or \[4, 2\], not")],
)
def test_wrong_commands_are_refused(told, message):
    """Names and shapes."""
    with pytest.raises(ProtoMotionsError, match=message):
        goal_of(4).command(**told)


def test_a_ball_shows_where_to_go():
    """On the ground at the first world's target."""
    goal = goal_of(2)
    goal.command(position=[[1.0, 2.0], [3.0, 4.0]])
    (ball,) = goal.markers(random_state(2, 1, 1))
    assert ball.position[:2] == (1.0, 2.0)
    assert ball.vector is None


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Targets(seconds=(0.0, 1.0)), "the shorter first"),
        (lambda: Targets(min_distance=7.0), "min_distance < max_distance, not 7.0 and 6.0"),
        (lambda: TargetRewards(scale=-1.0), "Target reward scale must be 0 or more"),
        (lambda: TargetConfig(success_radius=0.0), "success_radius must be positive"),
        (lambda: TargetConfig(action_scale=0.0), "action_scale must be positive"),
    ],
)
def test_values_out_of_range_are_refused(build, message):
    """Settings check themselves."""
    with pytest.raises(ProtoMotionsError, match=message):
        build()
