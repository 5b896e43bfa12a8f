# SPDX-License-Identifier: Apache-2.0
"""Track motion clips with PPO and two MLPs (DeepMimic, Peng et al. 2018, with a residual action)."""

from protomotions_algos.ppo import PPOConfig
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_envs import EnvConfig


def experiment(args: ExperimentArguments) -> ExperimentConfig:
    """Return all settings; flags that were given are applied on top of them."""
    return ExperimentConfig(
        env=EnvConfig(),
        agent=PPOConfig(
            num_steps=32,
            batch_size=4096,
            learning_rate=1e-3,
            desired_kl=0.01,
            initial_std=0.15,
            normalize_rewards=True,
            hidden_units=(256, 256, 128),
            critic_hidden_units=(256, 256, 128),
            eval_every=10,
        ),
        num_envs=256,
        training_max_steps=3_000_000,
    )
