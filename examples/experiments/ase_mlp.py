# SPDX-License-Identifier: Apache-2.0
"""Learn the skills of many clips, each of which a latent calls up (ASE, Peng et al. 2022)."""

from protomotions_algos.ase import ASEConfig
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_envs import EnvConfig
from protomotions_envs.tasks import StyleConfig
from protomotions_envs.tasks.free.config import Fall


def experiment(args: ExperimentArguments) -> ExperimentConfig:
    """Return all settings; flags that were given are applied on top of them."""
    # Thousands of robots need a simulator that runs on a GPU.
    num_envs = args.num_envs or (256 if args.simulator in (None, "mujoco") else 4096)
    many = num_envs >= 1024
    units = (1024, 512, 256) if many else (256, 256)
    # Clips may roll, crawl or get up, which takes a while; to lie there for good is no skill.
    task = StyleConfig(fall=Fall(seconds=3.5))
    return ExperimentConfig(
        env=EnvConfig(task=task),
        agent=ASEConfig(
            num_steps=24 if many else 32,
            learning_rate=1e-3,
            desired_kl=0.02,
            gamma=0.97,
            initial_std=0.2,
            # Skills that can be told apart are easily found; those that look right aren't.
            mutual_information_weight=0.2,
            hidden_units=units,
            critic_hidden_units=units,
            discriminator_learning_rate=2e-5,
            discriminator_hidden_units=(512, 256) if many else (256, 128),
            eval_length=None if many else 300,
        ),
        num_envs=num_envs,
        training_max_steps=200_000_000 if many else 3_000_000,
    )
