# SPDX-License-Identifier: Apache-2.0
"""The input of a network: selected parts of the observation, scaled by running moments."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from gymnasium import Space
from torch import Tensor, nn

from protomotions_algos.common.normalization import RunningNormalizer
from protomotions_algos.common.observations import ObservationEncoder
from protomotions_algos.common.protocols import Observation


class NetworkInput(nn.Module):
    """Encodes observations into rows [N, D] for one network.

    Args:
        space: Observation space of one world.
        num_envs: N, number of worlds that are observed.
        keys: Parts of the observation, None for all.
        device: Where the rows are wanted.
        purpose: Name of the setting that holds `keys`, for messages.
        normalize: Whether rows are scaled by running moments.
        clip: Bound of the scaled values.
        centered: Whether the moments' mean is taken away; without, zero stays zero.
    """

    def __init__(
        self,
        space: Space,
        num_envs: int,
        keys: Sequence[str] | None,
        *,
        device: torch.device,
        purpose: str,
        normalize: bool,
        clip: float,
        centered: bool = True,
    ) -> None:
        super().__init__()
        self.encoder = ObservationEncoder(space, keys, device=device, purpose=purpose)
        self.num_features = self.encoder.num_features
        self.normalizer = RunningNormalizer(self.num_features, clip=clip, centered=centered) if normalize else None
        self.register_buffer("column_sums", torch.zeros(self.num_features), persistent=False)
        self.register_buffer("world_sums", torch.zeros(num_envs), persistent=False)
        self.to(device)

    column_sums: Tensor
    world_sums: Tensor

    def forward(self, observation: Observation, observe: bool = False) -> Tensor:
        """Return rows [N, D]; with `observe` they enter the moments at the next `commit`."""
        rows = self.encoder(observation)
        if observe:
            self.watch(rows)
        return self.normalize(rows, observe)

    def normalize(self, rows: Tensor, observe: bool = False) -> Tensor:
        """Return encoded rows [B, D] scaled; with `observe` they enter the moments at the next `commit`."""
        return rows if self.normalizer is None else self.normalizer(rows, observe)

    def watch(self, rows: Tensor) -> None:
        """Take note of what isn't finite in the encoded rows [N, D] of all worlds."""
        # Sums keep a NaN or an infinity until the rollout's check finds it; one that is clipped would be lost.
        self.column_sums += rows.sum(dim=0)
        self.world_sums += rows.sum(dim=1)

    def commit(self) -> None:
        """Let the rows observed since the last call enter the moments."""
        if self.normalizer is not None:
            self.normalizer.commit()

    def count_broken(self) -> Tensor:
        """Return how many columns had a value that isn't finite since `clear`, as a tensor []."""
        return (~self.column_sums.isfinite()).sum()

    def broken_columns(self) -> list[str]:
        """Return the names of columns that had a value that isn't finite since `clear`."""
        return [self.encoder.name_of(int(column)) for column in (~self.column_sums.isfinite()).nonzero()[:, 0]]

    def broken_worlds(self) -> list[int]:
        """Return the numbers of worlds that had a value that isn't finite since `clear`."""
        return (~self.world_sums.isfinite()).nonzero()[:, 0].tolist()

    def clear(self) -> None:
        """Forget what was seen."""
        self.column_sums.zero_()
        self.world_sums.zero_()
