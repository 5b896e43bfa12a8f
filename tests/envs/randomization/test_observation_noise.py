# SPDX-License-Identifier: Apache-2.0
"""Noise of sensors: how much, where, when it is drawn, and what it leaves alone."""

import pytest
import torch

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.randomization import BEYONDMIMIC, ObservationNoise, RandomizationConfig
from protomotions_envs.randomization.observation_noise import NoiseSource
from protomotions_envs.state import StateLayout, rest_state
from protomotions_envs.tasks.mimic.config import MimicConfig, MimicTerminations

CPU = torch.device("cpu")
EASY = MimicConfig(terminations=MimicTerminations(None, None, None, None))
FROM_START = {"motion": 1, "frame": 0, "noise": False}
COUNT = 400


def noise_of(robot, config: ObservationNoise):
    """The noise on states of many robots, as named fields, and what it was added to."""
    layout = StateLayout(robot.num_joints, robot.num_bodies)
    source = NoiseSource(config, layout, robot.anchor_index, COUNT, CPU)
    source.draw(torch.Generator().manual_seed(0))
    clean = layout.empty(COUNT, CPU)
    layout.split(clean).body_rot[..., 0] = 1.0
    return layout.split(source.add(clean) - clean), layout.split(source.add(clean))


def is_uniform(noise: torch.Tensor, width: float) -> bool:
    """Whether noise reaches its half-width, has no mean, and the variance of a uniform distribution."""
    variance = float(noise.var()) / (width**2 / 3)
    return 0.98 * width < float(noise.abs().max()) <= 1.0001 * width and abs(variance - 1) < 0.1


def test_each_field_has_its_own_noise(g1):
    """BeyondMimic's: joints, and the anchor's orientation and angular velocity; other bodies have none."""
    noise, noisy = noise_of(g1, BEYONDMIMIC.observation_noise)
    anchor = g1.anchor_index
    assert is_uniform(noise.joint_pos, 0.01)
    assert is_uniform(noise.joint_vel, 0.5)
    assert is_uniform(noise.body_ang_vel[:, anchor], 0.2)
    torch.testing.assert_close(noisy.body_rot.norm(dim=-1), torch.ones(COUNT, g1.num_bodies))
    # About a unit quaternion the vector part keeps its noise and the scalar part loses most of it.
    assert float(noise.body_rot[:, anchor, 1:].var()) == pytest.approx(0.05**2 / 3, rel=0.1)
    others = [body for body in range(g1.num_bodies) if body != anchor]
    for field in (noise.body_rot, noise.body_ang_vel):
        assert not field[:, others].any()
    for field in (noise.body_pos, noise.body_lin_vel, noise.body_contact):
        assert not field.any()


def test_noise_of_all_bodies(g1):
    """Each body and axis on its own."""
    noise, noisy = noise_of(g1, ObservationNoise(body_pos=0.02, body_rot=0.1, body_lin_vel=0.3, body_ang_vel=0.4))
    assert is_uniform(noise.body_pos, 0.02)
    assert is_uniform(noise.body_lin_vel, 0.3)
    assert is_uniform(noise.body_ang_vel, 0.4)
    torch.testing.assert_close(noisy.body_rot.norm(dim=-1), torch.ones(COUNT, g1.num_bodies))
    assert (noise.body_rot.abs().amax((0, 2)) > 0.05).all()
    correlation = torch.corrcoef(noise.body_pos.flatten(1).T) - torch.eye(3 * g1.num_bodies)
    assert correlation.abs().max() < 0.3


@pytest.fixture
def make(standing_library):
    """Makes environments with noise on joints, or without."""
    made = []

    def factory(noise: ObservationNoise | None = None, count: int = 4, **settings) -> HumanoidVectorEnv:
        config = RandomizationConfig(observation_noise=noise or ObservationNoise(joint_pos=0.01, joint_vel=0.5))
        env = HumanoidVectorEnv(count, motion_library=standing_library, randomization=config, task=EASY, **settings)
        made.append(env)
        return env

    yield factory
    for env in made:
        env.close()


def joint_noise(env: HumanoidVectorEnv, observation: dict[str, torch.Tensor]) -> torch.Tensor:
    """What was added to the joints' angles and velocities, [N, 2 J]."""
    state = env.simulator.state
    return observation["joint_state"] - torch.cat((state.joint_pos, state.joint_vel), 1)


def test_noise_is_drawn_once_per_step(make):
    """An observation asked for again is the same; the next step's noise is another, and independent."""
    env = make(count=64)
    first, _ = env.reset(seed=0)
    assert torch.equal(first["joint_state"], env.worlds.observe()["joint_state"])
    before = joint_noise(env, first)
    second, *_ = env.step(torch.zeros(64, 29))
    after = joint_noise(env, second)
    assert torch.equal(second["joint_state"], env.worlds.observe()["joint_state"])
    for noise in (before, after):
        assert is_uniform(noise[:, :29], 0.01)
        assert is_uniform(noise[:, 29:], 0.5)
    assert abs(float(torch.corrcoef(torch.stack((before.flatten(), after.flatten())))[0, 1])) < 0.06


def test_final_and_first_observation_see_the_same_noise(make):
    """The sensor of a step is one sensor, whichever robot it looks at."""
    noisy = make(autoreset_mode="same_step", max_episode_seconds=0.04)
    clean = make(ObservationNoise(), autoreset_mode="disabled", max_episode_seconds=0.04)
    for env in (noisy, clean):
        env.reset(seed=0, options=FROM_START)
        env.step(torch.zeros(4, 29))
    observation, *_, truncated, info = noisy.step(torch.zeros(4, 29))
    assert truncated.all()
    expected, *_ = clean.step(torch.zeros(4, 29))
    final_noise = info["final_obs"]["joint_state"] - expected["joint_state"]
    torch.testing.assert_close(final_noise, joint_noise(noisy, observation), atol=1e-5, rtol=0)
    assert final_noise.abs().max() > 0.3


def test_a_reset_of_some_worlds_leaves_what_the_others_saw(make):
    """Only the worlds of the mask draw anew."""
    env = make(autoreset_mode="disabled")
    env.reset(seed=0)
    seen, *_ = env.step(torch.zeros(4, 29))
    again, _ = env.reset(options={"reset_mask": torch.tensor([True, False, False, False])})
    assert torch.equal(again["joint_state"][1:], seen["joint_state"][1:])
    assert not torch.equal(again["joint_state"][0], seen["joint_state"][0])


def test_rewards_and_physics_are_free_of_noise(make):
    """With the same actions from the same start, rewards and states agree bit for bit."""
    found = []
    for noise in (BEYONDMIMIC.observation_noise, ObservationNoise()):
        env = make(noise, autoreset_mode="disabled")
        env.reset(seed=0, options=FROM_START)
        results = [env.step(torch.full((4, 29), 0.1)) for _ in range(5)]
        found.append((torch.stack([result[1] for result in results]), env.simulator.state_rows.clone()))
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def test_a_state_at_rest_is_not_changed_by_a_turn(g1):
    """Normalising the anchor's quaternion leaves the given states alone."""
    layout = StateLayout(g1.num_joints, g1.num_bodies)
    rows = layout.empty(2, CPU)
    rows[:, : g1.num_joints] = rest_state(g1, 2, CPU).joint_pos
    layout.split(rows).body_rot[..., 0] = 1.0
    before = rows.clone()
    source = NoiseSource(ObservationNoise(anchor_rot=0.05), layout, g1.anchor_index, 2, CPU)
    source.draw(torch.Generator().manual_seed(0))
    assert not torch.equal(source.add(rows), before)
    assert torch.equal(rows, before)
