# SPDX-License-Identifier: Apache-2.0
"""What the parts of a training run expect of one another, as structural types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias, runtime_checkable

import numpy as np
import torch
from torch import Tensor

Observation: TypeAlias = "Tensor | np.ndarray | Mapping[str, Observation]"
"""What a vector environment returns: one array for all worlds, first axis N, or a dictionary of such."""

StateDict: TypeAlias = dict[str, object]
"""Plain data: tensors, numbers, strings, and lists and dictionaries of those."""


class Policy(Protocol):
    """Maps the observations of some worlds to actions that the environment accepts."""

    def __call__(self, observation: Observation, /) -> Tensor:
        """Return actions, first axis N, for an observation as the environment gave it."""
        ...


class Evaluator(Protocol):
    """Judges a policy."""

    def __call__(self, policy: Policy, /) -> Mapping[str, float]:
        """Return named figures; "score" is the one that picks the best checkpoint, higher is better."""
        ...


class Logger(Protocol):
    """Takes figures during training."""

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Take the figures that belong to environment step `step`."""
        ...

    def close(self) -> None:
        """Write out what is held back; calling it again does nothing."""
        ...


@runtime_checkable
class DemonstrationSource(Protocol):
    """An environment (`env.unwrapped`) that can show what its demonstrator would have observed."""

    def sample_demonstrations(self, count: int, generator: torch.Generator) -> Observation:
        """Return `count` observations as the demonstrator would have given them, drawn at random.

        Args:
            count: First axis of what is returned.
            generator: Decides the draw. It lives on the learner's device, which may not be the environment's.

        Returns:
            At least the parts of the observation that a discriminator looks at, as `step` gives them.
        """
        ...


@runtime_checkable
class EpisodeEnder(Protocol):
    """An environment (`env.unwrapped`) whose episodes the learner may end."""

    def end_episodes(self, mask: Tensor) -> None:
        """Let the episodes of the worlds in `mask` [N] terminate in the next step; called before each step."""
        ...


class TrainingSchedule(Protocol):
    """The part of an algorithm's settings that the training loop reads."""

    @property
    def eval_every(self) -> int:
        """Epochs between evaluations; 0 is never."""
        ...

    @property
    def save_every(self) -> int:
        """Epochs between checkpoints."""
        ...


class Agent(Protocol):
    """A learner that the training loop can drive, save and resume."""

    env_steps: int
    epoch: int
    best_score: float | None

    @property
    def config(self) -> TrainingSchedule:
        """The settings of the run."""
        ...

    def iterate(self) -> dict[str, float]:
        """Collect one rollout, learn from it, and return figures named as in TensorBoard."""
        ...

    def restart(self) -> None:
        """Begin new episodes in all worlds."""
        ...

    def act(self, observation: Observation, deterministic: bool = True) -> Tensor:
        """Return actions for the environment."""
        ...

    def state_dict(self) -> StateDict:
        """Return all that a resumed run needs, as plain data."""
        ...

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from what `state_dict` returned."""
        ...
