# SPDX-License-Identifier: Apache-2.0
"""PPO really learns small tasks."""

import gymnasium
import pytest
from gymnasium.vector import AutoresetMode

from protomotions_algos.common.evaluation import ReturnEvaluator
from protomotions_algos.common.training import train
from protomotions_algos.ppo import PPO, PPOConfig

SMALL = {"hidden_units": (64, 64), "critic_hidden_units": (64, 64), "eval_every": 0}


def test_cartpole_is_solved():
    """CartPole-v1 from gymnasium.make_vec, as it comes: a mean of at least 475 of 500 over 20 episodes."""
    rates = {"learning_rate": 1e-3, "critic_learning_rate": 3e-3}
    config = PPOConfig(num_steps=32, batch_size=256, gamma=0.98, **rates, **SMALL)
    agent = PPO(gymnasium.make_vec("CartPole-v1", num_envs=32), config, seed=0)
    train(agent, max_steps=40_000)
    evaluator = ReturnEvaluator(gymnasium.make_vec("CartPole-v1", num_envs=20), episodes=20, seed=100)
    assert evaluator(agent.act)["score"] >= 475.0


def test_pendulum_improves():
    """Pendulum-v1, whose episodes only ever end by the time limit: from about -1,200 to above -600."""
    kwargs = {"vectorization_mode": "sync", "vector_kwargs": {"autoreset_mode": AutoresetMode.SAME_STEP}}
    rates = {"learning_rate": 1e-3, "critic_learning_rate": 5e-3}
    config = PPOConfig(num_steps=100, batch_size=200, gamma=0.9, **rates, **SMALL)
    agent = PPO(gymnasium.make_vec("Pendulum-v1", num_envs=16, **kwargs), config, seed=0)
    evaluator = ReturnEvaluator(gymnasium.make_vec("Pendulum-v1", num_envs=16, **kwargs), episodes=16, seed=100)
    before = evaluator(agent.act)["score"]
    train(agent, max_steps=40_000)
    after = evaluator(agent.act)["score"]
    assert before < -900.0
    assert after > -600.0


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_torch_environment_is_learned(point_env, small_ppo, mode):
    """Points learn to stay at zero, in either autoreset mode: an episode's best return is its 20 steps."""
    sizes = {"hidden_units": (32,), "critic_hidden_units": (32,), "num_mini_epochs": 5}
    rates = {"learning_rate": 1e-3, "critic_learning_rate": 5e-3, "desired_kl": 0.02}
    env = point_env(num_envs=32, mode=mode, limit=20)
    agent = small_ppo(env, num_steps=16, initial_std=0.5, eval_every=0, **sizes, **rates)
    evaluator = ReturnEvaluator(point_env(num_envs=64, mode=mode, limit=20), episodes=64, seed=7)
    before = evaluator(agent.act)["score"]
    train(agent, max_steps=15_000)
    after = evaluator(agent.act)["score"]
    assert before < 14.0
    assert after > 17.5
