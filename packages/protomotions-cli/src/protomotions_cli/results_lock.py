# SPDX-License-Identifier: Apache-2.0
"""One run at a time in a results folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from protomotions_cli.errors import UsageError

_NAME = ".lock"


class FolderLock:
    """An advisory lock on a folder, held from construction until `release` or the end of the process.

    The kernel drops it with the process, so a killed run never blocks the next.

    Args:
        folder: An existing folder; its lock file stays there.

    Raises:
        UsageError: Another process holds the lock.
    """

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder / _NAME, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise UsageError(
                f"another run is writing to {folder}; wait for it, or choose another --experiment-name"
            ) from error

    def release(self) -> None:
        """Let others write to the folder."""
        os.close(self._descriptor)
