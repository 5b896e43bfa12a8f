# SPDX-License-Identifier: Apache-2.0
"""Prices of how a robot moves: weights, limits and the robot's own numbers reach the terms."""

import dataclasses
import math

import pytest
import torch
from tests.envs.states import leaning, random_state

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.tasks import SteeringConfig
from protomotions_envs.tasks.regularizers import Penalty, Regularizers, RegularizerTerms
from protomotions_envs.tasks.task import Transition

NAMES = [field.name for field in dataclasses.fields(Regularizers)]


def transition(robot, **changes: torch.Tensor) -> Transition:
    """Two upright robots in the default pose that don't move or push, but for the changes."""
    joints = robot.num_joints
    pose = torch.as_tensor(robot.default_joint_pos).float().expand(2, -1)
    still = torch.zeros(2, joints)
    upright = torch.tensor([1.0, 0.0, 0.0, 0.0]).expand(2, 3, 4)
    rest = {"joint_pos": pose, "joint_vel": still, "body_rot": upright, "torque": still, "action": still}
    given = {**rest, **changes}
    moved = {name: given[name] for name in ("joint_pos", "joint_vel", "body_rot")}
    state = dataclasses.replace(random_state(2, 3, joints), **moved)
    return Transition(state, given["torque"], given["action"], still)


def costs(robot, name: str, limit: float = 1e6, **changes: torch.Tensor) -> torch.Tensor:
    """The one term that is switched on, with a weight of 2."""
    terms = RegularizerTerms(Regularizers(**{name: Penalty(2.0, limit)}), robot, torch.device("cpu"))
    found = terms(transition(robot, **changes))
    assert set(found) == {name}
    return found[name]


def ones(robot, value: float = 1.0) -> torch.Tensor:
    """The same number for each joint of two robots."""
    return torch.full((2, robot.num_joints), value)


def test_all_are_off_by_default(g1):
    """Nothing is computed that has no weight."""
    assert RegularizerTerms(Regularizers(), g1, torch.device("cpu"))(transition(g1)) == {}


@pytest.mark.parametrize("name", NAMES)
def test_a_robot_at_rest_pays_nothing(g1, name):
    """In the default pose, still and limp."""
    assert costs(g1, name).abs().max() == 0.0


def test_costs_by_hand(g1):
    """29 joints, all of which do the same; the weight is 2."""
    limits = torch.as_tensor(g1.effort_limit).float().expand(2, -1)
    pose = torch.as_tensor(g1.default_joint_pos).float()
    found = {
        "action_rate": costs(g1, "action_rate", action=ones(g1, 0.5)),
        "power": costs(g1, "power", torque=ones(g1, -3.0), joint_vel=ones(g1, 2.0)),
        "effort": costs(g1, "effort", torque=0.5 * limits),
        "joint_velocity": costs(g1, "joint_velocity", joint_vel=ones(g1, 2.0)),
        "posture": costs(g1, "posture", joint_pos=pose + ones(g1, 0.1)),
    }
    expected = {"action_rate": 0.25, "power": 6.0, "effort": 0.25, "joint_velocity": 4.0, "posture": 0.01}
    for name, per_joint in expected.items():
        torch.testing.assert_close(found[name], torch.full((2,), -2.0 * 29 * per_joint), msg=name)


def test_the_middle_nine_tenths_of_ranges_are_free(g1):
    """At a joint's upper limit a twentieth of its range is charged, summed over joints."""
    width = torch.as_tensor(g1.joint_upper - g1.joint_lower).float()
    upper = torch.as_tensor(g1.joint_upper).float().expand(2, -1)
    expected = (-2.0 * 0.05 * width.sum()).expand(2)
    torch.testing.assert_close(costs(g1, "joint_limit", joint_pos=upper), expected, atol=1e-4, rtol=1e-4)


def test_costs_are_counted_up_to_their_limit(g1):
    """116 rad^2/s^2 count as 10."""
    assert costs(g1, "joint_velocity", 10.0, joint_vel=ones(g1, 2.0)).tolist() == [-20.0, -20.0]


def test_a_task_adds_them_to_its_reward():
    """The reward is the sum of the goal's terms and the prices."""
    prices = Regularizers(action_rate=Penalty(0.5, 2.0), power=Penalty(1e-3, 1e3))
    env = HumanoidVectorEnv(2, task=SteeringConfig(regularizers=prices))
    env.reset(seed=0)
    _, reward, *_, info = env.step(torch.full((2, 29), 0.1))
    env.close()
    assert set(info["reward_terms"]) == {"velocity", "facing", "action_rate", "power"}
    torch.testing.assert_close(info["reward_terms"]["action_rate"], torch.full((2,), -0.5 * 29 * 0.01))
    torch.testing.assert_close(reward, sum(info["reward_terms"].values()))


def test_leaning_costs_by_the_root(g1):
    """At 30 degrees sin^2 is 0.25; how other bodies lean doesn't count."""
    found = costs(g1, "tilt", body_rot=leaning([1.0, 1.0], [math.pi / 6, 0.0]).body_rot)
    torch.testing.assert_close(found, torch.tensor([-0.5, 0.0]))


@pytest.mark.parametrize(("weight", "limit"), [(-1.0, 1.0), (1.0, 0.0)])
def test_wrong_prices_are_refused(weight, limit):
    """A negative price would be a reward."""
    with pytest.raises(ProtoMotionsError, match="weight of 0 or more and a positive limit"):
        Penalty(weight, limit)
