# SPDX-License-Identifier: Apache-2.0
"""Experiments: Python files with a function `experiment(args)` that returns all settings of a training run."""

from __future__ import annotations

import json
import traceback
import types
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from protomotions_cli.algorithms import AgentConfig
from protomotions_cli.configuration.overrides import Override, apply_overrides
from protomotions_cli.configuration.plain import from_plain, read_yaml
from protomotions_cli.errors import UsageError
from protomotions_envs.config import EnvConfig


@dataclass(frozen=True)
class ExperimentArguments:
    """What the command line gave; None where it gave nothing and the experiment may choose.

    Flags that were given are applied on top of what an experiment returns, so an experiment reads only those that
    change its own choices.
    """

    robot_name: str | None = None
    """`--robot-name`."""
    simulator: str | None = None
    """`--simulator`."""
    motion_file: str | None = None
    """`--motion-file`."""
    num_envs: int | None = None
    """`--num-envs`."""
    batch_size: int | None = None
    """`--batch-size`, samples per minibatch."""
    training_max_steps: int | None = None
    """`--training-max-steps`, environment steps in all."""
    seed: int | None = None
    """`--seed`."""
    device: str | None = None
    """`--device`."""
    num_threads: int | None = None
    """`--num-threads`."""


@dataclass(frozen=True)
class ExperimentConfig:
    """All settings of a training run."""

    env: EnvConfig
    """The environment: robot, simulator, motions, task."""
    agent: AgentConfig
    """The algorithm."""
    num_envs: int = 256
    """Robots that are simulated side by side."""
    training_max_steps: int = 3_000_000
    """Environment steps of the whole run, resumed parts included."""
    seed: int = 0
    """Where all random streams start."""

    def __post_init__(self) -> None:
        if self.num_envs < 1:
            raise UsageError(f"num_envs must be at least 1, not {self.num_envs}")
        if self.training_max_steps < 1:
            raise UsageError(f"training_max_steps must be at least 1, not {self.training_max_steps}")
        if self.seed < 0:
            raise UsageError(f"seed must be 0 or more, not {self.seed}")


Experiment = Callable[[ExperimentArguments], ExperimentConfig]

# Where a flag lands in the settings.
_KEYS = {
    "robot_name": "env.robot",
    "simulator": "env.simulator",
    "motion_file": "env.motion_file",
    "num_envs": "num_envs",
    "batch_size": "agent.batch_size",
    "training_max_steps": "training_max_steps",
    "seed": "seed",
    "device": "env.device",
    "num_threads": "env.num_threads",
}


def resolve(config: ExperimentConfig, args: ExperimentArguments, overrides: list[Override]) -> ExperimentConfig:
    """Return the settings with the flags that were given and then the overrides applied, validated together.

    Raises:
        UsageError: An unknown key, a value of another type or one that the settings refuse.
    """
    given = {_KEYS[name]: value for name, value in vars(args).items() if value is not None}
    # JSON is YAML that quotes what YAML would read otherwise, such as a file name with a # in it.
    flags = [Override(key, json.dumps(value, ensure_ascii=False)) for key, value in given.items()]
    resolved = apply_overrides(config, [*flags, *overrides])
    if resolved.env.motion_file is None:
        return resolved
    # The run may be evaluated from another folder.
    motion_file = str(Path(resolved.env.motion_file).absolute())
    return replace(resolved, env=replace(resolved.env, motion_file=motion_file))


def read_config(path: Path) -> ExperimentConfig:
    """Return the settings in a `resolved_configs.yaml`.

    Raises:
        UsageError: The file can't be read or holds other than settings of this version.
    """
    plain = read_yaml(path)
    try:
        return from_plain(ExperimentConfig, plain)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from error


def load_experiment(path: Path, args: ExperimentArguments) -> ExperimentConfig:
    """Run an experiment file and return its settings.

    Raises:
        UsageError: The file is missing, can't be run (its line is named) or returns something else.
    """
    experiment = _read_function(path)
    config = _run(path, lambda: experiment(args))
    if not isinstance(config, ExperimentConfig):
        raise UsageError(f"{path}: experiment(args) returned {type(config).__name__}; expected an ExperimentConfig")
    return config


def _read_function(path: Path) -> Experiment:
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise UsageError(f"can't read experiment {path}: {reason}; examples are in examples/experiments") from error
    module = types.ModuleType("protomotions_experiment")
    module.__file__ = str(path)
    _run(path, lambda: exec(compile(source, str(path), "exec"), vars(module)))
    function = getattr(module, "experiment", None)
    if not callable(function):
        raise UsageError(f"{path} has no function experiment(args); it must return an ExperimentConfig")
    return function


def _run(path: Path, function: Callable[[], object]) -> object:
    """Call a function of an experiment file; what it raises becomes one line with the file's own line number."""
    try:
        return function()
    except SyntaxError as error:
        raise UsageError(f"{path}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        where = f", line {lines[-1]}" if lines else ""
        problem = str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        raise UsageError(f"{path}{where}: {problem}") from error
