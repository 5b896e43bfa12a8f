# SPDX-License-Identifier: Apache-2.0
"""Rows of features from earlier rollouts, the oldest overwritten first."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from protomotions_algos.errors import CheckpointError

_MIN_STD = 0.01
_LARGEST = 6e4


class ReplayBuffer:
    """Keeps the last `size` rows that were written.

    Rows are held in float16, which halves memory and checkpoints, as multiples of the standard deviation of the first
    rows written, so that columns far from zero keep their digits: 11 bits of what a column varies by.

    Args:
        size: Rows that it holds at most.
        num_features: D, columns.
        device: Where the rows live.
    """

    def __init__(self, size: int, num_features: int, device: torch.device) -> None:
        self.size = size
        self.written = 0
        self._rows = torch.zeros(size, num_features, dtype=torch.float16, device=device)
        self._shift = torch.zeros(num_features, device=device)
        self._spread = torch.ones(num_features, device=device)

    def __len__(self) -> int:
        """Rows that `sample` draws from."""
        return min(self.written, self.size)

    def write(self, rows: Tensor) -> None:
        """Add rows [K, D], K at most `size`, over the oldest ones if there is no room left."""
        if self.written == 0:
            self._shift.copy_(rows.mean(dim=0))
            self._spread.copy_((rows.var(dim=0, correction=0) + _MIN_STD**2).sqrt())
        places = torch.arange(self.written, self.written + len(rows), device=rows.device) % self.size
        scaled = ((rows - self._shift) / self._spread).clamp(-_LARGEST, _LARGEST)
        self._rows.index_copy_(0, places, scaled.half())
        self.written += len(rows)

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Return `count` rows [count, D] float32, drawn with replacement."""
        places = torch.randint(len(self), (count,), generator=generator, device=self._rows.device)
        return torch.addcmul(self._shift, self._rows[places].float(), self._spread)

    def state_dict(self) -> dict[str, object]:
        """Return the rows written so far and what they are multiples of."""
        return {
            # A copy, because a file of a view would hold all that it is a view of.
            "rows": self._rows[: len(self)].clone(),
            "shift": self._shift,
            "spread": self._spread,
            "size": self.size,
            "written": self.written,
        }

    def load_state_dict(self, state: object) -> None:
        """Continue from the rows of another run.

        Raises:
            CheckpointError: They are of a buffer of another size, or of other features; nothing has changed then.
        """
        saved = self.require_fit(state)
        rows = saved["rows"]
        self._rows[: len(rows)] = rows.to(self._rows.device)
        self._shift.copy_(saved["shift"])
        self._spread.copy_(saved["spread"])
        self.written = saved["written"]

    def require_fit(self, state: object) -> Mapping:
        """Return a saved state, or raise CheckpointError if it is of another size, of other features, or missing."""
        saved: Mapping = state if isinstance(state, Mapping) else {"size": 0, "shift": ()}
        size, num_features = saved["size"], len(saved["shift"])
        if (size, num_features) != tuple(self._rows.shape):
            raise CheckpointError(
                f"the checkpoint's replay has room for {size} rows of {num_features} features, this run's for "
                f"{self.size} of {self._rows.shape[1]}; use the replay_size and the observations it was trained with"
            )
        return saved
