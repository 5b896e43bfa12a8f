# SPDX-License-Identifier: Apache-2.0
"""Seconds that the phases of an epoch take, measured without waiting for the device in between."""

from __future__ import annotations

import time

import torch


class PhaseTimer:
    """Marks moments on the device's own clock; read the spans once the device has caught up.

    Args:
        device: Where the work runs; on CUDA its events are used, elsewhere the host's clock.
    """

    def __init__(self, device: torch.device) -> None:
        self._cuda = device.type == "cuda"
        self._device = device
        self._marks: list[torch.cuda.Event | float] = []
        self.mark()

    def mark(self) -> None:
        """Note the end of a phase."""
        if not self._cuda:
            self._marks.append(time.perf_counter())
            return
        event = torch.cuda.Event(enable_timing=True)
        event.record(torch.cuda.current_stream(self._device))
        self._marks.append(event)

    def seconds(self) -> list[float]:
        """Return the length of each phase, s; waits for the last mark."""
        last = self._marks[-1]
        if isinstance(last, torch.cuda.Event):
            last.synchronize()
        return [_span(start, end) for start, end in zip(self._marks, self._marks[1:], strict=False)]


def _span(start: torch.cuda.Event | float, end: torch.cuda.Event | float) -> float:
    """Return the seconds between two marks of one kind."""
    if isinstance(start, torch.cuda.Event) and isinstance(end, torch.cuda.Event):
        return start.elapsed_time(end) / 1000.0
    if isinstance(start, float) and isinstance(end, float):
        return end - start
    raise TypeError("marks of different clocks")
