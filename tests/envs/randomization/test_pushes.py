# SPDX-License-Identifier: Apache-2.0
"""Pushes: when they come, how strong they are, and whom they spare."""

import pytest
import torch
from tests.envs.simulators.sled import make_sled, sled_state

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.randomization import Pushes, RandomizationConfig
from protomotions_envs.randomization.pushes import Pusher
from protomotions_envs.simulators import make_simulator

CPU = torch.device("cpu")
COUNT = 256
EVERYWHERE = torch.ones(COUNT, dtype=torch.bool)
NOWHERE = ~EVERYWHERE


@pytest.fixture
def sleds(tmp_path):
    """Many sleds at rest."""
    robot = make_sled(tmp_path)
    simulator = make_simulator("mujoco", robot, COUNT, CPU)
    simulator.write_state(EVERYWHERE, sled_state(COUNT))
    yield simulator
    simulator.close()


def test_times_and_strengths(sleds):
    """Between two pushes of a world 0.1 to 0.3 s pass; changes are uniform up to their limits on each axis."""
    config = Pushes(linear=(0.5, 0.4, 0.2), angular=(0.5, 0.6, 0.7))
    pusher = Pusher((0.1, 0.3), config, sleds.robot.control_dt, COUNT, CPU)
    generator = torch.Generator().manual_seed(0)
    pusher.begin(EVERYWHERE, generator)
    last, gaps, changes = torch.zeros(COUNT, dtype=torch.long), [], []
    for step in range(1, 101):
        before = torch.cat((sleds.state.root_lin_vel, sleds.state.root_ang_vel), 1)
        pusher.push(sleds, NOWHERE, generator)
        change = torch.cat((sleds.state.root_lin_vel, sleds.state.root_ang_vel), 1) - before
        pushed = change.abs().amax(1) > 1e-6
        gaps.append((step - last)[pushed])
        changes.append(change[pushed])
        last[pushed] = step
    gaps, changes = torch.cat(gaps), torch.cat(changes)
    # Steps of 20 ms: 5 to 15, and 10 on average.
    assert (int(gaps.min()), int(gaps.max())) == (5, 15)
    assert float(gaps.float().mean()) == pytest.approx(10.0, abs=0.2)
    widest = torch.tensor([*config.linear, *config.angular])
    torch.testing.assert_close(changes.abs().amax(0), widest, rtol=0.01, atol=0)
    torch.testing.assert_close(changes.var(0), widest.square() / 3, rtol=0.1, atol=0)
    assert (changes.mean(0) / widest).abs().max() < 0.05


def test_spared_worlds_are_not_pushed(sleds):
    """Nor are those whose episode has just begun; the push of a spared world comes as soon as it may."""
    pusher = Pusher((0.02, 0.02), Pushes(), sleds.robot.control_dt, COUNT, CPU)
    generator = torch.Generator().manual_seed(0)
    pusher.begin(EVERYWHERE, generator)
    pusher.push(sleds, EVERYWHERE, generator)
    assert not sleds.state.root_lin_vel.any()
    pusher.push(sleds, NOWHERE, generator)
    assert (sleds.state.root_lin_vel.abs().amax(1) > 0).all()


def test_an_environment_pushes_between_physics_and_observation(standing_library):
    """Up to the third step two environments agree bit for bit; then one robot's root is faster, and it is seen."""
    pushed = RandomizationConfig(pushes=Pushes(interval=(0.06, 0.06), linear=(0.5, 0.5, 0.2)))
    envs = [
        HumanoidVectorEnv(2, motion_library=standing_library, autoreset_mode="disabled", randomization=randomization)
        for randomization in (RandomizationConfig(), pushed)
    ]
    for env in envs:
        env.reset(seed=0, options={"motion": 1, "frame": 0, "noise": False})
    action = torch.zeros(2, envs[0].robot.num_joints)
    for step in range(1, 4):
        (calm, reward, *_), (other, pushed_reward, *_) = (env.step(action) for env in envs)
        assert torch.equal(reward, pushed_reward)
        assert all(torch.equal(calm[name], other[name]) for name in calm) == (step < 3)
    states = [env.simulator.state for env in envs]
    assert torch.equal(states[0].joint_vel, states[1].joint_vel)
    change = states[1].root_lin_vel - states[0].root_lin_vel
    assert (change.abs() <= torch.tensor([0.5, 0.5, 0.2]) + 1e-5).all()
    assert (change.abs().amax(1) > 0.01).all()
    assert torch.equal(other["max_coords"], envs[1].worlds.observe()["max_coords"])
    for env in envs:
        env.close()


def test_final_observations_are_of_robots_before_any_push(standing_library):
    """A push that falls due in the last step of an episode is spared it."""
    settings = {"motion_library": standing_library, "max_episode_seconds": 0.06, "autoreset_mode": "same_step"}
    finals = []
    for interval in (None, (0.06, 0.06)):
        env = HumanoidVectorEnv(2, randomization=RandomizationConfig(pushes=Pushes(interval=interval)), **settings)
        env.reset(seed=0, options={"motion": 1, "frame": 0, "noise": False})
        for _ in range(3):
            *_, truncated, info = env.step(torch.zeros(2, env.robot.num_joints))
        assert truncated.all()
        finals.append(info["final_obs"])
        env.close()
    assert all(torch.equal(finals[0][name], finals[1][name]) for name in finals[0])
