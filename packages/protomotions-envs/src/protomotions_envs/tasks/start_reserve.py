# SPDX-License-Identifier: Apache-2.0
"""Starts of episodes that are drawn many at once and used one after another."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

AHEAD = 64
"""How many starts are drawn at once on a CPU; few enough that they follow what was learned of failures."""


class StartReserve:
    """Draws starts, on a CPU some ahead: there a few take as long as hundreds.

    On other devices every call draws, so that shapes stay fixed and a captured graph draws anew each time.

    Args:
        draw: Returns tensors [count, ...] that describe `count` starts, drawn from a generator.
        device: Where they are drawn.
    """

    def __init__(self, draw: Callable[[int, torch.Generator], tuple[Tensor, ...]], device: torch.device) -> None:
        self._draw = draw
        self._ahead = AHEAD if device.type == "cpu" else 0
        self._starts: tuple[Tensor, ...] = ()
        self._left = 0

    def take(self, count: int, generator: torch.Generator) -> tuple[Tensor, ...]:
        """Return the next `count` starts, [count, ...]; none is given twice."""
        if self._left < count:
            self._left = max(count, self._ahead)
            self._starts = self._draw(self._left, generator)
        end = self._left
        self._left -= count
        return tuple(part[self._left : end] for part in self._starts)

    def discard(self) -> None:
        """Forget what was drawn ahead."""
        self._left = 0
