# SPDX-License-Identifier: Apache-2.0
"""The parts of a run, built from its settings: environment, agent, evaluator."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import torch

from protomotions_algos.common.protocols import Policy
from protomotions_algos.ppo import PPO
from protomotions_cli.errors import UsageError
from protomotions_cli.experiment import ExperimentConfig
from protomotions_envs import EnvConfig, HumanoidVectorEnv
from protomotions_envs.tasks.mimic.evaluation import MimicEvaluator


def training_env_config(config: EnvConfig) -> EnvConfig:
    """Return the settings as policies see environments: one vector per world, resets within the step."""
    return dataclasses.replace(config, autoreset_mode="same_step", flatten=True, render_mode=None)


def build_env(config: ExperimentConfig, num_envs: int | None = None) -> HumanoidVectorEnv:
    """Return the environment to train in, with the settings' number of worlds unless another is given.

    Raises:
        ProtoMotionsError: A robot, simulator, motion file or setting that can't be used.
        UsageError: The device isn't there.
    """
    check_device(config.env.device)
    return HumanoidVectorEnv(num_envs or config.num_envs, config=training_env_config(config.env))


def build_agent(config: ExperimentConfig, env: HumanoidVectorEnv) -> PPO:
    """Return the learner, untrained.

    Raises:
        AlgorithmError: A setting doesn't fit the environment.
    """
    return PPO(env, config.agent, device=env.device, seed=config.seed)


def check_device(device: str | None) -> None:
    """Raise UsageError unless PyTorch can compute on `device`."""
    if device is None:
        return
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        found = ["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]
        raise UsageError(f"device {device!r} can't be used here; found: {', '.join(found)}") from error


class ScoreOfAllClips:
    """Evaluates a policy on all clips of a training environment, in worlds of its own; figures for the logs.

    Args:
        env: The training environment, whose clips are shared.
        max_steps: Longest stretch of a clip that is tried, control steps; None tries all of it.
    """

    def __init__(self, env: HumanoidVectorEnv, max_steps: int | None) -> None:
        self._evaluator = MimicEvaluator(env.config, env.motion_library, max_steps=max_steps)

    def __call__(self, policy: Policy) -> Mapping[str, float]:
        """Return the means over clips; `score` picks the best checkpoint."""
        return self._evaluator(policy).metrics

    def close(self) -> None:
        """Free the worlds."""
        self._evaluator.close()
