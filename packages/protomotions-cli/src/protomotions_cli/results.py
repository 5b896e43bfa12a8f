# SPDX-License-Identifier: Apache-2.0
"""The results folder of an experiment: what stands in it, made whole at once and rewritten file by file."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from protomotions_cli.atomic_files import write_atomically
from protomotions_cli.configuration.plain import Plain, read_yaml, to_yaml
from protomotions_cli.errors import UsageError
from protomotions_cli.results_lock import FolderLock
from protomotions_cli.suggestions import nearest

ARGUMENTS = "config.yaml"
CONFIG = "resolved_configs.yaml"
CONFIG_PT = "resolved_configs.pt"
EXPERIMENT = "experiment_config.py"
EVALUATION = "evaluation.json"
LAST = "last.ckpt"
PREVIOUS = "previous.ckpt"
BEST = "score_based.ckpt"
LOGS = "logs"

_NAME = re.compile(r"\w[\w.+-]*")


@dataclass(frozen=True)
class RunFiles:
    """What describes a run."""

    arguments: Mapping[str, object]
    """The command line, for `config.yaml`."""
    config: Mapping[str, object]
    """All settings, for `resolved_configs.yaml` and `.pt`."""
    experiment: str | None
    """Text of the experiment file, None where the run started from a YAML file without one."""

    def contents(self) -> dict[str, bytes]:
        """Return file names and contents."""
        packed = io.BytesIO()
        torch.save(dict(self.config), packed)
        files = {
            ARGUMENTS: to_yaml(self.arguments).encode(),
            CONFIG: to_yaml(self.config).encode(),
            CONFIG_PT: packed.getvalue(),
        }
        return files if self.experiment is None else files | {EXPERIMENT: self.experiment.encode()}


@dataclass(frozen=True)
class ResultsFolder:
    """One experiment's folder, there or not yet."""

    path: Path
    """`results/<experiment name>`."""

    @property
    def name(self) -> str:
        """Name of the experiment."""
        return self.path.name

    @property
    def exists(self) -> bool:
        """Whether the folder is there with anything in it."""
        return self.path.exists() and (not self.path.is_dir() or any(self.path.iterdir()))

    @property
    def has_checkpoint(self) -> bool:
        """Whether there is training to resume."""
        return (self.path / LAST).is_file() or (self.path / PREVIOUS).is_file()

    @property
    def logs(self) -> Path:
        """Folder of TensorBoard events and the text log."""
        return self.path / LOGS

    def config(self) -> Plain:
        """Return the settings of the run in this folder.

        Raises:
            UsageError: The folder isn't one that a training run made.
        """
        self._require(CONFIG)
        return read_yaml(self.path / CONFIG)

    def arguments(self) -> Plain:
        """Return the command line that the run in this folder was last started with.

        Raises:
            UsageError: The folder isn't one that a training run made.
        """
        self._require(ARGUMENTS)
        return read_yaml(self.path / ARGUMENTS)

    def experiment(self) -> str | None:
        """Return the text of the run's experiment file, None where there is none."""
        path = self.path / EXPERIMENT
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def create(self, files: RunFiles) -> FolderLock:
        """Make the folder with its files in one rename, and return the lock on it, held.

        Raises:
            UsageError: The folder has appeared meanwhile, or can't be written.
        """
        temporary = self.path.with_name(f".{self.name}.{os.getpid()}")
        try:
            temporary.mkdir(parents=True)
            (temporary / LOGS).mkdir()
            for name, content in files.contents().items():
                write_atomically(temporary / name, content)
            lock = FolderLock(temporary)
            # A lock belongs to the open file, so it stays held under the folder's new name.
            os.rename(temporary, self.path)
        except OSError as error:
            raise UsageError(f"can't make the results folder {self.path}: {error.strerror}") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return lock

    def rewrite(self, files: RunFiles) -> None:
        """Replace the files that describe the run, each at once."""
        self.logs.mkdir(exist_ok=True)
        for name, content in files.contents().items():
            write_atomically(self.path / name, content)

    def _require(self, name: str) -> None:
        if not (self.path / name).is_file():
            raise UsageError(f"{self.path} has no {name}: it is not a results folder; choose another --experiment-name")


def results_folder(results_dir: Path, name: str) -> ResultsFolder:
    """Return the folder of an experiment to be trained.

    Raises:
        UsageError: The name can't be a folder's.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"experiment name {name!r} must be letters, digits, '_', '-', '+' and '.', such as g1_squat")
    return ResultsFolder(results_dir / name)


def find_results(name: str, results_dir: Path) -> ResultsFolder:
    """Return the folder of a trained experiment by its name or its path.

    Raises:
        UsageError: There is none; the nearest name or the known ones are listed.
    """
    for path in (results_dir / name, Path(name)):
        if (path / CONFIG).is_file():
            return ResultsFolder(path)
    known = sorted(path.parent.name for path in results_dir.glob(f"[!.]*/{CONFIG}"))
    near = nearest(name, known)
    hint = f"did you mean {near!r}?" if near else f"trained so far: {', '.join(known) or 'none'}"
    raise UsageError(f"no experiment {name!r} in {results_dir}; {hint}")
