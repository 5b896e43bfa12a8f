# SPDX-License-Identifier: Apache-2.0
"""AMP really learns: a point's motion becomes that of the demonstrations, measured without the discriminator."""

from gymnasium.vector import AutoresetMode
from tests.algos.amp.orbit import ANGULAR_SPEED, RADIUS, OrbitEnv, orbit_figures

from protomotions_algos.amp import AMP, AMPConfig
from protomotions_algos.common.evaluation import ReturnEvaluator
from protomotions_algos.common.training import train

SETTINGS = {
    "num_steps": 16,
    "batch_size": 256,
    "num_mini_epochs": 4,
    "hidden_units": (64, 64),
    "critic_hidden_units": (64, 64),
    "discriminator_hidden_units": (64, 64),
    "activation": "relu",
    "initial_std": 0.5,
    "learning_rate": 1e-3,
    "critic_learning_rate": 3e-3,
    "discriminator_learning_rate": 2e-3,
    "desired_kl": 0.02,
    "gamma": 0.9,
    "gradient_penalty": 0.1,
    "logit_decay": 0.001,
    "replay_size": 20_000,
    "eval_every": 0,
}


def test_points_learn_to_circle():
    """From standing still to radius and angular speed within 15 % of the demonstrations', in all worlds alike."""
    agent = AMP(OrbitEnv(64), AMPConfig(**SETTINGS), seed=0)
    _, before = orbit_figures(agent.act)
    assert before.abs().mean() < 0.2 * ANGULAR_SPEED
    train(agent, max_steps=31_000)
    radii, speeds = orbit_figures(agent.act)
    assert abs(radii.mean() - RADIUS) < 0.15 * RADIUS
    assert abs(speeds.mean() - ANGULAR_SPEED) < 0.15 * ANGULAR_SPEED
    assert radii.std() < 0.15 * RADIUS
    assert speeds.std() < 0.15 * ANGULAR_SPEED


def test_the_task_pulls_the_other_way():
    """The task, to sit at the origin, is learned where only it counts: no circle, and a return near the best of 20."""
    env = OrbitEnv(64, mode=AutoresetMode.NEXT_STEP, limit=20)
    settings = {**SETTINGS, "num_mini_epochs": 2, "task_weight": 1.0, "style_weight": 0.0}
    agent = AMP(env, AMPConfig(**settings), seed=0)
    evaluator = ReturnEvaluator(OrbitEnv(64, limit=20), episodes=64, seed=7)
    before = evaluator(agent.act)["score"]
    train(agent, max_steps=15_000)
    after = evaluator(agent.act)["score"]
    radii, _ = orbit_figures(agent.act)
    assert before < 10.0
    assert after > 14.0
    assert radii.mean() < 0.3 * RADIUS
