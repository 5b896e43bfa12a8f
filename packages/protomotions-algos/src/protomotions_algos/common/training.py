# SPDX-License-Identifier: Apache-2.0
"""The training loop: iterate, log, evaluate, save, and stop in good order."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from protomotions_algos.common.checkpoints import BEST, LAST, CheckpointFolder
from protomotions_algos.common.interrupts import StopRequest
from protomotions_algos.common.protocols import Agent, Evaluator, Logger
from protomotions_algos.errors import AlgorithmError, CheckpointError


@dataclass(frozen=True)
class TrainingResult:
    """How a run ended."""

    env_steps: int
    """Environment steps in all, earlier runs of the same experiment included."""
    epoch: int
    """Epochs in all."""
    best_score: float | None
    """Best evaluation so far."""
    stopped_by: str | None
    """Name of the signal that ended it, None if it reached its steps."""


def train(
    agent: Agent,
    *,
    max_steps: int,
    loggers: Sequence[Logger] = (),
    checkpoints: CheckpointFolder | None = None,
    evaluator: Evaluator | None = None,
    restart_after_evaluation: bool = True,
) -> TrainingResult:
    """Train until `max_steps` environment steps in all, or until SIGINT or SIGTERM.

    Every `save_every` epochs and at the end, also after a signal, last.ckpt is written. Every `eval_every` epochs and
    at the end the policy is evaluated; the best score so far is kept as score_based.ckpt. The loggers are closed.

    Args:
        agent: Fresh, or with a loaded state to resume from.
        max_steps: Environment steps, summed over all worlds and over earlier runs of the same experiment.
        loggers: Take figures after each epoch and each evaluation.
        checkpoints: Where to save; None saves nothing.
        evaluator: Judges the policy; must return "score".
        restart_after_evaluation: Whether the worlds begin anew after an evaluation, as they must if the evaluator
            stepped the training environment. False is right for an evaluator with an environment of its own.

    Raises:
        AlgorithmError: The settings are wrong, or training has broken down; the last checkpoint is then an older one.
    """
    if max_steps < 1:
        raise AlgorithmError(f"max_steps is {max_steps}, but must be at least 1")
    run = _Run(agent, loggers, checkpoints, evaluator, restart_after_evaluation)
    run.recall_best_score()
    try:
        with StopRequest() as stop:
            while agent.env_steps < max_steps and stop.name is None:
                run.epoch()
            run.finish(evaluate=stop.name is None)
    finally:
        for logger in loggers:
            logger.close()
    return TrainingResult(agent.env_steps, agent.epoch, agent.best_score, stop.name)


class _Run:
    """One call of `train`: what has been evaluated and saved so far."""

    def __init__(
        self,
        agent: Agent,
        loggers: Sequence[Logger],
        checkpoints: CheckpointFolder | None,
        evaluator: Evaluator | None,
        restart_after_evaluation: bool,
    ) -> None:
        self.agent = agent
        self.loggers = loggers
        self.checkpoints = checkpoints
        self.evaluator = evaluator
        self.restart_after_evaluation = restart_after_evaluation
        # A run that has all its steps already is neither evaluated nor saved again.
        done = agent.epoch if agent.epoch else None
        self.evaluated_at = done
        self.saved_at = done

    def recall_best_score(self) -> None:
        """Take over the best score on disk, in case a kill came between saving it and saving last.ckpt."""
        if self.checkpoints is None or self.agent.epoch == 0 or not self.checkpoints.exists(BEST):
            return
        try:
            score = self.checkpoints.load(BEST)["best_score"]
        except CheckpointError as error:
            warnings.warn(f"{error}; the next evaluation writes it anew", RuntimeWarning, stacklevel=3)
            self.agent.best_score = None
            return
        if isinstance(score, float):
            self.agent.best_score = max(score, score if self.agent.best_score is None else self.agent.best_score)

    def epoch(self) -> None:
        """Train for one epoch, then evaluate and save if it is time."""
        metrics = self.agent.iterate()
        self.log(metrics)
        schedule, epoch = self.agent.config, self.agent.epoch
        if self.evaluator is not None and schedule.eval_every and epoch % schedule.eval_every == 0:
            self.evaluate(self.evaluator)
            if self.restart_after_evaluation:
                self.agent.restart()
        if epoch % schedule.save_every == 0 and self.saved_at != epoch:
            self.save()

    def finish(self, *, evaluate: bool) -> None:
        """Evaluate and save what the last epoch gave, unless that was done."""
        if evaluate and self.evaluator is not None and self.evaluated_at != self.agent.epoch:
            self.evaluate(self.evaluator)
        if self.saved_at != self.agent.epoch:
            self.save()

    def evaluate(self, evaluator: Evaluator) -> None:
        """Judge the policy and keep the best."""
        metrics = dict(evaluator(self.agent.act))
        if "score" not in metrics:
            raise AlgorithmError(f"the evaluator returned {sorted(metrics)}; it must return a 'score' among them")
        self.evaluated_at = self.agent.epoch
        named = {f"eval/{name}": value for name, value in metrics.items()}
        self.log({"time/epoch": float(self.agent.epoch), **named})
        score = float(metrics["score"])
        best = self.agent.best_score
        if not math.isnan(score) and (best is None or score > best):
            self.agent.best_score = score
            self.save(BEST)
            self.save()

    def save(self, name: str = LAST) -> None:
        """Write a checkpoint."""
        if self.checkpoints is None:
            return
        self.checkpoints.save(self.agent.state_dict(), name)
        if name == LAST:
            self.saved_at = self.agent.epoch

    def log(self, metrics: dict[str, float]) -> None:
        """Hand figures to all loggers."""
        for logger in self.loggers:
            logger.log(self.agent.env_steps, metrics)
