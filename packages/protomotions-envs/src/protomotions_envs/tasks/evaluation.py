# SPDX-License-Identifier: Apache-2.0
"""The evaluator of each task."""

from __future__ import annotations

from protomotions_envs.config import EnvConfig
from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.tasks.evaluator import Evaluation, Evaluator, Policy
from protomotions_envs.tasks.free.evaluation import FreeEvaluator
from protomotions_envs.tasks.mimic.config import MimicConfig
from protomotions_envs.tasks.mimic.evaluation import MimicEvaluator

__all__ = ["Evaluation", "Evaluator", "Policy", "make_evaluator"]


def make_evaluator(
    config: EnvConfig,
    library: MotionLibrary | None = None,
    *,
    num_envs: int | None = None,
    seconds: float = 20.0,
    max_steps: int | None = None,
    trials: int = 1,
    seed: int = 0,
) -> Evaluator:
    """Return what evaluates policies for an environment.

    Args:
        config: Settings of the environment.
        library: Clips to share with another environment; loaded from the settings if None.
        num_envs: Worlds side by side; in mimic at most so many. None: 256 in mimic and on a CPU, 1024 on a GPU.
        seconds: How long worlds run, s; in mimic each clip takes its own time.
        max_steps: Control steps of a world or clip at most; None for no such limit.
        trials: Times that each clip is tried in mimic; if more than one, from starts with the noise of training.
        seed: Of starts, goals and noise.

    Raises:
        ProtoMotionsError: A setting that doesn't fit.
    """
    _check_positive(num_envs=num_envs, seconds=seconds, max_steps=max_steps, trials=trials)
    if isinstance(config.task, MimicConfig):
        return MimicEvaluator(
            config,
            library,
            worlds_per_clip=trials,
            noise=trials > 1,
            max_envs=num_envs or 256,
            max_steps=max_steps,
            seed=seed,
        )
    if trials != 1:
        raise ProtoMotionsError(
            f"The task {config.task.name!r} isn't tried clip by clip, so trials must be 1, not {trials}; "
            "for more tries take more worlds (num_envs, --num-envs)"
        )
    return FreeEvaluator(config, library, num_envs=num_envs, seconds=seconds, max_steps=max_steps, seed=seed)


def _check_positive(**numbers: float | None) -> None:
    for name, number in numbers.items():
        if number is not None and number <= 0:
            raise ProtoMotionsError(f"{name} of an evaluation must be positive, not {number}")
