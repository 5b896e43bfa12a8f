# SPDX-License-Identifier: Apache-2.0
"""Whole commands in processes of their own, at sizes that a test can afford."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

EXPERIMENTS = Path(__file__).resolve().parents[2] / "examples" / "experiments"
# The shipped experiment, as small as it gets: 4 robots, 16 samples per epoch, networks of 8 units.
_SMALL = (
    "agent.config.num_steps=4 agent.hidden_units=[8] agent.critic_hidden_units=[8] agent.num_mini_epochs=1 "
    "agent.save_every=1 agent.eval_every=0"
)


@dataclass
class CommandLine:
    """Runs `protomotions` in a folder."""

    folder: Path
    """The current folder of the commands."""
    environment: dict[str, str]
    """Their environment variables."""
    started: list[subprocess.Popen[str]] = field(default_factory=list)
    """Processes that were started, ended or not."""

    def start(self, *words: object) -> subprocess.Popen[str]:
        """Start a command and return its process."""
        script = Path(sys.executable).with_name("protomotions")
        process = subprocess.Popen(
            [str(script), *map(str, words)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def run(self, *words: object) -> tuple[int, str, str]:
        """Run a command to its end; returns exit code, standard output and standard error."""
        process = self.start(*words)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def train_words(self, *words: object, experiment: str = "mimic/mlp.py") -> list[object]:
        """Return the words of a small training run of a shipped experiment, with more after these."""
        sizes = ("--num-envs", 4, "--batch-size", 8, "--num-threads", 1, "--overrides", _SMALL)
        return ["train", "--experiment-path", EXPERIMENTS / experiment, *sizes, *words]


@pytest.fixture(scope="session")
def _environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    if environment.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Without compiled modules each command would spend ten seconds on importing torch.
        environment["PYTHONPYCACHEPREFIX"] = str(tmp_path_factory.mktemp("pycache"))
    return environment


@pytest.fixture(scope="module")
def command_line(tmp_path_factory: pytest.TempPathFactory, _environment: dict[str, str]) -> Iterator[CommandLine]:
    """Commands in an empty folder that the tests of a file share."""
    line = CommandLine(tmp_path_factory.mktemp("commands"), _environment)
    yield line
    for process in line.started:
        if process.poll() is None:
            process.kill()
        process.communicate()
