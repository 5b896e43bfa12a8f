# SPDX-License-Identifier: Apache-2.0
"""Track motion clips with PPO and two MLPs (DeepMimic, Peng et al. 2018, with a residual action)."""

from protomotions_algos.ppo import PPOConfig
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_envs import EnvConfig

MANY = 1024
"""Robots from which on a rollout has samples enough for larger networks and minibatches."""


def experiment(args: ExperimentArguments) -> ExperimentConfig:
    """Return all settings; flags that were given are applied on top of them."""
    many = args.num_envs is not None and args.num_envs >= MANY
    units = (512, 256, 128) if many else (256, 256, 128)
    return ExperimentConfig(
        env=EnvConfig(),
        agent=PPOConfig(
            num_steps=12 if many else 32,
            batch_size=None if many else 4096,
            learning_rate=1e-3,
            desired_kl=0.01,
            # At 50 control steps a second what DeepMimic's 0.95 is at 30.
            gamma=0.97,
            # None goes on from the end of a clip, so what it is worth can't be learned.
            truncation_value="previous",
            initial_std=0.15,
            normalize_rewards=True,
            hidden_units=units,
            critic_hidden_units=units,
            eval_every=100 if many else 10,
        ),
        num_envs=256,
        training_max_steps=3_000_000,
    )
