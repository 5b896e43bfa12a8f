# SPDX-License-Identifier: Apache-2.0
"""Where the figures of a run go: the console and TensorBoard."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import TextIO

from protomotions_algos.common.progress import TrainingProgress


class ConsoleLogger:
    """One line per epoch, not more often than every `min_seconds`; a progress bar below where a person watches.

    The last line of a run is always printed, at `close` at the latest. Evaluations get a line of their own.

    Args:
        max_steps: Environment steps at the end of training, for the progress bar; None is no bar.
        start_step: Environment steps already done, for a resumed run.
        every: Epochs between lines.
        min_seconds: Least time between lines, s.
        stream: Where to print; standard output if left out.
        shown: Figures of an evaluation to print beside its score, by name.
    """

    def __init__(
        self,
        max_steps: int | None = None,
        *,
        start_step: int = 0,
        every: int = 1,
        min_seconds: float = 1.0,
        stream: TextIO | None = None,
        shown: Sequence[str] = (),
    ) -> None:
        self._shown = tuple(shown)
        self._stream = sys.stdout if stream is None else stream
        self._every = every
        self._min_seconds = min_seconds
        self._next_time = 0.0
        self._held_back: str | None = None
        watched = max_steps is not None and self._stream.isatty()
        self._progress = TrainingProgress(max_steps or 0, start_step, self._stream) if watched else None

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Print the line of an epoch or of an evaluation."""
        if self._progress is not None:
            self._progress.update(step)
        if "eval/score" in metrics:
            self._flush()
            figures = [f" | {name}: {metrics[f'eval/{name}']:.4g}" for name in self._shown if f"eval/{name}" in metrics]
            self._print(f"Epoch {metrics['time/epoch']:.0f} | score: {metrics['eval/score']:.4f}{''.join(figures)}")
        if "loss/policy" not in metrics:
            return
        self._held_back = epoch_line(metrics)
        if metrics["time/epoch"] % self._every == 0 and time.monotonic() >= self._next_time:
            self._flush()

    def close(self) -> None:
        """Print the line that was held back, and end the progress bar."""
        self._flush()
        if self._progress is not None:
            self._progress.close()
            self._progress = None

    def _flush(self) -> None:
        """Print the latest epoch's line unless it has been."""
        if self._held_back is not None:
            self._print(self._held_back)
            self._held_back = None
            self._next_time = time.monotonic() + self._min_seconds

    def _print(self, line: str) -> None:
        """Print one line at once."""
        if self._progress is not None:
            self._progress.print(line)
        else:
            print(line, file=self._stream, flush=True)


def epoch_line(metrics: Mapping[str, float]) -> str:
    """Return the console line of an epoch; its form is a promise to users' scripts.

    Algorithms with a discriminator tell its mean reward as well, since the environment's own may be zero. Of several
    critics the first one's loss is told, which is that of the environment's reward if it has a weight.
    """
    style = f"style_reward: {metrics['reward/style_mean']:.3f} | " if "reward/style_mean" in metrics else ""
    critics = (value for name, value in metrics.items() if name.startswith("loss/") and name.endswith("value"))
    return (
        f"Epoch {metrics['time/epoch']:.0f} | ep_reward: {metrics['rollout/episode_return']:.2f} | {style}"
        f"value_loss: {next(critics, 0.0):.3f} | policy_loss: {metrics['loss/policy']:.3f} | "
        f"FPS: {metrics['time/env_steps_per_second']:.0f}"
    )


class TensorBoardLogger:
    """Scalars for TensorBoard, against environment steps.

    Args:
        folder: Where event files go; a resumed run adds one.
        purge_step: Environment step that a resumed run continues from; what a killed run wrote after it is hidden.
    """

    def __init__(self, folder: str | os.PathLike[str], *, purge_step: int | None = None) -> None:
        # Importing it takes half a second, which those without TensorBoard needn't wait for.
        from torch.utils.tensorboard import SummaryWriter

        self._writer = SummaryWriter(str(folder), purge_step=purge_step)

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Write all figures."""
        for name, value in metrics.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        """Write out what is buffered."""
        self._writer.close()
