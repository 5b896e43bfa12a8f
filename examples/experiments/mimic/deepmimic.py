# SPDX-License-Identifier: Apache-2.0
"""Track clips with the rewards of DeepMimic (Peng et al. 2018) in ProtoMotions' weights, as a bar for others."""

from protomotions_algos.ppo import PPOConfig
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_envs import EnvConfig
from protomotions_envs.tasks import MimicConfig
from protomotions_envs.tasks.mimic.config import DEEPMIMIC_REGULARIZERS, DEEPMIMIC_REWARDS, MimicStart


def experiment(args: ExperimentArguments) -> ExperimentConfig:
    """Return all settings; flags that were given are applied on top of them."""
    # Thousands of robots need a simulator that runs on a GPU.
    num_envs = args.num_envs or (256 if args.simulator in (None, "mujoco") else 4096)
    many = num_envs >= 1024
    units = (1024, 512) if many else (256, 256)
    # Who is judged over the whole clip should often begin at its beginning.
    start = MimicStart(start_fraction=0.5)
    return ExperimentConfig(
        env=EnvConfig(task=MimicConfig(rewards=DEEPMIMIC_REWARDS, regularizers=DEEPMIMIC_REGULARIZERS, start=start)),
        agent=PPOConfig(
            num_steps=12 if many else 32,
            learning_rate=1e-3,
            desired_kl=0.01,
            gamma=0.97,
            # None goes on from the end of a clip, so what it is worth can't be learned.
            truncation_value="previous",
            initial_std=0.15,
            normalize_rewards=True,
            hidden_units=units,
            critic_hidden_units=units,
            eval_every=50 if many else 20,
        ),
        num_envs=num_envs,
        training_max_steps=100_000_000 if many else 3_000_000,
    )
