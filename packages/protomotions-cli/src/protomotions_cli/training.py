# SPDX-License-Identifier: Apache-2.0
"""A training run from the command line to the last checkpoint."""

from __future__ import annotations

import signal
import traceback
from dataclasses import dataclass
from pathlib import Path

import torch
import typer

from protomotions_algos.common.checkpoints import CheckpointFolder, read_checkpoint
from protomotions_algos.common.loggers import ConsoleLogger, TensorBoardLogger
from protomotions_algos.common.training import TrainingResult, train
from protomotions_algos.ppo import PPO
from protomotions_cli import run_summary
from protomotions_cli.building import TrainingEvaluator, build_agent, build_env
from protomotions_cli.errors import UsageError
from protomotions_cli.results import BEST, LAST
from protomotions_cli.results_lock import FolderLock
from protomotions_cli.run_plan import RunPlan, TrainRequest, make_plan
from protomotions_cli.text_log import TextLog
from protomotions_envs import HumanoidVectorEnv

_SHOWN = (
    *("success_mean_body", "followed", "root_relative_error_mm"),
    *("upright", "speed_error_m_s", "direction_error_deg", "path_distance_m", "targets_reached"),
    *("joint_angle_distance_rad", "frozen", "clips_visited"),
)
"""Figures of an evaluation that the console shows, those of them that the task has; the logs hold all."""


@dataclass(frozen=True)
class BuiltRun:
    """What a plan has become."""

    plan: RunPlan
    """The settings and the folder."""
    env: HumanoidVectorEnv
    """The training environment."""
    agent: PPO
    """The learner, at the state that training starts from."""
    evaluator: TrainingEvaluator | None
    """Judges policies during training; None where the settings ask for no evaluation."""

    def close(self) -> None:
        """Free the worlds."""
        self.env.close()
        if self.evaluator is not None:
            self.evaluator.close()


def run_training(request: TrainRequest) -> None:
    """Train as asked for, or resume; the results folder is made or changed only once everything has been built.

    Raises:
        UsageError: Wrong flags or settings, or a folder that can't be used.
        ProtoMotionsError: The environment can't be built.
        AlgorithmError: The agent can't be built or loaded, or training has broken down.
        Exit: A signal stopped the run; the exit code is that of the signal.
    """
    plan = make_plan(request)
    lock = FolderLock(plan.folder.path) if plan.folder.exists else None
    run = _build(plan)
    if lock is None:
        lock = plan.folder.create(plan.files)
    else:
        plan.folder.rewrite(plan.files)
    try:
        _announce_and_train(run)
    finally:
        run.close()
        lock.release()


def _build(plan: RunPlan) -> BuiltRun:
    config = plan.config
    if config.env.num_threads:
        torch.set_num_threads(config.env.num_threads)
    env = build_env(config)
    agent = build_agent(config, env)
    if plan.resumes:
        agent.load_state_dict(CheckpointFolder(plan.folder.path).load())
    elif plan.request.checkpoint is not None:
        load_weights(agent, plan.request.checkpoint)
    evaluator = TrainingEvaluator(env, config.agent.eval_length) if config.agent.eval_every else None
    return BuiltRun(plan, env, agent, evaluator)


def load_weights(agent: PPO, path: Path) -> None:
    """Give an agent the weights and moments of a checkpoint; optimisers, random states and counts stay its own.

    Args:
        agent: Of the same networks as the checkpoint's.
        path: The file, or a results folder, whose best checkpoint counts.

    Raises:
        UsageError: There is no such file or folder.
        CheckpointError: The checkpoint is damaged or of other networks.
    """
    if not path.exists():
        raise UsageError(f"there is no checkpoint {path}; give a .ckpt file or a results folder")
    if path.is_dir():
        folder = CheckpointFolder(path)
        state = folder.load(BEST if folder.exists(BEST) else LAST)
    else:
        state = read_checkpoint(path)
    agent.load_state_dict({**agent.state_dict(), "modules": state["modules"]})


def _announce_and_train(run: BuiltRun) -> None:
    plan, log = run.plan, TextLog(run.plan.folder.logs / "train.log")
    announcement = run_summary.announcement(plan, run.env, run.agent)
    if (hint := run_summary.no_motion_file(run.env)) is not None:
        print(hint)
    run_summary.show(announcement)
    log.write(run_summary.as_text(announcement))
    if plan.request.create_config_only:
        print(f"Configuration written to {plan.folder.path}; run the command without --create-config-only to train.")
        return
    try:
        result = _train(run, log)
    except BaseException:
        log.write(traceback.format_exc())
        raise
    closing = run_summary.closing(plan, result)
    print(closing)
    log.write(closing)
    if result.stopped_by is not None:
        raise typer.Exit(128 + signal.Signals[result.stopped_by])


def _train(run: BuiltRun, log: TextLog) -> TrainingResult:
    agent, steps = run.agent, run.plan.config.training_max_steps
    purge_step = agent.env_steps if run.plan.resumes else None
    return train(
        agent,
        max_steps=steps,
        loggers=[
            ConsoleLogger(steps, start_step=agent.env_steps, shown=_SHOWN),
            TensorBoardLogger(run.plan.folder.logs, purge_step=purge_step),
            log,
        ],
        checkpoints=CheckpointFolder(run.plan.folder.path),
        evaluator=run.evaluator,
        restart_after_evaluation=False,
    )
