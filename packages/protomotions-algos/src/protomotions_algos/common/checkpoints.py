# SPDX-License-Identifier: Apache-2.0
"""Checkpoints that survive being killed at any instant."""

from __future__ import annotations

import contextlib
import os
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch

from protomotions_algos import __version__
from protomotions_algos.common.protocols import StateDict
from protomotions_algos.errors import CheckpointError

FORMAT = "protomotions-algos checkpoint"
FORMAT_VERSION = 1
LAST = "last.ckpt"
PREVIOUS = "previous.ckpt"
BEST = "score_based.ckpt"


class CheckpointFolder:
    """The checkpoints of one run: last.ckpt, the one before it, and the one with the best score.

    A file is written beside its place, synced to the disk and then renamed, so that there is a whole one at any
    instant. Files hold plain data and load with torch's `weights_only=True`.

    Args:
        path: The folder; it is made on the first save.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def exists(self, name: str = LAST) -> bool:
        """Return whether `load` would find a file."""
        return any((self.path / candidate).is_file() for candidate in _candidates(name))

    def save(self, state: Mapping[str, object], name: str = LAST) -> Path:
        """Write a state to `name`; the last one before it stays as previous.ckpt."""
        self.path.mkdir(parents=True, exist_ok=True)
        target = self.path / name
        partial = self.path / f".{name}.partial"
        stamped = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "written_by": {"protomotions-algos": __version__, "torch": str(torch.__version__)},
            "state": dict(state),
        }
        with partial.open("wb") as file:
            torch.save(stamped, file)
            file.flush()
            os.fsync(file.fileno())
        if name == LAST and target.exists():
            self._keep_previous(target)
        partial.replace(target)
        _sync_folder(self.path)
        return target

    def load(self, name: str = LAST) -> StateDict:
        """Return the state in `name`; if last.ckpt is damaged, that in previous.ckpt, with a warning.

        Raises:
            CheckpointError: There is no such file, or none that can be read.
        """
        found = [self.path / candidate for candidate in _candidates(name) if (self.path / candidate).is_file()]
        if not found:
            raise CheckpointError(f"there is no {name} in {self.path}; train first, or name another experiment")
        problems: list[str] = []
        for path in found:
            try:
                state = read_checkpoint(path)
            except CheckpointError as error:
                problems.append(str(error))
                continue
            if problems:
                warnings.warn(f"{problems[0]}; continuing from {path.name} instead", RuntimeWarning, stacklevel=2)
            return state
        raise CheckpointError("; ".join(problems))

    def _keep_previous(self, target: Path) -> None:
        """Let previous.ckpt be what last.ckpt is now, with last.ckpt in place all the time."""
        link = self.path / f".{PREVIOUS}.partial"
        link.unlink(missing_ok=True)
        try:
            os.link(target, link)
        except OSError:
            # Some file systems have no hard links; then previous.ckpt alone covers the moment between two renames.
            target.replace(self.path / PREVIOUS)
        else:
            link.replace(self.path / PREVIOUS)


def read_checkpoint(path: Path) -> StateDict:
    """Return the state in a checkpoint file.

    Raises:
        CheckpointError: The file is damaged, not a checkpoint, or of a newer version.
    """
    damaged = f"{path} is damaged or not a checkpoint"
    try:
        # torch doesn't compare the checksums that its archives carry, so a flipped bit would pass unseen.
        with zipfile.ZipFile(path) as archive:
            if (member := archive.testzip()) is not None:
                raise CheckpointError(f"{damaged} (checksum of {member})")
        stamped = torch.load(path, map_location="cpu", weights_only=True)
    except CheckpointError:
        raise
    except Exception as error:
        reason = (str(error).splitlines() or [""])[0][:100]
        raise CheckpointError(f"{damaged} ({type(error).__name__}: {reason})") from error
    if not isinstance(stamped, dict) or stamped.get("format") != FORMAT:
        raise CheckpointError(f"{path} was not written by protomotions-algos; expected one of its checkpoints")
    if stamped["version"] > FORMAT_VERSION:
        raise CheckpointError(
            f"{path} has checkpoint format {stamped['version']}, written by {stamped['written_by']}; this version "
            f"({__version__}) reads up to {FORMAT_VERSION}: upgrade protomotions-algos"
        )
    return stamped["state"]


def _candidates(name: str) -> tuple[str, ...]:
    """Return the files that may stand for `name`, the right one first."""
    return (LAST, PREVIOUS) if name == LAST else (name,)


def _sync_folder(path: Path) -> None:
    """Make renames in a folder last; file systems that can't sync a folder are left to themselves."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
