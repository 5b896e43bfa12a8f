# SPDX-License-Identifier: Apache-2.0
"""Hundreds of small operations on a GPU as one launch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import torch
from torch import Tensor

Result = TypeVar("Result")

_WARM_UPS = 3


class CapturedFunction(Generic[Result]):
    """Replays a function of fixed buffers as one CUDA graph.

    The function takes no arguments: it reads and writes tensors that stay where they are, never waits for the device,
    and may draw random numbers from one generator. It runs a few times before and while it is captured.

    Args:
        function: What to capture; returns tensors, or tuples and dictionaries of them.
        generator: Where it draws random numbers from.
    """

    def __init__(self, function: Callable[[], Result], generator: torch.Generator) -> None:
        device = generator.device
        side = torch.cuda.Stream(device)
        side.wait_stream(torch.cuda.current_stream(device))
        with torch.cuda.stream(side):
            for _ in range(_WARM_UPS):
                function()
        torch.cuda.current_stream(device).wait_stream(side)
        self._graph = torch.cuda.CUDAGraph()
        self._graph.register_generator_state(generator)
        with torch.cuda.graph(self._graph):
            self._result = function()

    def __call__(self) -> Result:
        """Run once more and return copies of the results, which the next call would overwrite."""
        self._graph.replay()
        return _copied(self._result, {})


def _copied(value: Result, done: dict[int, Tensor]) -> Result:
    """Copy all tensors in nested tuples and dictionaries, each once."""
    if isinstance(value, Tensor):
        if id(value) not in done:
            done[id(value)] = value.clone()
        return done[id(value)]  # ty: ignore[invalid-explicit-return]
    if isinstance(value, dict):
        return {name: _copied(part, done) for name, part in value.items()}  # ty: ignore[invalid-explicit-return]
    if isinstance(value, tuple):
        return tuple(_copied(part, done) for part in value)  # ty: ignore[invalid-explicit-return]
    return value
