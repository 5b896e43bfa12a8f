# SPDX-License-Identifier: Apache-2.0
"""Algorithms by their settings, and what each must see of an environment."""

from __future__ import annotations

import dataclasses

from protomotions_algos.add import ADD, ADDConfig
from protomotions_algos.amp import AMP, AMPConfig
from protomotions_algos.ase import ASE, ASEConfig
from protomotions_algos.ppo import PPO, PPOConfig
from protomotions_cli.errors import UsageError
from protomotions_envs import EnvConfig, HumanoidVectorEnv
from protomotions_envs.tasks.free.config import FreeConfig
from protomotions_envs.tasks.free.task import STYLE

AgentConfig = PPOConfig | AMPConfig | ASEConfig | ADDConfig
"""Settings of an algorithm; `algorithm` tells them apart."""

ALGORITHMS: dict[type[AgentConfig], type[PPO]] = {PPOConfig: PPO, AMPConfig: AMP, ASEConfig: ASE, ADDConfig: ADD}
"""The learner of each kind of settings."""


def wants_parts(config: AgentConfig, env: EnvConfig) -> bool:
    """Return whether an algorithm must be able to tell the parts of the observation apart.

    One vector is faster, so PPO takes that unless it must leave out what is only there for discriminators.
    """
    chooses = config.actor_inputs is not None or config.critic_inputs is not None
    return isinstance(config, AMPConfig) or chooses or _shows_style(env)


def learner(config: AgentConfig, env: HumanoidVectorEnv, seed: int) -> PPO:
    """Return the learner that the settings are of, untrained.

    Raises:
        UsageError: The environment doesn't show what the algorithm looks at.
        AlgorithmError: A setting doesn't fit the environment.
    """
    if isinstance(config, AMPConfig):
        _check_parts(config, env)
    elif not env.config.flatten:
        config = _without_style(config, env)
    return ALGORITHMS[type(config)](env, config, device=env.device, seed=seed)


def acting(config: AgentConfig) -> AgentConfig:
    """Return settings for a learner that only acts, in any number of worlds: sizes of batches belong to training."""
    config = dataclasses.replace(config, batch_size=None)
    if isinstance(config, AMPConfig):
        config = dataclasses.replace(config, discriminator_batch_size=None, replay_size=0)
    return config


def _shows_style(env: EnvConfig) -> bool:
    return isinstance(env.task, FreeConfig) and (env.motion_file is not None or env.task.needs_motion)


def _without_style(config: PPOConfig, env: HumanoidVectorEnv) -> PPOConfig:
    """Return settings by which actor and critic see all parts, in the order of one vector, but that of clips' style."""
    parts = tuple(name for name in env.observation_sizes if name != STYLE)
    actor, critic = config.actor_inputs or parts, config.critic_inputs or parts
    return dataclasses.replace(config, actor_inputs=actor, critic_inputs=critic)


def _check_parts(config: AMPConfig, env: HumanoidVectorEnv) -> None:
    missing = [part for part in config.discriminator_inputs or () if part not in env.observation_sizes]
    if not missing:
        return
    task = env.config.task
    if STYLE in missing and isinstance(task, FreeConfig):
        raise UsageError(
            f"the algorithm {config.algorithm!r} imitates clips, but the task {task.name!r} has none; give some with "
            "--motion-file"
        )
    raise UsageError(
        f"the algorithm {config.algorithm!r} looks at {missing[0]!r}, but the task {task.name!r} observes only "
        f"{', '.join(env.observation_sizes)}; add it to env.task.observations, or take another task or algorithm"
    )
