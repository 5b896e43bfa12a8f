# SPDX-License-Identifier: Apache-2.0
"""`protomotions eval`: how well a trained policy does what its task asks for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protomotions_cli.errors import UsageError
from protomotions_cli.system_report import versions

if TYPE_CHECKING:
    from protomotions_cli.trained_run import TrainedRun


def evaluate(
    name: Annotated[str, typer.Argument(help="Name of the experiment, or the path of its results folder.")],
    checkpoint: Annotated[
        str | None, typer.Option(help="score_based, last, or a file; score_based where there is one.")
    ] = None,
    motion_file: Annotated[
        str | None, typer.Option(help="Other clips than those of training: a file or a folder.")
    ] = None,
    num_envs: Annotated[
        int | None,
        typer.Option(help="Robots side by side; 1024 on a GPU and 256 on a CPU if left out, in mimic 256 at most."),
    ] = None,
    seconds: Annotated[
        float | None, typer.Option(help="How long each robot runs, s; 20 if left out. Not in mimic.")
    ] = None,
    trials: Annotated[
        int, typer.Option(help="In mimic, tries per clip; more than one start with the initial noise of training.")
    ] = 1,
    seed: Annotated[int, typer.Option(help="Of starts, goals and noise.")] = 0,
    overrides: Annotated[list[str] | None, typer.Option(help="Settings to change, as in `train`.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, ...; that of training if left out.")] = None,
    num_threads: Annotated[int | None, typer.Option(help="CPU threads; 0 takes all cores.")] = None,
    results_dir: Annotated[Path, typer.Option(help="Where results folders are.")] = Path("results"),
) -> None:
    """Evaluate a trained policy with its mean action.

    In mimic on whole clips, each from its first frame; in other tasks for some time in many worlds, without early ends.
    Prints tables and writes evaluation.json to the results folder.
    """
    for flag, value in (("--num-envs", num_envs), ("--trials", trials)):
        if value is not None and value < 1:
            raise UsageError(f"{flag} must be at least 1, not {value}")
    if seconds is not None and seconds <= 0:
        raise UsageError(f"--seconds must be positive, not {seconds:g}")
    from protomotions_cli.atomic_files import write_atomically
    from protomotions_cli.evaluating import run_evaluation
    from protomotions_cli.experiment import ExperimentArguments
    from protomotions_cli.results import EVALUATION
    from protomotions_cli.trained_run import open_run

    flags = ExperimentArguments(motion_file=motion_file, device=device, num_threads=num_threads)
    run = open_run(name, results_dir, checkpoint=checkpoint, flags=flags, overrides=overrides or ())
    found = run_evaluation(run, num_envs=num_envs, seconds=seconds, trials=trials, seed=seed)
    record = {**_about(run, trials, seed), **found}
    path = run.folder.path / EVALUATION
    write_atomically(path, (json.dumps(record, indent=2) + "\n").encode())
    print(f"Written to {path}.")


def _about(run: TrainedRun, trials: int, seed: int) -> dict[str, object]:
    needed = run.config.env.task.needs_motion
    return {
        "experiment": run.folder.name,
        "task": run.config.env.task.name,
        "algorithm": run.config.agent.algorithm,
        "checkpoint": run.checkpoint,
        "env_steps": run.env_steps,
        "motion_file": run.config.env.motion_file or ("built in" if needed else None),
        "trials_per_clip": trials,
        "seed": seed,
        "versions": versions(),
    }
