# SPDX-License-Identifier: Apache-2.0
"""Keep up with a point that moves along a path: PPO alone or, with --motion-file, in the style of clips (AMP)."""

from functools import partial

from protomotions_algos.amp import AMPConfig
from protomotions_algos.ppo import PPOConfig
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_envs import EnvConfig
from protomotions_envs.tasks import PathFollowerConfig
from protomotions_envs.tasks.regularizers import Penalty, Regularizers

# Without a style to keep to, what is smooth and close to the default pose.
GENTLE = Regularizers(action_rate=Penalty(0.02, 4.0), posture=Penalty(0.03, 10.0))


def experiment(args: ExperimentArguments) -> ExperimentConfig:
    """Return all settings; flags that were given are applied on top of them."""
    # Thousands of robots need a simulator that runs on a GPU.
    num_envs = args.num_envs or (256 if args.simulator in (None, "mujoco") else 8192)
    many, styled = num_envs >= 1024, args.motion_file is not None
    units = (512, 256, 128) if many else (256, 256, 128)
    judge = (512, 256) if many else (256, 128)
    amp = partial(AMPConfig, task_weight=0.5, style_weight=0.5, ending_threshold=0.02, discriminator_hidden_units=judge)
    # Few robots learn to follow too late where falls are dear, and beside a style any price would drown the goal.
    priced = PathFollowerConfig(fall_cost=200.0 if many else 40.0, regularizers=GENTLE)
    task = PathFollowerConfig() if styled else priced
    return ExperimentConfig(
        env=EnvConfig(task=task),
        agent=(amp if styled else PPOConfig)(
            num_steps=12 if many else 32,
            learning_rate=1e-3,
            desired_kl=0.015,
            initial_std=0.2,
            entropy_coef=0.001,
            normalize_rewards=True,
            hidden_units=units,
            critic_hidden_units=units,
            eval_length=None if many else 300,
        ),
        num_envs=num_envs,
        training_max_steps=150_000_000 if many else 3_000_000,
    )
