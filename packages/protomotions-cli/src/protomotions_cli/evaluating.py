# SPDX-License-Identifier: Apache-2.0
"""An evaluation of a trained run: worlds of its own, the policy in them, and what was found."""

from __future__ import annotations

from protomotions_algos.amp import AMP
from protomotions_cli.building import check_device, training_env_config
from protomotions_cli.errors import UsageError
from protomotions_cli.evaluation_tables import print_evaluation
from protomotions_cli.style_judge import DEFINITIONS, StyleJudge
from protomotions_cli.trained_run import TrainedRun
from protomotions_envs.tasks import MimicConfig
from protomotions_envs.tasks.evaluation import Evaluation, Evaluator, make_evaluator

_SECONDS = 20.0


def run_evaluation(
    run: TrainedRun, *, num_envs: int | None, seconds: float | None, trials: int, seed: int
) -> dict[str, object]:
    """Evaluate a trained policy, print its figures, and return them with their definitions as plain data.

    Args:
        run: The trained run.
        num_envs: Worlds side by side; None for as many as suit the device.
        seconds: How long worlds run, s, in tasks that follow no clips; None for 20.
        trials: Tries per clip, in tasks that follow clips.
        seed: Of starts, goals and noise.

    Raises:
        UsageError: A flag that means nothing to the task.
    """
    task = run.config.env.task
    if isinstance(task, MimicConfig) and seconds is not None:
        raise UsageError("--seconds is for tasks that follow no clips; in mimic each clip takes its own time")
    if not isinstance(task, MimicConfig) and trials != 1:
        raise UsageError(f"--trials is for mimic; for more tries of the task {task.name!r} raise --num-envs")
    check_device(run.config.env.device)
    evaluator = make_evaluator(
        training_env_config(run.config), num_envs=num_envs, seconds=seconds or _SECONDS, trials=trials, seed=seed
    )
    try:
        evaluation, opinion = _judge(run, evaluator)
    finally:
        evaluator.close()
    title = f"{run.folder.name}, {run.checkpoint} checkpoint at {run.env_steps:,} steps"
    definitions = {**evaluation.definitions, **DEFINITIONS} if opinion else dict(evaluation.definitions)
    print_evaluation(title, evaluation, opinion, definitions)
    return {
        **evaluation.to_dict(),
        "metrics": {**evaluation.metrics, **opinion},
        "definitions": definitions,
    }


def _judge(run: TrainedRun, evaluator: Evaluator) -> tuple[Evaluation, dict[str, float]]:
    """Return what the evaluator finds, and what the policy's discriminator says where it has one."""
    agent = run.agent(evaluator.env)
    if not isinstance(agent, AMP):
        return evaluator(agent.act), {}
    judge = StyleJudge(agent, evaluator.env)
    return evaluator(judge), judge.metrics()
