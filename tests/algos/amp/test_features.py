# SPDX-License-Identifier: Apache-2.0
"""Which states the discriminator sees, and that the others have no part in anything."""

import pytest
import torch
from gymnasium.vector import AutoresetMode
from tests.algos.amp.orbit import OrbitEnv
from tests.algos.amp.scripted import ScriptedStyleEnv

from protomotions_algos.common.environments import EnvironmentView, FinalObservation, Step
from protomotions_algos.errors import AlgorithmError


def test_both_ways_of_giving_last_observations():
    """Those of ended worlds in a row, and those of all worlds with garbage for the others, mean the same states."""
    observation = torch.tensor([[1.0], [2.0], [3.0]])
    terminated, truncated = torch.tensor([True, False, False]), torch.tensor([False, False, True])
    some = FinalObservation(torch.tensor([[10.0], [30.0]]), torch.tensor([0, 2]))
    every = FinalObservation(torch.tensor([[10.0], [float("nan")], [30.0]]), None)
    for final, expected in ((None, [1.0, 2.0, 3.0]), (some, [10.0, 2.0, 30.0]), (every, [10.0, 2.0, 30.0])):
        step = Step(observation, torch.zeros(3), terminated, truncated, final, {})
        assert step.reached(lambda rows: rows)[:, 0].tolist() == expected
    assert observation[:, 0].tolist() == [1.0, 2.0, 3.0]


def test_last_observations_of_terminated_episodes(point_env):
    """They are kept where they are wanted, which costs environments that don't give them an error with advice."""
    env = point_env(num_envs=3, limit=2)
    view = EnvironmentView(env, torch.device("cpu"), keep_terminal=True)
    view.reset(seed=0)
    view.step(torch.zeros(3, 1))
    env.steps[1] = 0.0
    env.state[2, 0] = 5.0
    step = view.step(torch.zeros(3, 1))
    assert (step.terminated.tolist(), step.truncated.tolist()) == ([False, False, True], [True, False, False])
    assert step.final.rows.tolist() == [0, 2]
    assert step.final.observation["position"][1, 0] > 4.0


def test_missing_last_observation_of_a_terminated_episode(small_amp):
    """A state that can't be judged is named."""
    env = ScriptedStyleEnv(AutoresetMode.SAME_STEP, [(1.0, True, False, 6.0, None)], 4.0, False)
    with pytest.raises(AlgorithmError, match=r"gave no info\['final_obs'\] for an episode that ended"):
        small_amp(env, num_steps=4).collect()


def test_features_are_raw_and_belong_to_the_states_after_the_steps(small_amp):
    """Row t is the style that follows the state in row t + 1 of the actor's inputs, except where an episode ended."""
    agent = small_amp(OrbitEnv(num_envs=6), num_steps=20, normalize_observations=False)
    agent.collect()
    storage = agent.storage
    radius = storage["actor_inputs"][1:, :, :2].norm(dim=2)
    going_on = ~(storage["terminated"] | storage["truncated"])
    torch.testing.assert_close(storage["discriminator_inputs"][:, :, 0][going_on], radius[going_on])


def learned(small_amp, ignored):
    """Weights and moments after an epoch in which the resetting steps gave other styles."""
    script = [(1.0, False, True, 3.0, None), (0.0, False, False, 2.0, None)]
    env = ScriptedStyleEnv(AutoresetMode.NEXT_STEP, script, 1.0, True)
    agent = small_amp(env, num_steps=4, batch_size=4)
    agent.collect()
    assert agent.storage["valid"][:, 0].tolist() == [True, False, True, False]
    agent.storage["discriminator_inputs"][[1, 3]] = ignored
    agent.finish_rollout()
    agent.commit_inputs()
    agent.learn()
    return {f"{key}.{name}": value.clone() for key, module in agent.modules().items()
            for name, value in module.state_dict().items()} | agent.replay.state_dict()  # fmt: skip


def test_reset_steps_teach_nothing(small_amp):
    """Networks, moments and replay don't change when the styles of reset steps do."""
    one, other = learned(small_amp, 5.0), learned(small_amp, -70.0)
    for name, value in one.items():
        assert torch.equal(torch.as_tensor(value), torch.as_tensor(other[name])), name


def test_moments_are_of_demonstrations_and_policy(small_amp):
    """Half the rows that the first moments go over are demonstrations, half are states of the rollout."""
    script = [(7.0, False, False, 1.0, None)]
    env = ScriptedStyleEnv(AutoresetMode.SAME_STEP, script, 1.0, True)
    agent = small_amp(env, num_steps=64, batch_size=16)
    agent.collect()
    agent.finish_rollout()
    shown = agent.samples["demonstrations"]
    assert shown.unique().tolist() == [1.0, 2.0]
    agent.commit_inputs()
    normalizer = agent.discriminator_input.normalizer
    # 64 demonstrations, and the half of the rollout that has valid steps whatever happens.
    assert normalizer.count == 64 + 32
    assert normalizer.mean.item() == pytest.approx((shown.sum().item() + 32 * 7.0) / 96)


def test_a_broken_style_is_named(small_amp):
    """NaN in what the discriminator sees stops training with the part's name and the world."""
    env = OrbitEnv(num_envs=3)
    observe = env._observe
    env._observe = lambda: observe() | {"style": torch.tensor([[0.0] * 3, [0.0, float("nan"), 0.0], [0.0] * 3])}
    with pytest.raises(AlgorithmError, match=r"not finite in environment 1 \(1 environments in all\): style\[1\]"):
        small_amp(env).iterate()
