# SPDX-License-Identifier: Apache-2.0
"""Targets that arrive late or offset, seen by what robots do."""

import pytest
import torch
from tests.envs.simulators.sled import STIFFNESS, make_sled, sled_state

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.randomization import CommandErrors, RandomizationConfig
from protomotions_envs.randomization.commands import DelayLine
from protomotions_envs.randomization.randomizer import Randomizer
from protomotions_envs.simulators import make_simulator

CPU = torch.device("cpu")
STEPS = 12


def rollout(library, actions: torch.Tensor, **settings: object) -> torch.Tensor:
    """States of two robots after each step, without noise at the start, [STEPS, 2, D]."""
    env = HumanoidVectorEnv(2, motion_library=library, autoreset_mode="disabled", **settings)
    env.reset(seed=0, options={"motion": 1, "frame": 0, "noise": False})
    states = []
    for action in actions:
        env.step(action)
        states.append(env.simulator.state_rows.clone())
    env.close()
    return torch.stack(states)


@pytest.mark.parametrize("steps", [1, 3])
def test_a_delay_shifts_the_response_to_an_impulse(standing_library, g1, steps):
    """A robot with a delay of k steps does what one without does with actions k steps later, bit for bit."""
    actions = torch.zeros(STEPS, 2, g1.num_joints)
    actions[2] = 0.5
    later = torch.cat((torch.zeros(steps, 2, g1.num_joints), actions[:-steps]))
    late = RandomizationConfig(commands=CommandErrors(delay=(steps, steps)))
    delayed = rollout(standing_library, actions, randomization=late)
    assert torch.equal(delayed, rollout(standing_library, later))
    prompt = rollout(standing_library, actions)
    assert torch.equal(delayed[:2], prompt[:2])
    assert not torch.equal(delayed[2], prompt[2])


def test_delays_are_drawn_for_each_episode():
    """All numbers of steps come up about equally often, and worlds outside the mask keep theirs."""
    line = DelayLine((0, 3), 4000, 1, CPU)
    generator = torch.Generator().manual_seed(0)
    everywhere = torch.ones(4000, dtype=torch.bool)
    line.begin(everywhere, torch.zeros(4000, 1), generator)
    first = line.steps.clone()
    assert (first.bincount(minlength=4) - 1000).abs().max() < 100
    some = torch.arange(4000) < 2000
    line.begin(some, torch.zeros(4000, 1), generator)
    assert torch.equal(line.steps[2000:], first[2000:])
    assert not torch.equal(line.steps[:2000], first[:2000])


def test_a_new_episode_forgets_targets_under_way():
    """Until its first target arrives a world gets what it is told to hold; the other world goes on."""
    line = DelayLine((2, 2), 2, 1, CPU)
    generator = torch.Generator().manual_seed(0)
    line.begin(torch.tensor([True, True]), torch.tensor([[1.0], [1.0]]), generator)
    arrived = [line.pass_on(torch.full((2, 1), sent)).flatten().tolist() for sent in (10.0, 11.0, 12.0)]
    assert arrived == [[1.0, 1.0], [1.0, 1.0], [10.0, 10.0]]
    line.begin(torch.tensor([True, False]), torch.tensor([[2.0], [2.0]]), generator)
    arrived = [line.pass_on(torch.full((2, 1), sent)).flatten().tolist() for sent in (13.0, 14.0, 15.0)]
    assert arrived == [[2.0, 11.0], [2.0, 12.0], [13.0, 13.0]]


def test_a_bias_moves_where_a_joint_comes_to_rest(tmp_path):
    """The arms of two sleds settle apart by the difference of their biases, as the drive's equation says."""
    robot = make_sled(tmp_path)
    randomizer = Randomizer(RandomizationConfig(commands=CommandErrors(joint_bias=0.2)), robot, 2, CPU)
    simulator = make_simulator("mujoco", robot, 2, CPU)
    simulator.write_state(torch.ones(2, dtype=torch.bool), sled_state(2))
    target = torch.full((2, 1), 0.1)
    for _ in range(50):
        simulator.step(randomizer.command(target))
    bias = (randomizer.command(target) - target)[:, 0]
    assert 0.01 < bias.diff().abs() <= 0.4
    # At rest the torque is stiffness (target + bias - angle).
    angle = simulator.state.joint_pos[:, 0]
    torch.testing.assert_close(simulator.joint_torque[:, 0], STIFFNESS * (0.1 + bias - angle), atol=0.02, rtol=0)
    torch.testing.assert_close(angle.diff(), bias.diff(), atol=0.005, rtol=0)
    simulator.close()


def test_biases_span_their_range(g1):
    """One per world and joint, the same in every step."""
    randomizer = Randomizer(RandomizationConfig(commands=CommandErrors(joint_bias=0.025)), g1, 500, CPU)
    zeros = torch.zeros(500, g1.num_joints)
    bias = randomizer.command(zeros)
    assert torch.equal(bias, randomizer.command(zeros))
    assert 0.0249 < bias.abs().max() <= 0.025
    assert bias.mean().abs() < 5e-4
    # The variance of a uniform distribution is the square of its half-width over three.
    assert float(bias.var()) == pytest.approx(0.025**2 / 3, rel=0.03)
