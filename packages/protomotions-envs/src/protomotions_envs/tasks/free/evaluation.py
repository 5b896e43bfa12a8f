# SPDX-License-Identifier: Apache-2.0
"""Evaluation of tasks without a reference: many worlds for some time, without early ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

import torch

from protomotions_envs.config import EnvConfig
from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.tasks.evaluator import Policy, evaluation_config
from protomotions_envs.tasks.free.fall_measure import FallMeasure
from protomotions_envs.tasks.free.measure import Measure
from protomotions_envs.tasks.free.style_evaluation import ClipCoverage, StyleMeasure
from protomotions_envs.tasks.free.task import FreeTask
from protomotions_envs.tasks.path_follower.config import PathFollowerConfig
from protomotions_envs.tasks.path_follower.evaluation import PathMeasure
from protomotions_envs.tasks.path_follower.goal import PathFollowerGoal
from protomotions_envs.tasks.steering.evaluation import SteeringMeasure
from protomotions_envs.tasks.steering.goal import SteeringGoal
from protomotions_envs.tasks.target.evaluation import TargetMeasure
from protomotions_envs.tasks.target.goal import TargetGoal
from protomotions_envs.vector_env import HumanoidVectorEnv, device_of

WORLDS_ON_GPU = 1024
WORLDS_ON_CPU = 256


@dataclass(frozen=True)
class FreeEvaluation:
    """How a policy did."""

    metrics: Mapping[str, float]
    """Flat figures, `score` among them; figures that nothing was counted for are left out."""
    definitions: Mapping[str, str]
    """What the figures mean, by name."""
    clips: tuple[ClipCoverage, ...]
    """How much of the time was like each clip, in the library's order; empty without clips."""
    worlds: int
    """Number of worlds."""
    seconds: float
    """How long each world ran, s."""

    def to_dict(self) -> dict[str, object]:
        """Return plain data: `metrics`, `clips` with one dictionary per clip, `worlds` and `seconds`."""
        return {
            "metrics": dict(self.metrics),
            "clips": [dataclasses.asdict(clip) for clip in self.clips],
            "worlds": self.worlds,
            "seconds": self.seconds,
        }


class FreeEvaluator:
    """Runs policies in worlds of its own, from seeded starts without noise and with seeded goals.

    No episode ends early; a world counts until its robot has fallen. The score is the share of worlds that never fell,
    less the mean of the losses of what is measured (`Measure.loss`, 0 to 1 each): how badly the goal is met, and, where
    there are clips, how far the motion is from theirs.

    Args:
        config: Settings of the environment that the policies are for.
        library: The clips; loaded from the settings if None and the settings ask for some.
        num_envs: Number of worlds; 1024 on a GPU and 256 on a CPU if None.
        seconds: How long they run, s.
        max_steps: Control steps that they run at most; None for no other limit than `seconds`.
        seed: Of starts and goals.
    """

    def __init__(
        self,
        config: EnvConfig,
        library: MotionLibrary | None = None,
        *,
        num_envs: int | None = None,
        seconds: float = 20.0,
        max_steps: int | None = None,
        seed: int = 0,
    ) -> None:
        config = evaluation_config(config)
        count = num_envs or (WORLDS_ON_CPU if device_of(config).type == "cpu" else WORLDS_ON_GPU)
        self.env = HumanoidVectorEnv(count, config=config, motion_library=library)
        task, robot = self.env.task, self.env.robot
        if not isinstance(task, FreeTask):
            self.env.close()
            raise ProtoMotionsError(f"The task {config.task.name!r} follows a reference; evaluate it by its clips")
        self._seed = seed
        self._steps = max(1, round(seconds / robot.control_dt))
        self._steps = min(self._steps, max_steps) if max_steps is not None else self._steps
        self._falls = FallMeasure(task.config.fall, robot, count, self.env.device)
        self._goal = _goal_measure(task)
        self._style = None
        if task.style is not None and task.library is not None:
            self._style = StyleMeasure(robot, task.style, task.library, count, self._steps)

    @torch.no_grad()
    def __call__(self, policy: Policy) -> FreeEvaluation:
        """Run the policy, a function of observations to actions [N, J]."""
        env, measures = self.env, self._measures()
        # Goals and the clips' frames tell worlds apart; noise may start a robot in a way that none could save.
        observation, _ = env.reset(seed=self._seed, options={"noise": False})
        self._falls.begin()
        for measure in measures:
            measure.begin(env.simulator.state)
        for _ in range(self._steps):
            observation, *_, info = env.step(policy(observation))
            state = env.simulator.state
            counted = self._falls.count(state, info["broken"])
            for measure in measures:
                measure.count(state, counted)
        return self._evaluation()

    def close(self) -> None:
        """Free the worlds."""
        self.env.close()

    def _measures(self) -> list[Measure]:
        return [measure for measure in (self._goal, self._style) if measure is not None]

    def _evaluation(self) -> FreeEvaluation:
        measures, metrics = self._measures(), self._falls.metrics()
        found = [measure.metrics() for measure in measures]
        losses = [measure.loss(figures) for measure, figures in zip(measures, found, strict=True)]
        # Who falls, loses; among those that stay up, the smaller error is better.
        score = metrics["upright"] - sum(losses) / max(len(losses), 1)
        definitions = {
            "score": "Share of worlds that never fell, less the mean of the errors of goal and style, each in 0..1",
            **self._falls.definitions,
        }
        for measure, figures in zip(measures, found, strict=True):
            metrics |= figures
            definitions |= measure.definitions
        return FreeEvaluation(
            metrics={"score": score, **metrics},
            definitions=definitions,
            clips=self._style.clips() if self._style is not None else (),
            worlds=self.env.num_envs,
            seconds=self._steps * self.env.robot.control_dt,
        )


def _goal_measure(task: FreeTask) -> Measure | None:
    """Return what measures how well the goal of a task is met; None where there is no goal."""
    goal, config, robot = task.goal, task.config, task.robot
    if isinstance(goal, SteeringGoal):
        return SteeringMeasure(goal, robot.control_dt)
    if isinstance(goal, PathFollowerGoal) and isinstance(config, PathFollowerConfig):
        return PathMeasure(goal, with_heights=config.paths.heights.enabled)
    if isinstance(goal, TargetGoal):
        return TargetMeasure(goal, robot.control_dt)
    return None
