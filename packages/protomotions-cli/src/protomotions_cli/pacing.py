# SPDX-License-Identifier: Apache-2.0
"""Playbacks in real time."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

from protomotions_cli.playback import Playback


def paced(frames: Iterable[None], seconds_per_frame: float) -> Iterator[None]:
    """Yield frames no faster than they are to be seen; a late one delays those after it, which don't hurry."""
    due = time.monotonic()
    for _ in frames:
        yield
        due = max(due + seconds_per_frame, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))


def run_unseen(playback: Playback) -> None:
    """Let the robot move in real time where there is no window; its control says what happens."""
    for _ in paced(playback.frames(), playback.env.robot.control_dt):
        pass
