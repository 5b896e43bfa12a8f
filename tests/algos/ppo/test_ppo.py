# SPDX-License-Identifier: Apache-2.0
"""PPO with its options, on environments of all kinds."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers.vector import NumpyToTorch

from protomotions_algos.errors import AlgorithmError
from protomotions_algos.ppo import PPO, PPOConfig

TINY = {"num_steps": 4, "num_mini_epochs": 1, "hidden_units": (8,), "critic_hidden_units": (8,)}


def cartpoles(mode=AutoresetMode.SAME_STEP):
    """Three numpy CartPoles."""
    return gymnasium.make_vec(
        "CartPole-v1", num_envs=3, vectorization_mode="sync", vector_kwargs={"autoreset_mode": mode}
    )


def weights(agent):
    """All weights of an agent."""
    return [parameter.detach().clone() for parameter in (*agent.policy.parameters(), *agent.critics[""].parameters())]


def test_rollout_is_the_policys_own(small_ppo, point_env):
    """The stored log probabilities and values are those that the networks give for the stored inputs."""
    agent = small_ppo(point_env())
    agent.iterate()
    agent.collect()
    agent.finish_rollout()
    storage = agent.storage
    with torch.no_grad():
        parameters = agent.policy(storage.flat("actor_inputs"))
        log_probs = agent.distribution.log_prob(parameters, storage.flat("actions"))
        torch.testing.assert_close(log_probs, storage.flat("log_probs"))
        torch.testing.assert_close(agent.values(storage.flat("critic_inputs")), storage.flat("values"))


def test_first_minibatch_has_ratio_one(small_ppo, point_env):
    """With one minibatch per epoch the policy hasn't moved yet: no divergence, nothing clipped, loss -mean(A) = 0."""
    agent = small_ppo(point_env(), num_mini_epochs=1, batch_size=32)
    metrics = agent.iterate()
    assert metrics["policy/kl"] == pytest.approx(0.0, abs=1e-6)
    assert metrics["policy/clip_fraction"] == 0.0
    assert metrics["loss/policy"] == pytest.approx(0.0, abs=1e-5)


def test_numpy_and_torch_environments_teach_the_same():
    """Gymnasium's converter makes no difference to the weights."""
    plain = PPO(cartpoles(AutoresetMode.NEXT_STEP), PPOConfig(**TINY), seed=1)
    converted = PPO(NumpyToTorch(cartpoles(AutoresetMode.NEXT_STEP)), PPOConfig(**TINY), seed=1)
    for agent in (plain, converted):
        for _ in range(6):
            agent.iterate()
    assert all(torch.equal(one, other) for one, other in zip(weights(plain), weights(converted), strict=True))


def test_inputs_by_key(small_ppo, point_env):
    """Actor and critic see what the settings name, scaled by moments of their own."""
    agent = small_ppo(point_env(), actor_inputs=("speed",), critic_inputs=("position", "speed"))
    agent.iterate()
    assert agent.storage["actor_inputs"].shape == (9, 4, 1)
    assert agent.storage["critic_inputs"].shape == (9, 4, 2)
    assert agent.actor_input.normalizer is not agent.critic_input.normalizer
    torch.testing.assert_close(agent.actor_input.normalizer.mean, agent.critic_input.normalizer.mean[1:])
    assert agent.actor_input.normalizer.count == 32


def test_shared_inputs_are_stored_and_counted_once(small_ppo, point_env):
    """The same parts for both networks cost memory and observation once."""
    agent = small_ppo(point_env())
    agent.iterate()
    assert agent.storage["actor_inputs"] is agent.storage["critic_inputs"]
    assert agent.actor_input.normalizer.count == 32


def test_unknown_input_key(small_ppo, point_env):
    """The setting and the nearest key are named."""
    with pytest.raises(AlgorithmError, match=r"critic_inputs 'sped' is unknown.*did you mean 'speed'"):
        small_ppo(point_env(), critic_inputs=("sped",))


def test_batch_size_that_does_not_divide(small_ppo, point_env):
    """The error comes before anything is stepped."""
    env = point_env()
    with pytest.raises(AlgorithmError, match="use 4 or 8"):
        small_ppo(env, batch_size=5)
    assert env.seeds == []


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
@pytest.mark.parametrize(
    "settings",
    [
        {"bfloat16": True},
        {"normalize_rewards": True, "gamma": 0.9},
        {"clip_value_loss": True, "entropy_coef": 0.01},
        {"desired_kl": 0.01},
        {"max_grad_norm": 0.0, "normalize_advantages": False},
        {"hidden_units": (), "critic_hidden_units": ()},
    ],
)
def test_options_train(small_ppo, point_env, mode, settings):
    """Each option changes the weights in both modes without a skipped update."""
    agent = small_ppo(point_env(mode=mode), **settings)
    before = weights(agent)
    for _ in range(2):
        metrics = agent.iterate()
        assert metrics["update/actor_skipped"] == metrics["update/critic_skipped"] == 0.0
    assert all(not torch.equal(one, other) for one, other in zip(before, weights(agent), strict=True))


