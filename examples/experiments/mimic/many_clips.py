# SPDX-License-Identifier: Apache-2.0
"""Track a folder of clips with one policy on a GPU: larger networks and a longer look ahead than `mlp.py`."""

from protomotions_algos.ppo import PPOConfig
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_envs import EnvConfig
from protomotions_envs.tasks.mimic.config import MimicConfig

UNITS = (1024, 512, 256)


def experiment(args: ExperimentArguments) -> ExperimentConfig:
    """Return all settings; flags that were given are applied on top of them."""
    return ExperimentConfig(
        # A single clip can be learned by heart; of many, the policy must see what is coming, here up to 0.64 s ahead.
        env=EnvConfig(simulator="mujoco-warp", task=MimicConfig(future_steps=(1, 2, 4, 8, 16, 32))),
        agent=PPOConfig(
            # Short rollouts of many robots: what an update may change is bounded, so more updates learn faster.
            num_steps=12,
            learning_rate=1e-3,
            desired_kl=0.01,
            initial_std=0.15,
            normalize_rewards=True,
            hidden_units=UNITS,
            critic_hidden_units=UNITS,
            eval_every=690,
            save_every=100,
        ),
        num_envs=8192,
        training_max_steps=350_000_000,
    )
