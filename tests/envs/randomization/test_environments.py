# SPDX-License-Identifier: Apache-2.0
"""Whole environments with everything on: reproducible, in every mode and simulator."""

import pytest
import torch

from protomotions_envs import HumanoidVectorEnv, ProtoMotionsError
from protomotions_envs.randomization import PhysicsRanges, RandomizationConfig
from protomotions_envs.simulators import SIMULATORS

INSTALLED = [name for name, entry in SIMULATORS.items() if entry.installed]
EVERYTHING = RandomizationConfig(preset="everything")


def trajectory(env: HumanoidVectorEnv, steps: int = 8, **options: object) -> list[torch.Tensor]:
    """All that a seeded rollout with fixed actions gives."""
    observation, _ = env.reset(seed=3, options=options)
    seen = [observation]
    for step in range(steps):
        observation, reward, terminated, truncated, _ = env.step(torch.full((3, 29), 0.1 * (-1) ** step))
        seen += [observation, reward, terminated, truncated]
    return seen


def same(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    """Whether two rollouts agree bit for bit."""
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.fixture
def make(standing_library):
    """Makes environments of three worlds."""
    made = []

    def factory(randomization: RandomizationConfig = EVERYTHING, **settings) -> HumanoidVectorEnv:
        settings = {"flatten": True, "max_episode_seconds": 0.1, "motion_library": standing_library, **settings}
        made.append(HumanoidVectorEnv(3, randomization=randomization, **settings))
        return made[-1]

    yield factory
    for env in made:
        env.close()


@pytest.mark.parametrize("mode", ["same_step", "next_step", "disabled"])
def test_same_seeds_same_trajectories(make, mode):
    """Bit for bit, and once more after another reset with the seed; other worlds give other trajectories."""
    env = make(autoreset_mode=mode)
    first = trajectory(env)
    assert all(torch.isfinite(tensor).all() for tensor in first)
    assert same(first, trajectory(env))
    assert same(first, trajectory(make(autoreset_mode=mode)))
    assert not same(first, trajectory(make(RandomizationConfig(preset="everything", seed=1), autoreset_mode=mode)))


@pytest.mark.parametrize("simulator", INSTALLED)
def test_worlds_drawn_anew_at_a_reset_are_those_of_the_seed(make, simulator):
    """An environment made with seed 5 and one that is told 5 later do the same, and differ from the first."""
    physics = PhysicsRanges(friction=(0.3, 1.6), body_mass_scale=(0.7, 1.4))
    made, told = (
        make(RandomizationConfig(seed=seed, physics=physics), simulator=simulator, device="cpu") for seed in (5, 0)
    )
    before = trajectory(told, 3)
    expected = trajectory(made, 3)
    assert not same(before, expected)
    assert same(trajectory(told, 3, randomization_seed=5), expected)
    assert same(trajectory(told, 3, randomization_seed=0), before)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"randomization_seed": -1}, "integer from 0"),
        ({"randomization_seed": "5"}, "integer from 0"),
        ({"randomization_seed": 5, "reset_mask": torch.tensor([True, False, True])}, "all worlds"),
    ],
)
def test_wrong_seeds_are_refused(make, options, message):
    """Worlds can't change under episodes that go on."""
    with pytest.raises(ProtoMotionsError, match=message):
        make().reset(options=options)


@pytest.mark.parametrize("task", ["style", "steering"])
def test_other_tasks_are_randomised_alike(make, task):
    """The same object does it for all."""
    env, calm = make(task=task), make(RandomizationConfig(), task=task)
    first = trajectory(env, 6)
    assert all(torch.isfinite(tensor).all() for tensor in first)
    assert not same(first[5:6], trajectory(calm, 6)[5:6])
