# SPDX-License-Identifier: Apache-2.0
"""Walk in a given direction at a given speed: PPO alone or, with --motion-file, in the style of clips (AMP)."""

from functools import partial

from protomotions_algos.amp import AMPConfig
from protomotions_algos.ppo import PPOConfig
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_envs import EnvConfig
from protomotions_envs.randomization import Pushes, RandomizationConfig
from protomotions_envs.tasks.regularizers import Penalty, Regularizers
from protomotions_envs.tasks.steering.config import SteeringCommands, SteeringConfig

SMOOTH = Penalty(0.02, 4.0)
# What few robots can learn, and what many need to walk upright and not to fall, both without a style to keep to.
SIMPLE = SteeringConfig(regularizers=Regularizers(action_rate=SMOOTH, posture=Penalty(0.03, 10.0)))
GRADUAL = SteeringCommands(stop_fraction=0.3, fresh_fraction=0.5, acceleration=3.0, turn_rate=2.5)
UPRIGHT = Regularizers(action_rate=SMOOTH, posture=Penalty(0.15, 10.0), tilt=Penalty(1.0, 1.0))
STURDY = SteeringConfig(commands=GRADUAL, fall_cost=200.0, regularizers=UPRIGHT)


def experiment(args: ExperimentArguments) -> ExperimentConfig:
    """Return all settings; flags that were given are applied on top of them."""
    # Thousands of robots need a simulator that runs on a GPU.
    num_envs = args.num_envs or (256 if args.simulator in (None, "mujoco") else 8192)
    many, styled = num_envs >= 1024, args.motion_file is not None
    units, judge = ((512, 256, 128), (512, 256)) if many else ((256, 256, 128), (256, 128))
    amp = partial(AMPConfig, task_weight=0.5, style_weight=0.5, ending_threshold=0.02, discriminator_hidden_units=judge)
    task = SteeringConfig() if styled else STURDY if many else SIMPLE
    # Who is pushed learns to catch itself, and whose noise fades to stand without it.
    pushes = Pushes(interval=(2.0, 5.0) if task is STURDY else None)
    return ExperimentConfig(
        env=EnvConfig(task=task, randomization=RandomizationConfig(pushes=pushes)),
        agent=(amp if styled else PPOConfig)(
            num_steps=12 if many else 32,
            learning_rate=1e-3,
            desired_kl=0.015,
            initial_std=0.2,
            final_std=0.03 if task is STURDY else None,
            final_std_steps=80_000_000,
            entropy_coef=0.001,
            normalize_rewards=True,
            hidden_units=units,
            critic_hidden_units=units,
            eval_length=None if many else 300,
        ),
        num_envs=num_envs,
        training_max_steps=200_000_000 if many else 3_000_000,
    )
