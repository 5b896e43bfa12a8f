# SPDX-License-Identifier: Apache-2.0
"""What a training command asks for: its settings, its folder, and how it continues what stands there."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from protomotions_cli.configuration.comparison import Change, compare
from protomotions_cli.configuration.overrides import parse_overrides
from protomotions_cli.configuration.plain import read_yaml, to_plain
from protomotions_cli.errors import UsageError
from protomotions_cli.experiment import ExperimentArguments, ExperimentConfig, load_experiment, read_config, resolve
from protomotions_cli.results import ARGUMENTS, EXPERIMENT, ResultsFolder, RunFiles, results_folder


@dataclass(frozen=True)
class TrainRequest:
    """The command line of `protomotions train`."""

    flags: ExperimentArguments = field(default_factory=ExperimentArguments)
    """What experiments may read."""
    experiment_path: Path | None = None
    """Experiment file; one of this and `config` is given."""
    config: Path | None = None
    """`resolved_configs.yaml` of an earlier run."""
    experiment_name: str | None = None
    """Name of the results folder; None takes the experiment file's, or the folder's that holds `config`."""
    results_dir: Path = Path("results")
    """Folder of all results folders."""
    overrides: tuple[str, ...] = ()
    """Texts of `key=value`."""
    training_max_iterations: int | None = None
    """Length of the run in rollouts instead of environment steps."""
    checkpoint: Path | None = None
    """Checkpoint whose weights a new run starts from."""
    create_config_only: bool = False
    """Write the results folder's configuration and stop."""


@dataclass(frozen=True)
class RunPlan:
    """A run that is ready to be built."""

    request: TrainRequest
    """What was asked for."""
    config: ExperimentConfig
    """All settings."""
    folder: ResultsFolder
    """Where the run goes."""
    files: RunFiles
    """What will describe it there."""
    resumes: bool
    """Whether the folder holds training that goes on."""
    changes: list[Change]
    """Settings that differ from those of the training that goes on."""


def make_plan(request: TrainRequest) -> RunPlan:
    """Read the settings and compare them with what stands in the results folder; writes nothing.

    Raises:
        UsageError: Wrong flags or settings, or a folder whose training can't go on with these settings.
    """
    source = _source(request)
    folder = results_folder(request.results_dir, request.experiment_name or _default_name(source))
    config = _settings(request)
    files = RunFiles(_arguments(request, folder.name), to_plain(config), _experiment_text(request))
    if not folder.exists:
        return RunPlan(request, config, folder, files, resumes=False, changes=[])
    _check_same_experiment(folder, files)
    if folder.has_checkpoint:
        _check_warm_start(folder, files)
    changes = compare(folder.config(), files.config) if folder.has_checkpoint else []
    _refuse(folder, changes)
    return RunPlan(request, config, folder, files, folder.has_checkpoint, changes)


def _source(request: TrainRequest) -> Path:
    given = [path for path in (request.experiment_path, request.config) if path is not None]
    if len(given) != 1:
        raise UsageError(
            "give either --experiment-path, such as examples/experiments/mimic/mlp.py, or --config, the "
            "resolved_configs.yaml of an earlier run"
        )
    return given[0]


def _default_name(source: Path) -> str:
    return source.stem if source.suffix == ".py" else source.resolve().parent.name


def _settings(request: TrainRequest) -> ExperimentConfig:
    if request.config is not None:
        config = read_config(request.config)
    else:
        config = load_experiment(_source(request), request.flags)
    config = resolve(config, request.flags, parse_overrides(request.overrides))
    if request.training_max_iterations is None:
        return config
    if request.flags.training_max_steps is not None:
        raise UsageError("give either --training-max-steps or --training-max-iterations, not both")
    steps = request.training_max_iterations * config.num_envs * config.agent.num_steps
    return dataclasses.replace(config, training_max_steps=steps)


def _arguments(request: TrainRequest, name: str) -> Mapping[str, object]:
    rest = {name: value for name, value in vars(request).items() if name != "flags"}
    arguments = {**rest, "experiment_name": name, **vars(request.flags), "overrides": list(request.overrides)}
    if request.config is not None:
        arguments["experiment_path"] = _beside(request.config, ARGUMENTS, "experiment_path")
    return {key: str(value) if isinstance(value, Path) else value for key, value in arguments.items()}


def _beside(config: Path, name: str, key: str) -> object:
    """Return a value of another file in the folder of a run that is repeated from its settings."""
    path = config.parent / name
    return read_yaml(path).get(key) if path.is_file() else None


def _experiment_text(request: TrainRequest) -> str | None:
    path = request.experiment_path
    if request.config is not None:
        path = request.config.parent / EXPERIMENT
    return path.read_text(encoding="utf-8") if path is not None and path.is_file() else None


def _check_same_experiment(folder: ResultsFolder, files: RunFiles) -> None:
    old, new = folder.arguments().get("experiment_path"), files.arguments.get("experiment_path")
    same_file = old is not None and new is not None and os.path.abspath(str(old)) == os.path.abspath(str(new))
    # A file that moved is the same experiment; a file that was edited shows in its settings.
    if not same_file and folder.experiment() != files.experiment:
        raise UsageError(
            f"{folder.path} holds another experiment ({old or 'settings without an experiment file'}); "
            "choose another --experiment-name"
        )


def _check_warm_start(folder: ResultsFolder, files: RunFiles) -> None:
    checkpoint = files.arguments.get("checkpoint")
    if checkpoint is not None and checkpoint != folder.arguments().get("checkpoint"):
        raise UsageError(
            f"{folder.path} has training to resume, so --checkpoint {checkpoint} can't start it; leave it away, or "
            "choose another --experiment-name"
        )


def _refuse(folder: ResultsFolder, changes: list[Change]) -> None:
    refused = [f"{change} ({change.reason_to_refuse})" for change in changes if change.reason_to_refuse]
    if refused:
        raise UsageError(
            f"can't resume {folder.path} with changed settings: {'; '.join(refused)}. Give the earlier values, or "
            "choose another --experiment-name"
        )
