# SPDX-License-Identifier: Apache-2.0
"""Path following: what is seen, rewarded and lost, by hand; and waypoints from outside."""

import dataclasses
import math

import pytest
import torch
from tests.envs.states import moved, random_state

from protomotions_envs import rotations
from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.path_follower.config import (
    Heights,
    PathFollowerConfig,
    PathRewards,
    Paths,
    PathTerminations,
)
from protomotions_envs.tasks.path_follower.goal import PathFollowerGoal

N = 3
HIGH = Paths(heights=Heights(enabled=True))
EVERY = torch.ones(N, dtype=torch.bool)
WAY = torch.tensor([[9.0, 0.0]])


@pytest.fixture
def goal_of(g1):
    """Make paths of N worlds that begin at (0, 0) and go to +x at 1 m/s, and states with the head at a place."""

    def factory(config: PathFollowerConfig | None = None, height: float = 0.7) -> PathFollowerGoal:
        goal = PathFollowerGoal(config or PathFollowerConfig(), g1, N, torch.device("cpu"))
        goal.begin(EVERY, head_at(g1, 0.0, 0.0, height), torch.Generator().manual_seed(0))
        goal.command(waypoints=WAY)
        return goal

    return factory


def head_at(robot, x: float, y: float, z: float = 0.7, yaw: float = 0.0) -> RobotState:
    """Robots whose head is at a place, m, and whose root faces some way, rad; all else is arbitrary."""
    state = random_state(N, robot.num_bodies, robot.num_joints)
    position, turn = state.body_pos.clone(), state.body_rot.clone()
    position[:, robot.body_names.index(robot.config.head_body)] = torch.tensor([x, y, z])
    turn[:, robot.anchor_index] = rotations.axis_angle(torch.tensor([0.0, 0.0, yaw]))
    return dataclasses.replace(state, body_pos=position, body_rot=turn)


def observed(goal: PathFollowerGoal, state: RobotState, robot) -> torch.Tensor:
    """What robots see of their paths."""
    return goal.observe(goal.view(), state, rotations.heading(state.body_rot[:, robot.anchor_index]))


def pass_time(goal: PathFollowerGoal, steps: int) -> None:
    """Let control steps of 0.02 s pass."""
    for _ in range(steps):
        goal.advance()
        goal.renew(random_state(N, 30, 29), torch.Generator())


def test_observation_by_hand(g1, goal_of):
    """A head 1 m north of the path's start faces north: points are 1 m behind it and go off to its right."""
    found = observed(goal_of(), head_at(g1, 0.0, 1.0, yaw=0.5 * math.pi), g1)
    ahead = 0.3 * torch.arange(10)
    expected = torch.cat((torch.full((10,), -1.0), -ahead)).expand(N, -1)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def test_heights_are_seen_last(g1, goal_of):
    """The path begins at the head's height, 0.7 m, and goes on there; the head is 0.2 m lower by now."""
    found = observed(goal_of(PathFollowerConfig(paths=HIGH)), head_at(g1, 0.0, 0.0, 0.5), g1)
    assert found.shape == (N, 30)
    torch.testing.assert_close(found[:, 20:], torch.full((N, 10), 0.2))


def test_the_first_point_is_where_the_head_should_be_now(g1, goal_of):
    """After a second the point is a metre on; three samples half a second apart see so far."""
    goal = goal_of(PathFollowerConfig(samples=3, sample_seconds=0.5))
    pass_time(goal, 50)
    torch.testing.assert_close(goal.point[:, :2], torch.tensor([[1.0, 0.0]]).expand(N, -1), atol=1e-4, rtol=0)
    found = observed(goal, head_at(g1, 0.0, 0.0), g1)
    torch.testing.assert_close(found[0], torch.tensor([1.0, 1.5, 2.0, 0, 0, 0]), atol=1e-4, rtol=0)
    distance, _ = goal.errors(head_at(g1, 1.0, 0.5))
    torch.testing.assert_close(distance, torch.full((N,), 0.5))


