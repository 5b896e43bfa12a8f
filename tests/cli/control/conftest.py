# SPDX-License-Identifier: Apache-2.0
"""Stages: one robot of each task that takes commands, with an agent that has learned nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from protomotions_algos.ppo import PPO, PPOConfig
from protomotions_cli.control.control import Stage
from protomotions_envs import HumanoidVectorEnv


@pytest.fixture
def make_stage() -> Iterator[Callable[[str], Stage]]:
    """Make stages by the name of their task, and close them."""
    made: list[HumanoidVectorEnv] = []

    def make(task: str) -> Stage:
        env = HumanoidVectorEnv(1, task=task, autoreset_mode="same_step", flatten=True, num_threads=1)
        made.append(env)
        env.reset(seed=0, options={"noise": False})
        return Stage(env, PPO(env, PPOConfig(hidden_units=(4,), critic_hidden_units=(4,))), 1.0)

    yield make
    for env in made:
        env.close()
