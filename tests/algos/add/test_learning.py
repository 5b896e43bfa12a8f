# SPDX-License-Identifier: Apache-2.0
"""ADD really learns to track, with no reward but the discriminator's."""

from gymnasium.vector import AutoresetMode
from tests.algos.add.chase import ChaseEnv, tracking_errors

from protomotions_algos.add import ADD, ADDConfig
from protomotions_algos.common.training import train

SETTINGS = {
    "num_steps": 16,
    "batch_size": 256,
    "num_mini_epochs": 2,
    "hidden_units": (64, 64),
    "critic_hidden_units": (64, 64),
    "discriminator_hidden_units": (64, 64),
    "activation": "relu",
    "initial_std": 0.5,
    "learning_rate": 1e-3,
    "critic_learning_rate": 3e-3,
    "discriminator_learning_rate": 1e-3,
    "desired_kl": 0.02,
    "gamma": 0.95,
    "gradient_penalty": 0.1,
    "logit_decay": 0.001,
    "replay_size": 20_000,
    "eval_every": 0,
}


def test_points_follow_their_references():
    """From more than 1 m and 0.8 m/s behind to less than 0.3 of it, from differences alone."""
    agent = ADD(ChaseEnv(64, AutoresetMode.NEXT_STEP), ADDConfig(**SETTINGS), seed=0)
    before = [error.mean() for error in tracking_errors(agent.act)]
    assert before[0] > 1.0
    assert before[1] > 0.8
    train(agent, max_steps=31_000)
    position, velocity = tracking_errors(agent.act)
    assert position.mean() < 0.3
    assert velocity.mean() < 0.24
