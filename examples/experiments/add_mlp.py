# SPDX-License-Identifier: Apache-2.0
"""Track clips without weighing reward terms: a discriminator judges the difference (ADD, Zhang et al. 2025)."""

from protomotions_algos.add import ADDConfig
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_envs import EnvConfig
from protomotions_envs.tasks import MimicConfig
from protomotions_envs.tasks.mimic.config import MimicStart


def experiment(args: ExperimentArguments) -> ExperimentConfig:
    """Return all settings; flags that were given are applied on top of them."""
    # Thousands of robots need a simulator that runs on a GPU.
    num_envs = args.num_envs or (256 if args.simulator in (None, "mujoco") else 4096)
    many = num_envs >= 1024
    units, judge = ((1024, 512), (1024, 512)) if many else ((256, 256), (256, 128))
    # Actor and critic see the usual terms, and only the discriminator the difference.
    shown = (*MimicConfig().observations, "tracking_difference")
    return ExperimentConfig(
        # Who is judged over the whole clip should often begin at its beginning.
        env=EnvConfig(task=MimicConfig(observations=shown, start=MimicStart(start_fraction=0.5))),
        agent=ADDConfig(
            num_steps=12 if many else 32,
            learning_rate=1e-3,
            desired_kl=0.01,
            gamma=0.97,
            # None goes on from the end of a clip, so what it is worth can't be learned.
            truncation_value="previous",
            initial_std=0.15,
            gradient_penalty=2.0,
            hidden_units=units,
            critic_hidden_units=units,
            discriminator_hidden_units=judge,
            eval_every=50 if many else 20,
        ),
        num_envs=num_envs,
        training_max_steps=100_000_000 if many else 3_000_000,
    )
