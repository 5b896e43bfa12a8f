# SPDX-License-Identifier: Apache-2.0
"""The parts of a run, built from its settings: environment, agent, evaluator."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import torch

from protomotions_algos.common.protocols import Policy
from protomotions_algos.ppo import PPO
from protomotions_cli.algorithms import learner, wants_parts
from protomotions_cli.errors import UsageError
from protomotions_cli.experiment import ExperimentConfig
from protomotions_envs import EnvConfig, HumanoidVectorEnv
from protomotions_envs.tasks.evaluation import make_evaluator


def training_env_config(config: ExperimentConfig) -> EnvConfig:
    """Return the environment's settings as the algorithm wants them: resets within the step, parts only if needed."""
    flatten = not wants_parts(config.agent, config.env)
    return dataclasses.replace(config.env, autoreset_mode="same_step", flatten=flatten, render_mode=None)


def build_env(config: ExperimentConfig) -> HumanoidVectorEnv:
    """Return the environment to train in.

    Raises:
        ProtoMotionsError: A robot, simulator, motion file or setting that can't be used.
        UsageError: The device isn't there.
    """
    check_device(config.env.device)
    return HumanoidVectorEnv(config.num_envs, config=training_env_config(config))


def build_agent(config: ExperimentConfig, env: HumanoidVectorEnv) -> PPO:
    """Return the learner, untrained.

    Raises:
        UsageError: The environment doesn't show what the algorithm looks at.
        AlgorithmError: A setting doesn't fit the environment.
    """
    return learner(config.agent, env, config.seed)


def check_device(device: str | None) -> None:
    """Raise UsageError unless PyTorch can compute on `device`."""
    if device is None:
        return
    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        found = ["cpu", *(f"cuda:{index}" for index in range(torch.cuda.device_count()))]
        raise UsageError(f"device {device!r} can't be used here; found: {', '.join(found)}") from error


class TrainingEvaluator:
    """Evaluates a policy during training, in worlds of its own but on the training environment's clips.

    Args:
        env: The training environment.
        max_steps: Control steps that a clip or a world is tried at most; None for no such limit.
    """

    def __init__(self, env: HumanoidVectorEnv, max_steps: int | None) -> None:
        self._evaluator = make_evaluator(env.config, env.motion_library, max_steps=max_steps)

    def __call__(self, policy: Policy) -> Mapping[str, float]:
        """Return flat figures; `score` picks the best checkpoint."""
        return self._evaluator(policy).metrics

    def close(self) -> None:
        """Free the worlds."""
        self._evaluator.close()
