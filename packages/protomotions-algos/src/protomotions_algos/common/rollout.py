# SPDX-License-Identifier: Apache-2.0
"""Storage of one rollout: named tensors on the device, allocated once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor


class RolloutStorage:
    """Tensors [T, N, ...] by name; an algorithm adds those that it needs and overwrites them every rollout.

    Args:
        num_steps: T, steps per world.
        num_envs: N, worlds.
        device: Where the tensors live.
    """

    def __init__(self, num_steps: int, num_envs: int, device: torch.device) -> None:
        self.num_steps = num_steps
        self.num_envs = num_envs
        self.device = device
        self._tensors: dict[str, Tensor] = {}

    @property
    def num_samples(self) -> int:
        """T * N."""
        return self.num_steps * self.num_envs

    def add(
        self, name: str, shape: Sequence[int] = (), *, dtype: torch.dtype = torch.float32, extra_steps: int = 0
    ) -> Tensor:
        """Allocate a tensor [T + extra_steps, N, *shape] of zeros; the extra rows hold what follows the rollout."""
        size = (self.num_steps + extra_steps, self.num_envs, *shape)
        self._tensors[name] = torch.zeros(size, dtype=dtype, device=self.device)
        return self._tensors[name]

    def share(self, name: str, existing: str) -> None:
        """Let `name` mean the same tensor as `existing`."""
        self._tensors[name] = self._tensors[existing]

    def __contains__(self, name: str) -> bool:
        return name in self._tensors

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __getitem__(self, name: str) -> Tensor:
        return self._tensors[name]

    def get(self, name: str) -> Tensor | None:
        """Return a tensor, or None if the algorithm and the environment don't need it."""
        return self._tensors.get(name)

    def flat(self, name: str) -> Tensor:
        """Return a view [T * N, ...] of the rollout's own steps."""
        return self._tensors[name][: self.num_steps].flatten(0, 1)

    def minibatches(self, batch_size: int, generator: torch.Generator) -> Iterator[Tensor]:
        """Yield the numbers of all samples once, in random order, long, [batch_size] each."""
        yield from torch.randperm(self.num_samples, generator=generator, device=self.device).split(batch_size)

    def samples(self, names: Sequence[str], rows: Tensor) -> dict[str, Tensor]:
        """Return the samples with these numbers, [B], of the named tensors, [B, ...] each."""
        return {name: self.flat(name).index_select(0, rows) for name in names}
