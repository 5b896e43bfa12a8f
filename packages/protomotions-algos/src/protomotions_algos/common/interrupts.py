# SPDX-License-Identifier: Apache-2.0
"""Turns a request to stop into a flag, so that training ends between two epochs."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from types import FrameType, TracebackType

_WATCHED = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Catches SIGINT (Ctrl-C) and SIGTERM while its `with` block runs; the second Ctrl-C stops at once.

    Outside the main thread Python can't catch signals; then nothing changes.
    """

    def __init__(self) -> None:
        self.name: str | None = None
        """The signal that came, or None."""
        self._former: dict[signal.Signals, Callable[[int, FrameType | None], object] | int | None] = {}

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            for watched in _WATCHED:
                self._former[watched] = signal.signal(watched, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for watched, former in self._former.items():
            signal.signal(watched, former)
        self._former.clear()

    def _note(self, number: int, frame: FrameType | None) -> None:
        """Remember the signal; Ctrl-C pressed again means that the user can't wait for the end of the epoch."""
        if self.name is not None and number == signal.SIGINT:
            raise KeyboardInterrupt
        self.name = signal.Signals(number).name