def test_scaled_rewards(small_ppo, point_env):
    """What the advantages see has been divided by the deviation of the return, the report has not."""
    agent = small_ppo(point_env(), normalize_rewards=True)
    agent.collect()
    expected = agent.storage["rewards"].clone()
    scaled = agent.rollout_rewards()
    torch.testing.assert_close(scaled, expected * agent.return_scaler.moments.scale)
    torch.testing.assert_close(agent.storage["rewards"], expected)
    assert agent.return_scaler.running.any()
    agent.restart()
    assert not agent.return_scaler.running.any()


def test_entropy_bonus_widens_the_policy(small_ppo, point_env):
    """With nothing else to gain, the standard deviation grows."""
    agent = small_ppo(point_env(), entropy_coef=100.0, learning_rate=1e-2)
    assert [agent.iterate()["policy/std"] for _ in range(3)][-1] > 1.01


def test_minimal_and_fixed_standard_deviation(small_ppo, point_env):
    """A floor holds against a push below it; a fixed one doesn't move at all."""
    floored = small_ppo(point_env(), initial_std=0.5, min_std=0.5)
    fixed = small_ppo(point_env(), initial_std=0.5, learn_std=False, entropy_coef=1.0)
    for _ in range(3):
        assert floored.iterate()["policy/std"] >= 0.4999
        assert fixed.iterate()["policy/std"] == pytest.approx(0.5)


@pytest.mark.parametrize("learned", [True, False])
def test_the_standard_deviation_falls_to_its_final_value(small_ppo, point_env, learned):
    """From 0.8 to 0.2 in two epochs of 32 steps, by equal factors, against an entropy bonus that pulls it up."""
    settings = {"initial_std": 0.8, "final_std": 0.2, "final_std_steps": 64, "learn_std": learned}
    agent = small_ppo(point_env(), entropy_coef=100.0, learning_rate=1e-2, **settings)
    assert [agent.iterate()["policy/std"] for _ in range(4)] == pytest.approx([0.8, 0.4, 0.2, 0.2])


def test_acting(small_ppo, point_env):
    """Any number of worlds, inside the bounds, without gradients; the mean repeats, samples follow the generator."""
    env = point_env()
    agent = small_ppo(env, initial_std=5.0)
    observation, _ = env.reset(seed=0)
    actions = agent.act(observation)
    assert actions.shape == (4, 1)
    assert not actions.requires_grad
    assert torch.equal(actions, agent.act(observation))
    one = {key: value[:1] for key, value in observation.items()}
    torch.testing.assert_close(agent.act(one), actions[:1])
    draws = torch.cat([agent.act(observation, deterministic=False) for _ in range(20)])
    assert draws.unique().numel() > 10
    assert draws.abs().max() == 1.0


def test_acting_changes_no_moments(small_ppo, point_env):
    """Evaluation leaves the scaling of inputs as training made it."""
    agent = small_ppo(point_env())
    agent.iterate()
    before = agent.actor_input.normalizer.mean.clone()
    agent.act({"position": torch.full((4, 1), 99.0), "speed": torch.full((4, 1), 99.0)})
    agent.collect()
    agent.commit_inputs()
    assert (agent.actor_input.normalizer.mean - before).abs().max() < 2.0


def test_acting_on_numpy_observations():
    """CartPole gets whole numbers that its space contains."""
    env = cartpoles()
    agent = PPO(env, PPOConfig(**TINY))
    observation, _ = env.reset(seed=0)
    actions = agent.act(observation)
    assert actions.shape == (3,)
    assert env.action_space.contains(actions.numpy())


class Both(gymnasium.Env):
    """One world with a choice of several numbers, for spaces that no bundled environment has."""

    observation_space = spaces.Discrete(3, start=1)
    action_space = spaces.MultiDiscrete([2, 3], start=[0, 5])

    def reset(self, *, seed=None, options=None):
        """Begin."""
        super().reset(seed=seed)
        return np.int64(1), {}

    def step(self, action):
        """Reward the highest numbers."""
        assert self.action_space.contains(action)
        return np.int64(2), float(action.sum()), False, True, {}


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_discrete_observations_and_several_choices(mode):
    """One-hot in, rows of categories out; the best choice is found."""
    env = gymnasium.vector.SyncVectorEnv([Both] * 4, autoreset_mode=mode)
    agent = PPO(env, PPOConfig(**{**TINY, "num_steps": 16, "learning_rate": 0.02}), seed=0)
    for _ in range(25):
        agent.iterate()
    assert agent.act(np.array([1])).tolist() == [[1, 7]]


def test_observation_before_a_reset(small_ppo, point_env):
    """Asking for it says what to do."""
    with pytest.raises(AlgorithmError, match=r"call restart\(\) first"):
        _ = small_ppo(point_env()).current_observation


# Importing torch's compiler uses a part of torch that torch itself calls old.
@pytest.mark.filterwarnings("ignore:.*torch.jit.script_method.*:DeprecationWarning")
def test_compiled_networks_keep_their_names(small_ppo, point_env):
    """compile=True changes how networks run, not what checkpoints hold."""
    plain, compiled = small_ppo(point_env()), small_ppo(point_env(), compile=True)
    assert compiled.policy._compiled_call_impl is not None
    assert plain.policy._compiled_call_impl is None
    compiled.load_state_dict(plain.state_dict())
    assert list(compiled.policy.state_dict()) == list(plain.policy.state_dict())
