# SPDX-License-Identifier: Apache-2.0
"""A progress bar over environment steps."""

from __future__ import annotations

from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


class TrainingProgress:
    """A bar with steps done and the time left, that stays below the lines printed through it.

    Args:
        total_steps: Environment steps at the end of training.
        done_steps: Environment steps at the start, for a resumed run.
        stream: A terminal.
    """

    def __init__(self, total_steps: int, done_steps: int, stream: TextIO) -> None:
        self._console = Console(file=stream, highlight=False)
        self._progress = Progress(
            TextColumn("Training"),
            BarColumn(),
            TaskProgressColumn(),
            MofNCompleteColumn(),
            TextColumn("steps, left:"),
            TimeRemainingColumn(),
            console=self._console,
        )
        self._task = self._progress.add_task("training", total=total_steps, completed=done_steps)
        self._progress.start()

    def update(self, step: int) -> None:
        """Move the bar to an environment step."""
        self._progress.update(self._task, completed=step)

    def print(self, line: str) -> None:
        """Print a line above the bar, as it is."""
        self._console.print(line, markup=False, soft_wrap=True)

    def close(self) -> None:
        """Leave the bar as it stands."""
        self._progress.stop()
