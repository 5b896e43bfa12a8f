# SPDX-License-Identifier: Apache-2.0
"""Experiment files and a way to run commands in this process."""

from __future__ import annotations

import functools
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.cli.shipped import shipped_words

from protomotions_cli.main import main
from protomotions_envs.motions import motion_from_joint_positions, save_motion
from protomotions_envs.robots import load_robot

TINY = '''"""A tiny experiment."""

from protomotions_algos.ppo import PPOConfig
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig
from protomotions_envs import EnvConfig


def experiment(args: ExperimentArguments) -> ExperimentConfig:
    """Return settings that a test can afford."""
    return ExperimentConfig(
        env=EnvConfig(num_threads=1),
        agent=PPOConfig(
            num_steps=4,
            batch_size=8,
            num_mini_epochs=1,
            hidden_units=(8,),
            critic_hidden_units=(8,),
            initial_std=0.15,
            eval_every=0,
            save_every=2,
        ),
        num_envs=4,
        training_max_steps=64,
    )
'''

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder with the tiny experiment in `tiny.py`."""
    (tmp_path / "tiny.py").write_text(TINY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def protomotions(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command in this process; returns exit code, standard output and standard error."""

    def run(*words: object) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main([str(word) for word in words])
        return code, *capsys.readouterr()

    return run


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of a standing G1 that waves its left arm, at 30 frames/s."""
    robot = load_robot("g1")
    time = np.arange(30) / 30
    joint_pos = np.tile(robot.default_joint_pos, (30, 1))
    joint_pos[:, robot.joint_names.index("left_shoulder_pitch_joint")] += 0.3 * np.sin(2 * np.pi * time)
    motion = motion_from_joint_positions(
        robot,
        name="wave",
        fps=30,
        root_pos=np.tile([0.0, 0.0, robot.config.default_root_height], (30, 1)),
        root_rot=np.tile([1.0, 0.0, 0.0, 0.0], (30, 1)),
        joint_pos=joint_pos,
        licence="CC0-1.0",
    )
    path = tmp_path_factory.mktemp("clips") / "wave.npz"
    save_motion(motion, path)
    return path


@pytest.fixture(scope="session")
def trained_results(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Path:
    """A results folder with `tiny`, trained, with both checkpoints, and `bare`, not trained."""
    folder = tmp_path_factory.mktemp("trained")
    (folder / "tiny.py").write_text(TINY, encoding="utf-8")
    words = ["train", "--experiment-path", folder / "tiny.py", "--motion-file", clip]
    words = [str(word) for word in (*words, "--results-dir", folder / "results")]
    assert main([*words, "--overrides", "agent.eval_every=2"]) == 0
    assert main([*words, "--experiment-name", "bare", "--create-config-only"]) == 0
    return folder / "results"


@pytest.fixture(scope="session")
def _train_shipped(tmp_path_factory: pytest.TempPathFactory, clip: Path) -> Callable[[str], Path]:
    """Train one of the shipped experiments for 4 epochs, once; returns its folder."""
    results = tmp_path_factory.mktemp("shipped") / "results"

    @functools.cache
    def train(name: str) -> Path:
        words = [*shipped_words(name, clip), "--training-max-steps", "64", "--results-dir", str(results)]
        assert main(words) == 0
        return results / name

    return train


@pytest.fixture
def shipped(_train_shipped: Callable[[str], Path], workspace: Path) -> Callable[[str], Path]:
    """Put a trained shipped experiment into the current folder's results; returns its folder."""

    def place(name: str) -> Path:
        return Path(shutil.copytree(_train_shipped(name), workspace / "results" / name))

    return place


@pytest.fixture
def trained(trained_results: Path, workspace: Path) -> Path:
    """The folder of `tiny` in a copy of the trained results in the current folder."""
    shutil.copytree(trained_results, workspace / "results")
    return workspace / "results" / "tiny"


@pytest.fixture
def train(protomotions: Run, workspace: Path, clip: Path) -> Run:
    """Run `train` on the tiny experiment and the waving clip, with more words after these."""
    return functools.partial(protomotions, "train", "--experiment-path", "tiny.py", "--motion-file", clip)
