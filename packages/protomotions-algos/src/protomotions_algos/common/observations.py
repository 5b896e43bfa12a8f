# SPDX-License-Identifier: Apache-2.0
"""From an observation of any structure to one flat float32 row per world."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from gymnasium import Space, spaces
from torch import Tensor

from protomotions_algos.common.protocols import Observation
from protomotions_algos.common.validation import require_known
from protomotions_algos.errors import AlgorithmError


@dataclass(frozen=True)
class ObservationPart:
    """One leaf of an observation space."""

    path: tuple[str, ...]
    """Keys from the root to the leaf; empty where the whole observation is one array."""
    size: int
    """Number of columns it fills."""
    first_category: int | None = None
    """Lowest value of a Discrete space, whose columns are one-hot; None for numbers."""

    @property
    def name(self) -> str:
        """The keys joined with dots."""
        return ".".join(self.path) or "observation"

    def read(self, observation: Observation, device: torch.device) -> Tensor:
        """Return this part of an observation as [N, size] float32 on `device`."""
        for key in self.path:
            observation = observation[key]  # ty: ignore[invalid-argument-type]
        if self.first_category is None:
            values = torch.as_tensor(observation, dtype=torch.float32, device=device)
            return values.reshape(values.shape[0], self.size)
        category = torch.as_tensor(observation, device=device).reshape(-1, 1) - self.first_category
        return (category == torch.arange(self.size, device=device)).float()


class ObservationEncoder:
    """Selects parts of an observation and lays them side by side.

    Args:
        space: Observation space of one world: Box, Discrete, MultiBinary, or a (nested) Dict of those.
        keys: Parts wanted, in this order; the name of an inner Dict takes all of it. None takes everything.
        device: Where the rows are wanted.
        purpose: Name of the setting that holds `keys`, for messages.

    Raises:
        AlgorithmError: A part has no meaning as numbers, or a key is unknown.
    """

    def __init__(
        self, space: Space, keys: Sequence[str] | None = None, *, device: torch.device, purpose: str = "inputs"
    ) -> None:
        self.device = device
        parts = list(_leaves(space, ()))
        self.parts = parts if keys is None else _select(parts, keys, purpose)
        self.num_features = sum(part.size for part in self.parts)

    def __call__(self, observation: Observation) -> Tensor:
        """Return [N, num_features] float32; it may share memory with a single-array observation."""
        columns = [part.read(observation, self.device) for part in self.parts]
        return columns[0] if len(columns) == 1 else torch.cat(columns, dim=-1)

    def name_of(self, column: int) -> str:
        """Return which part, and which number of it, a column of the encoded rows is."""
        for part in self.parts:
            if column < part.size:
                return f"{part.name}[{column}]"
            column -= part.size
        raise IndexError(f"column is past the last of {self.num_features}")


def _leaves(space: Space, path: tuple[str, ...]) -> Iterator[ObservationPart]:
    """Yield the leaves of an observation space in its own order."""
    if isinstance(space, spaces.Dict):
        for key, inner in space.spaces.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(space, spaces.Box | spaces.MultiBinary):
        yield ObservationPart(path, math.prod(space.shape))
    elif isinstance(space, spaces.Discrete):
        yield ObservationPart(path, int(space.n), int(space.start))
    else:
        where = ".".join(path) or "the observation"
        raise AlgorithmError(
            f"{where} is a {type(space).__name__} space; expected Box, Discrete, MultiBinary or a Dict of those. "
            "Flatten it first, for instance with gymnasium.wrappers.vector.FlattenObservation"
        )


def _select(parts: list[ObservationPart], keys: Sequence[str], purpose: str) -> list[ObservationPart]:
    """Return the parts that the keys name, in the keys' order."""
    if not keys:
        raise AlgorithmError(f"{purpose} is empty; leave it out to use every part of the observation")
    if not parts[0].path:
        raise AlgorithmError(f"{purpose} is {list(keys)}, but the observation is one array without names; leave it out")
    selected: list[ObservationPart] = []
    for key in keys:
        wanted = [part for part in parts if part.name == key or part.name.startswith(f"{key}.")]
        if not wanted:
            require_known(purpose, key, [part.name for part in parts])
        selected += wanted
    return selected


def take_rows(observation: Observation, rows: Tensor | np.ndarray) -> Observation:
    """Return the worlds `rows` [K] of an observation, with its structure."""
    if isinstance(observation, Mapping):
        return {key: take_rows(value, rows) for key, value in observation.items()}
    return observation[rows]


def stack_observations(observations: Sequence[Observation]) -> Observation:
    """Return single-world observations as one batch with their structure."""
    first = observations[0]
    if isinstance(first, Mapping):
        return {key: stack_observations([one[key] for one in observations]) for key in first}  # ty: ignore
    return np.stack([np.asarray(one) for one in observations])


def is_torch(observation: Observation) -> bool:
    """Return whether the leaves of an observation are torch tensors."""
    while isinstance(observation, Mapping):
        observation = next(iter(observation.values()))
    return isinstance(observation, Tensor)