def test_observation_and_rewards_ignore_place_and_heading(g1, goal_of):
    """A world that is turned with its path looks the same and earns the same."""
    goal, other = (goal_of(PathFollowerConfig(paths=HIGH)) for _ in range(2))
    state, shift, turn = head_at(g1, 0.3, 0.2, yaw=0.4), (5.0, -7.0), 2.2
    # The path's own points, in place of bodies, move as the robot does.
    points = goal.view()["path"].unflatten(1, (-1, 3))
    as_bodies = dataclasses.replace(state, body_pos=points, body_rot=state.body_rot[:, :10])
    as_bodies = dataclasses.replace(as_bodies, body_lin_vel=points, body_ang_vel=points)
    there = moved(state, turn, shift)
    end = moved(as_bodies, turn, shift).body_pos[:, -1:]
    start = dataclasses.replace(there, body_pos=moved(as_bodies, turn, shift).body_pos[:, :1].expand(-1, 30, -1))
    other.begin(EVERY, start, torch.Generator())
    other.command(waypoints=end, speed=1.0)
    torch.testing.assert_close(observed(goal, state, g1), observed(other, there, g1), atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(goal.rewards(state), other.rewards(there), atol=1e-5, rtol=1e-5)


def test_rewards_by_hand(g1, goal_of):
    """0.5 m beside the point: exp(-2 0.25); heights count only where paths have them: 0.3 m off is exp(-10 0.09)."""
    state = head_at(g1, 0.0, 0.5, 0.4)
    flat, high = goal_of(), goal_of(PathFollowerConfig(paths=HIGH))
    assert flat.rewards(state)["position"].tolist() == pytest.approx([math.exp(-0.5)] * N)
    assert high.rewards(state)["position"].tolist() == pytest.approx([math.exp(-0.5 - 0.9)] * N, rel=1e-5)
    mine = PathFollowerConfig(rewards=PathRewards(position=3.0, position_scale=1.0))
    assert goal_of(mine).rewards(state)["position"].tolist() == pytest.approx([3.0 * math.exp(-0.25)] * N)


@pytest.mark.parametrize("limit", [0.5, 1.0])
def test_a_head_that_is_too_far_away_has_lost_the_path(g1, goal_of, limit):
    """Beyond the limit, and after a third of a second."""
    goal = goal_of(PathFollowerConfig(terminations=PathTerminations(max_distance=limit)))
    pass_time(goal, 17)
    assert not goal.failed(head_at(g1, 0.34, limit + 0.01)).any()
    pass_time(goal, 1)
    assert goal.failed(head_at(g1, 0.36, limit + 0.01)).all()
    assert not goal.failed(head_at(g1, 0.36, limit - 0.01)).any()


def test_a_head_at_another_height_has_lost_the_path(g1, goal_of):
    """More than half a metre, where paths have heights; checks can be switched off."""
    low, far = head_at(g1, 0.5, 0.0, 0.19), head_at(g1, 9.0, 0.0, 0.0)
    flat, high = goal_of(), goal_of(PathFollowerConfig(paths=HIGH))
    never = goal_of(PathFollowerConfig(paths=HIGH, terminations=PathTerminations(None, None)))
    for goal in (flat, high, never):
        pass_time(goal, 25)
    assert not flat.failed(low).any()
    assert high.failed(low).all()
    assert not high.failed(head_at(g1, 0.5, 0.0, 0.21)).any()
    assert not never.failed(far).any()


def test_waypoints_may_differ_and_hold(g1, goal_of):
    """Each world has its own way and speed, at whose end its point stays."""
    goal = goal_of()
    ends = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]], [[-1.0, 0.0]]])
    goal.command(waypoints=ends, speed=torch.tensor([0.5, 1.0, 2.0]))
    assert goal.age.tolist() == [0, 0, 0]
    pass_time(goal, 25)
    near = torch.tensor([[0.25, 0.0], [0.0, 0.5], [-1.0, 0.0]])
    torch.testing.assert_close(goal.point[:, :2], near, atol=1e-4, rtol=0)
    pass_time(goal, 500)
    torch.testing.assert_close(goal.point[:, :2], ends[:, 0], atol=1e-4, rtol=0)


def test_waypoints_may_have_heights(g1, goal_of):
    """From 0.7 m up to 1 m, in 0.3 s at 1 m/s."""
    goal = goal_of(PathFollowerConfig(paths=HIGH))
    goal.command(waypoints=[[0.0, 0.0, 1.0]])
    pass_time(goal, 15)
    torch.testing.assert_close(goal.point, torch.tensor([[0.0, 0.0, 1.0]]).expand(N, -1), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"waypoint": WAY}, "Did you mean 'waypoints'"),
        ({"speed": 1.0}, "can't be given a speed alone"),
        ({"waypoints": WAY, "speed": 0.0}, "speed along waypoints must be positive"),
        ({"waypoints": torch.zeros(2)}, r"must have the shape \[P, 2\], \[P, 3\] or \[3, P, 2 or 3\], not \[2\]"),
        ({"waypoints": torch.zeros(2, 4, 2)}, r"or \[3, P, 2 or 3\], not \[2, 4, 2\]"),
        ({"waypoints": torch.zeros(4, 5)}, r"not \[4, 5\]"),
        ({"waypoints": torch.zeros(0, 2)}, "takes 1 to 64 waypoints, not 0"),
    ],
)
def test_wrong_commands_are_refused(goal_of, told, message):
    """Names, shapes and sizes."""
    with pytest.raises(ProtoMotionsError, match=message):
        goal_of().command(**told)


def test_balls_show_the_path(g1, goal_of):
    """One for each point that is seen, the first in another colour; level paths hang at the standing head's height."""
    first, *others = goal_of().markers(random_state(N, 30, 29))
    assert len(others) == 9
    assert others[0].position == pytest.approx((0.3, 0.0, first.position[2]), abs=1e-5)
    assert first.colour != others[0].colour
    # The head's body of this robot is its trunk, whose origin is at the waist.
    assert first.position[2] == pytest.approx(0.801, abs=1e-3)
