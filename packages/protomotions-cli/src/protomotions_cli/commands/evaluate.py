# SPDX-License-Identifier: Apache-2.0
"""`protomotions eval`: how well a trained policy follows every clip."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protomotions_cli.console import console, print_table
from protomotions_cli.errors import UsageError
from protomotions_cli.system_report import versions

if TYPE_CHECKING:
    from protomotions_cli.trained_run import TrainedRun
    from protomotions_envs.tasks.mimic.evaluation import MimicEvaluation

_COLUMNS = {
    "success_mean_body": "success mean 0.5 m",
    "success_max_body": "success max 0.5 m",
    "success_root": "success root",
    "success_training": "success training",
    "followed": "followed",
    "global_error_mm": "global mm",
    "root_relative_error_mm": "root-rel. mm",
    "rotation_error_deg": "rotation deg",
    "joint_vel_error": "joint vel. rad/s",
    "jerk": "jerk m/s³",
    "reference_jerk": "ref. jerk m/s³",
}
_LEGEND = (
    "Success: share of tries in which, at every frame, the mean body error stays below 0.5 m; the largest body error "
    "below 0.5 m; the pelvis within 0.25 m of height and 0.8 rad of tilt; the terminations of training don't fire. "
    "Errors are means over bodies and over the frames before the first with a mean body error above 0.5 m."
)


def evaluate(
    name: Annotated[str, typer.Argument(help="Name of the experiment, or the path of its results folder.")],
    checkpoint: Annotated[
        str | None, typer.Option(help="score_based, last, or a file; score_based where there is one.")
    ] = None,
    motion_file: Annotated[
        str | None, typer.Option(help="Other clips than those of training: a file or a folder.")
    ] = None,
    num_envs: Annotated[int, typer.Option(help="Robots side by side at most.")] = 256,
    trials: Annotated[
        int, typer.Option(help="Tries per clip; more than one start with the initial noise of training.")
    ] = 1,
    seed: Annotated[int, typer.Option(help="Of the initial noise.")] = 0,
    overrides: Annotated[list[str] | None, typer.Option(help="Settings to change, as in `train`.")] = None,
    device: Annotated[str | None, typer.Option(help="cpu, cuda, cuda:1, ...; that of training if left out.")] = None,
    num_threads: Annotated[int | None, typer.Option(help="CPU threads; 0 takes all cores.")] = None,
    results_dir: Annotated[Path, typer.Option(help="Where results folders are.")] = Path("results"),
) -> None:
    """Evaluate a trained policy on whole clips, each from its first frame, with the policy's mean action.

    Prints a table and writes evaluation.json to the results folder.
    """
    for flag, value in (("--num-envs", num_envs), ("--trials", trials)):
        if value < 1:
            raise UsageError(f"{flag} must be at least 1, not {value}")
    from protomotions_cli.atomic_files import write_atomically
    from protomotions_cli.building import check_device, training_env_config
    from protomotions_cli.experiment import ExperimentArguments
    from protomotions_cli.results import EVALUATION
    from protomotions_cli.trained_run import open_run
    from protomotions_envs.tasks.mimic.evaluation import MimicEvaluator

    flags = ExperimentArguments(motion_file=motion_file, device=device, num_threads=num_threads)
    run = open_run(name, results_dir, checkpoint=checkpoint, flags=flags, overrides=overrides or ())
    check_device(run.config.env.device)
    evaluator = MimicEvaluator(
        training_env_config(run.config.env), worlds_per_clip=trials, noise=trials > 1, max_envs=num_envs, seed=seed
    )
    try:
        agent = run.agent(evaluator.env)
        evaluation = evaluator(agent.act)
    finally:
        evaluator.close()
    _print(run, evaluation)
    record = {**_about(run, trials, seed), **evaluation.to_dict()}
    path = run.folder.path / EVALUATION
    write_atomically(path, (json.dumps(record, indent=2) + "\n").encode())
    print(f"Written to {path}.")


def _about(run: TrainedRun, trials: int, seed: int) -> dict[str, object]:
    return {
        "experiment": run.folder.name,
        "checkpoint": run.checkpoint,
        "env_steps": run.env_steps,
        "motion_file": run.config.env.motion_file or "built in",
        "trials_per_clip": trials,
        "seed": seed,
        "versions": versions(),
        "definitions": _LEGEND,
    }


def _print(run: TrainedRun, evaluation: MimicEvaluation) -> None:
    rows = []
    for clip in evaluation.clips:
        success = {f"success_{definition}": share for definition, share in clip.success.items()}
        figures = {**success, "followed": clip.followed, **clip.errors}
        rows.append([clip.clip, *(_rounded(name, figures[name]) for name in _COLUMNS)])
    rows.append(["all", *(_rounded(name, evaluation.metrics[name]) for name in _COLUMNS)])
    title = f"{run.folder.name}, {run.checkpoint} checkpoint at {run.env_steps:,} steps"
    print_table(title, ["clip", *_COLUMNS.values()], rows)
    console().print(_LEGEND)


def _rounded(name: str, value: float) -> str:
    if name.startswith("success") or name == "followed":
        return f"{value:.3f}"
    return f"{value:.1f}" if name.endswith(("_mm", "jerk")) else f"{value:.2f}"
