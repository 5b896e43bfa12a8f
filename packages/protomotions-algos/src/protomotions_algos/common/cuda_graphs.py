# SPDX-License-Identifier: Apache-2.0
"""Updates of networks as one launch on a GPU."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from protomotions_algos.common.statistics import MetricSums

_WARM_UPS = 3


class CapturedUpdate:
    """Replays an update as a CUDA graph, once it has run a few times as it is.

    The update reads rows of tensors that stay where they are, changes parameters and optimiser states in place, and
    never waits for the device. Figures that it gives to `metrics` are given again at every replay.

    Args:
        update: Learns from the samples with these numbers, long, [B].
        metrics: Where it reports to.
    """

    def __init__(self, update: Callable[[Tensor], None], metrics: MetricSums) -> None:
        self._update = update
        self._metrics = metrics
        self._runs = 0
        self._graph: torch.cuda.CUDAGraph | None = None
        self._stream: torch.cuda.Stream | None = None
        self._rows = torch.empty(0, dtype=torch.long)
        self._names: Sequence[str] = ()
        self._figures = torch.empty(0)

    def __call__(self, rows: Tensor) -> None:
        """Learn from the samples with these numbers, long, [B]; B is the same at every call."""
        if self._graph is not None:
            self._rows.copy_(rows)
            self._replay(self._graph)
        elif self._runs < _WARM_UPS:
            self._warm_up(rows)
        else:
            self._rows = rows.clone()
            self._graph = self._capture()
            self._replay(self._graph)

    def _replay(self, graph: torch.cuda.CUDAGraph) -> None:
        graph.replay()
        # The next replay overwrites the figures.
        self._metrics.means(self._names, self._figures.clone())

    def _warm_up(self, rows: Tensor) -> None:
        # On the stream of the capture, as PyTorch wants it for what backward passes keep.
        current = torch.cuda.current_stream(rows.device)
        if self._stream is None:
            self._stream = torch.cuda.Stream(rows.device)
        self._stream.wait_stream(current)
        with torch.cuda.stream(self._stream):
            self._update(rows)
        current.wait_stream(self._stream)
        self._runs += 1

    def _capture(self) -> torch.cuda.CUDAGraph:
        graph, start = torch.cuda.CUDAGraph(), self._metrics.mark()
        with torch.cuda.graph(graph, stream=self._stream):
            self._update(self._rows)
            self._names, self._figures = self._metrics.cut(start)
        return graph
