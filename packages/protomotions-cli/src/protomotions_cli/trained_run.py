# SPDX-License-Identifier: Apache-2.0
"""A run that has been trained: its settings and its policy, for evaluation and films."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from protomotions_algos.common.checkpoints import CheckpointFolder, read_checkpoint
from protomotions_algos.common.protocols import StateDict
from protomotions_algos.errors import CheckpointError
from protomotions_algos.ppo import PPO
from protomotions_cli.algorithms import acting, learner
from protomotions_cli.configuration.overrides import parse_overrides
from protomotions_cli.errors import UsageError
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig, read_config, resolve
from protomotions_cli.results import BEST, CONFIG, LAST, ResultsFolder, find_results
from protomotions_envs import HumanoidVectorEnv

_SHORT_NAMES = {"score_based": BEST, "last": LAST}


@dataclass(frozen=True)
class TrainedRun:
    """Settings and a checkpoint of a results folder."""

    folder: ResultsFolder
    """Where it stands."""
    config: ExperimentConfig
    """Its settings, changed by the command line."""
    checkpoint: str
    """Name or path of the checkpoint."""
    state: StateDict
    """What the checkpoint holds."""

    @property
    def env_steps(self) -> int:
        """Environment steps of training that the checkpoint has seen."""
        return int(str(self.state["env_steps"]))

    def agent(self, env: HumanoidVectorEnv) -> PPO:
        """Return the trained agent for an environment of any number of worlds and any autoreset mode.

        Raises:
            CheckpointError: The checkpoint is of other networks than the settings.
        """
        # Learners want worlds that reset themselves.
        config = dataclasses.replace(env.config, autoreset_mode="same_step")
        model = HumanoidVectorEnv(1, config=config, motion_library=env.motion_library)
        agent = learner(acting(self.config.agent), model, self.config.seed)
        agent.load_state_dict({**agent.state_dict(), "modules": self.state["modules"]})
        return agent


def open_run(
    name: str, results_dir: Path, *, checkpoint: str | None, flags: ExperimentArguments, overrides: Sequence[str]
) -> TrainedRun:
    """Read a results folder.

    Args:
        name: Of the experiment, or the path of its folder.
        results_dir: Folder of all results folders.
        checkpoint: `score_based`, `last`, or the path of a file; None takes the first of these that is there.
        flags: What the command line changes.
        overrides: Texts of `key=value`.

    Raises:
        UsageError: No such experiment, or wrong settings.
        CheckpointError: No such checkpoint, or none that can be read.
    """
    folder = find_results(name, results_dir)
    config = resolve(read_config(folder.path / CONFIG), flags, parse_overrides(overrides))
    checkpoint, state = _best_or_last(folder) if checkpoint is None else (checkpoint, _named(folder, checkpoint))
    return TrainedRun(folder, config, checkpoint, state)


def _named(folder: ResultsFolder, checkpoint: str) -> StateDict:
    if checkpoint in _SHORT_NAMES:
        return CheckpointFolder(folder.path).load(_SHORT_NAMES[checkpoint])
    if Path(checkpoint).is_file():
        return read_checkpoint(Path(checkpoint))
    raise UsageError(f"no checkpoint {checkpoint!r}; give score_based, last, or the path of a file")


def _best_or_last(folder: ResultsFolder) -> tuple[str, StateDict]:
    checkpoints = CheckpointFolder(folder.path)
    if checkpoints.exists(BEST):
        try:
            return "score_based", checkpoints.load(BEST)
        except CheckpointError as error:
            warnings.warn(f"{error}; taking {LAST} instead", RuntimeWarning, stacklevel=2)
    return "last", checkpoints.load(LAST)
