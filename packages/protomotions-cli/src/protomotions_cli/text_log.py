# SPDX-License-Identifier: Apache-2.0
"""The log of a run as text: one line per event, for reading and for searching."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path


class TextLog:
    """Appends lines with the time of day to a file; takes figures as the loggers of algorithms do.

    The file is opened for each line, so a killed run has its last one.

    Args:
        path: The file; made if missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, text: str) -> None:
        """Append text, each of its lines with the time."""
        moment = time.strftime("%Y-%m-%d %H:%M:%S")
        with self._path.open("a", encoding="utf-8") as file:
            file.writelines(f"{moment} {line}\n" for line in text.splitlines())

    def log(self, step: int, metrics: Mapping[str, float]) -> None:
        """Append a line with the figures of environment step `step`."""
        self.write(f"step {step} " + " ".join(f"{name}={value:.6g}" for name, value in metrics.items()))

    def close(self) -> None:
        """Nothing is held back."""
