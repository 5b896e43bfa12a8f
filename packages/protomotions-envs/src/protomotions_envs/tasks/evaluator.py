# SPDX-License-Identifier: Apache-2.0
"""What evaluators of all tasks offer."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Protocol

from torch import Tensor

from protomotions_envs.config import EnvConfig
from protomotions_envs.vector_env import HumanoidVectorEnv
from protomotions_envs.worlds import Observation

Policy = Callable[[Observation], Tensor]
"""Maps observations of N worlds to actions [N, J]; evaluations want the mean action, without exploration."""


class Evaluation(Protocol):
    """How a policy did."""

    @property
    def metrics(self) -> Mapping[str, float]:
        """Flat figures with their units in their names; `score` among them, higher is better."""
        ...

    @property
    def definitions(self) -> Mapping[str, str]:
        """What the figures mean, by name."""
        ...

    def to_dict(self) -> dict[str, object]:
        """Return plain data: `metrics`, and `clips` with one dictionary per clip."""
        ...


class Evaluator(Protocol):
    """Evaluates policies in worlds of its own."""

    @property
    def env(self) -> HumanoidVectorEnv:
        """The worlds."""
        ...

    def __call__(self, policy: Policy) -> Evaluation:
        """Run the policy and judge it; the same policy meets the same starts and goals each time."""
        ...

    def close(self) -> None:
        """Free the worlds."""
        ...


def evaluation_config(config: EnvConfig) -> EnvConfig:
    """Return the settings of an environment for evaluations: worlds that never reset themselves, without pushes."""
    return dataclasses.replace(
        config,
        randomization=config.randomization.without_pushes(),
        autoreset_mode="disabled",
        render_mode=None,
        # An evaluation is over before compiling its step would pay.
        compile=False,
    )
