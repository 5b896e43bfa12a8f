# SPDX-License-Identifier: Apache-2.0
"""`protomotions train`: start or resume a training run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from protomotions_cli.errors import UsageError

_SCALE, _LOGS, _MACHINE, _RUN = "Scale", "Logging", "Machine", "Run"


def train(
    experiment_path: Annotated[
        Path | None, typer.Option(help="Experiment file, such as examples/experiments/mimic/mlp.py.")
    ] = None,
    experiment_name: Annotated[
        str | None, typer.Option(help="Name of the results folder; the experiment file's name if left out.")
    ] = None,
    robot_name: Annotated[
        str | None, typer.Option(help="Robot: a name of `protomotions info` or an MJCF file. g1 if left out.")
    ] = None,
    simulator: Annotated[str | None, typer.Option(help="Simulator of `protomotions info`. mujoco if left out.")] = None,
    motion_file: Annotated[
        str | None,
        typer.Option(help="Clips: a file or a folder. If left out, a built-in one for tasks that need clips."),
    ] = None,
    num_envs: Annotated[
        int | None, typer.Option(help="Robots side by side; the experiment's if left out.", rich_help_panel=_SCALE)
    ] = None,
    batch_size: Annotated[
        int | None, typer.Option(help="Samples per minibatch; the experiment's if left out.", rich_help_panel=_SCALE)
    ] = None,
    training_max_steps: Annotated[
        int | None, typer.Option(help="Environment steps in all, resumed ones included.", rich_help_panel=_SCALE)
    ] = None,
    training_max_iterations: Annotated[
        int | None, typer.Option(help="Rollouts in all, instead of environment steps.", rich_help_panel=_SCALE)
    ] = None,
    overrides: Annotated[
        list[str] | None,
        typer.Option(help="Settings as key=value, one or several in a text: agent.config.num_steps=16. Repeatable."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="Take all settings from a resolved_configs.yaml instead of an experiment file.")
    ] = None,
    checkpoint: Annotated[
        Path | None, typer.Option(help="Start a new run from the weights of this checkpoint.", rich_help_panel=_RUN)
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of all random streams; 0 if left out.", rich_help_panel=_RUN)
    ] = None,
    results_dir: Annotated[Path, typer.Option(help="Where results folders are made.", rich_help_panel=_RUN)] = Path(
        "results"
    ),
    create_config_only: Annotated[
        bool, typer.Option("--create-config-only", help="Write the configuration and stop.", rich_help_panel=_RUN)
    ] = False,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda, cuda:1, ... cpu if left out.", rich_help_panel=_MACHINE)
    ] = None,
    num_threads: Annotated[
        int | None, typer.Option(help="CPU threads; 0, the default, takes all cores.", rich_help_panel=_MACHINE)
    ] = None,
    ngpu: Annotated[int, typer.Option(help="GPUs per node: not yet, only 1.", rich_help_panel=_MACHINE)] = 1,
    nodes: Annotated[int, typer.Option(help="Machines: not yet, only 1.", rich_help_panel=_MACHINE)] = 1,
    use_wandb: Annotated[
        bool, typer.Option("--use-wandb", help="Weights & Biases: not yet.", rich_help_panel=_LOGS)
    ] = False,
) -> None:
    """Train a policy; the same command again resumes it.

    Results go to results/<experiment name>: settings, checkpoints, logs.
    """
    _refuse_what_is_not_there_yet(ngpu, nodes, use_wandb)
    from protomotions_cli.experiment import ExperimentArguments
    from protomotions_cli.run_plan import TrainRequest
    from protomotions_cli.training import run_training

    flags = ExperimentArguments(
        robot_name=robot_name,
        simulator=simulator,
        motion_file=motion_file,
        num_envs=num_envs,
        batch_size=batch_size,
        training_max_steps=training_max_steps,
        seed=seed,
        device=device,
        num_threads=num_threads,
    )
    run_training(
        TrainRequest(
            flags=flags,
            experiment_path=experiment_path,
            config=config,
            experiment_name=experiment_name,
            results_dir=results_dir,
            overrides=tuple(overrides or ()),
            training_max_iterations=training_max_iterations,
            checkpoint=checkpoint,
            create_config_only=create_config_only,
        )
    )


def _refuse_what_is_not_there_yet(ngpu: int, nodes: int, use_wandb: bool) -> None:
    if ngpu != 1 or nodes != 1:
        raise UsageError(f"not yet: --ngpu {ngpu} --nodes {nodes}; training runs on one device, leave both flags away")
    if use_wandb:
        raise UsageError("not yet: --use-wandb; TensorBoard files are in results/<experiment name>/logs")
