# SPDX-License-Identifier: Apache-2.0
"""Evaluation of motion tracking: every clip from its first frame to its last, without noise or early ends."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs.config import EnvConfig
from protomotions_envs.cuda_graphs import CapturedFunction
from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.tasks.evaluator import Policy, evaluation_config
from protomotions_envs.tasks.mimic.config import MimicConfig, MimicTerminations
from protomotions_envs.tasks.mimic.terminations import tracking_lost
from protomotions_envs.terms.tracking_errors import TrackingErrors
from protomotions_envs.vector_env import HumanoidVectorEnv, load_library

_NOTHING = MimicTerminations(None, None, None, None)

SUCCESS_DEFINITIONS = {
    "mean_body": dataclasses.replace(_NOTHING, mean_body_error=0.5),
    "max_body": dataclasses.replace(_NOTHING, max_body_error=0.5),
    "root": dataclasses.replace(_NOTHING, root_height_error=0.25, root_tilt_error=0.8),
}
"""A clip is a success under a definition if none of its thresholds is passed at any frame. There is a fourth,
`training`: the terminations that the policy was trained with."""

ERRORS = {
    "global_error_mm": "Mean body position error, world frame, mm",
    "root_relative_error_mm": "Mean body position error with the roots' positions aligned, mm",
    "rotation_error_deg": "Mean body orientation error, degrees",
    "joint_vel_error": "Mean absolute joint velocity error, rad/s",
    "jerk": "Mean body jerk, m/s^3",
    "reference_jerk": "Mean body jerk of the reference, m/s^3",
}
"""Errors by name; means over the frames before the first that fails `mean_body`."""

DEFINITIONS = {
    "score": "Share of tries that succeed by `mean_body`, less the root-relative error in m, at most 1",
    "success_mean_body": "Share of tries whose mean body error stays below 0.5 m at every frame",
    "success_max_body": "Share of tries whose largest body error stays below 0.5 m at every frame",
    "success_root": "Share of tries whose root stays within 0.25 m of height and 0.8 rad of tilt at every frame",
    "success_training": "Share of tries in which the terminations of training don't fire",
    "followed": "Share of the clip's frames before the first whose mean body error passes 0.5 m",
    **{name: f"{meaning}, over those frames" for name, meaning in ERRORS.items()},
}
"""All figures by name; each is a mean over clips."""


@dataclass(frozen=True)
class ClipResult:
    """How one clip went, averaged over its worlds."""

    clip: str
    """Name of the clip."""
    seconds: float
    """Duration, s."""
    success: dict[str, float]
    """Share of worlds that succeeded, by definition."""
    followed: float
    """Share of the clip's frames before the first that fails `mean_body`."""
    errors: dict[str, float]
    """See `ERRORS`."""


@dataclass(frozen=True)
class MimicEvaluation:
    """How all clips went."""

    clips: tuple[ClipResult, ...]
    """One result per clip, in the library's order."""

    @property
    def metrics(self) -> dict[str, float]:
        """Means over clips as flat numbers, `score` among them."""
        count = len(self.clips)
        success = {
            f"success_{name}": sum(clip.success[name] for clip in self.clips) / count for name in self.clips[0].success
        }
        errors = {name: sum(clip.errors[name] for clip in self.clips) / count for name in ERRORS}
        followed = sum(clip.followed for clip in self.clips) / count
        return {"score": self._score(success, errors), **success, "followed": followed, **errors}

    @property
    def definitions(self) -> dict[str, str]:
        """What the figures mean, by name."""
        return DEFINITIONS

    def to_dict(self) -> dict[str, object]:
        """Return plain data: `metrics`, and `clips` with one dictionary per clip."""
        return {"metrics": self.metrics, "clips": [dataclasses.asdict(clip) for clip in self.clips]}

    def _score(self, success: dict[str, float], errors: dict[str, float]) -> float:
        # Success counts first; among policies that always succeed the more exact one is better.
        return success["success_mean_body"] - min(errors["root_relative_error_mm"] / 1000.0, 1.0)


class MimicEvaluator:
    """Evaluates policies on every clip of a library, in worlds of its own.

    Args:
        config: Settings of the environment that the policies are for.
        library: The clips; loaded from the settings if None.
        worlds_per_clip: Times each clip is tried; more than one only makes sense with noise.
        noise: Start with the initial noise of `config.task.start` instead of exactly on the clip.
        max_envs: Worlds that are simulated together at most.
        max_steps: Longest stretch of a clip that is tried, control steps; None tries all of it.
        seed: Of the initial noise.
    """

    def __init__(
        self,
        config: EnvConfig,
        library: MotionLibrary | None = None,
        *,
        worlds_per_clip: int = 1,
        noise: bool = False,
        max_envs: int = 256,
        max_steps: int | None = None,
        seed: int = 0,
    ) -> None:
        config = evaluation_config(config)
        if not isinstance(config.task, MimicConfig):
            raise ProtoMotionsError(
                f"The task {config.task.name!r} follows no clip, so that tracking can't be evaluated"
            )
        library = library or load_library(config)
        self._library = library
        clips = torch.arange(library.num_motions, device=library.weights.device)
        self._jobs = clips.repeat_interleave(worlds_per_clip)
        self._max_steps = max_steps if max_steps is not None else int(library.num_frames.max())
        self.env = HumanoidVectorEnv(min(max_envs, len(self._jobs)), config=config, motion_library=library)
        self._worlds_per_clip = worlds_per_clip
        self._noise = noise
        self._seed = seed
        self._tally = _Tally(self.env, config.task)
        self._count: Callable[[], None] = self._tally.count
        if self.env.graphs:
            self._count = CapturedFunction(self._tally.count, torch.Generator(self.env.device))

    def __call__(self, policy: Policy) -> MimicEvaluation:
        """Run the policy, a function of observations to actions [N, J], on every clip."""
        records = [self._run(jobs, policy) for jobs in self._jobs.split(self.env.num_envs)]
        merged = {name: torch.cat([record[name] for record in records]) for name in records[0]}
        library = self._library
        per_clip = {name: values.unflatten(0, (-1, self._worlds_per_clip)).mean(1) for name, values in merged.items()}
        definitions = (*SUCCESS_DEFINITIONS, "training")
        return MimicEvaluation(
            tuple(
                ClipResult(
                    clip=library.names[index],
                    seconds=float(library.durations[index]),
                    success={name: float(per_clip[name][index]) for name in definitions},
                    followed=float(per_clip["followed"][index]),
                    errors={name: float(per_clip[name][index]) for name in ERRORS},
                )
                for index in range(library.num_motions)
            )
        )

    def close(self) -> None:
        """Free the worlds."""
        self.env.close()

    def _run(self, jobs: Tensor, policy: Policy) -> dict[str, Tensor]:
        """Run one batch of clips and return a number per job and measure, [len(jobs)] each."""
        env = self.env
        # The last batch may be short; its spare worlds repeat the last clip and are cut off at the end.
        padded = torch.cat((jobs, jobs[-1:].expand(env.num_envs - len(jobs))))
        start = {"motion": padded, "frame": 0, "noise": self._noise}
        observation, _ = env.reset(seed=self._seed, options=start)
        frames = (self._library.num_frames[padded] - 1).clamp(max=self._max_steps)
        self._tally.begin(frames)
        for _ in range(int(frames.max())):
            observation, *_ = env.step(policy(observation))
            self._count()
        return {name: values[: len(jobs)] for name, values in self._tally.result().items()}


class _Tally:
    """Sums of errors and marks of failure of one batch, in tensors that stay where they are."""

    def __init__(self, env: HumanoidVectorEnv, config: MimicConfig) -> None:
        self._env = env
        self._definitions = {**SUCCESS_DEFINITIONS, "training": config.terminations}
        reference = env.task.reference
        assert reference is not None
        self._reference = reference
        count, bodies, device = env.num_envs, env.robot.num_bodies, env.device
        self._step = torch.zeros((), dtype=torch.long, device=device)
        self._frames = torch.zeros(count, dtype=torch.long, device=device)
        self._success = {name: torch.ones(count, dtype=torch.bool, device=device) for name in self._definitions}
        self._sums = {name: torch.zeros(count, device=device) for name in ERRORS}
        self._counted = torch.zeros(count, device=device)
        self._jerk_counted = torch.zeros(count, device=device)
        # Body positions of the robots and of their references in the last four frames.
        self._trail = torch.zeros(4, 2, count, bodies, 3, device=device)

    def begin(self, frames: Tensor) -> None:
        """Start a batch whose worlds run for so many frames, long, [N]."""
        self._step.zero_()
        self._frames.copy_(frames)
        for mark in self._success.values():
            mark.fill_(True)
        for total in (*self._sums.values(), self._counted, self._jerk_counted):
            total.zero_()

    def count(self) -> None:
        """Count the frame that the environment is at."""
        found = TrackingErrors(self._env.simulator.state, self._reference)
        running = self._step < self._frames
        for name, definition in self._definitions.items():
            self._success[name] &= ~(tracking_lost(definition, found) & running)
        counted = running & self._success["mean_body"]
        self._counted += counted
        self._trail.copy_(self._trail.roll(-1, 0))
        self._trail[-1, 0], self._trail[-1, 1] = found.state.body_pos, found.reference.body_pos
        jerk_counted = counted & (self._step >= len(self._trail) - 1)
        self._jerk_counted += jerk_counted
        jerk = _jerk(self._trail, self._env.robot.control_dt)
        errors = {
            "global_error_mm": (1000.0 * found.body_distances.mean(-1), counted),
            "root_relative_error_mm": (1000.0 * found.root_relative_distances.mean(-1), counted),
            "rotation_error_deg": (torch.rad2deg(found.body_angles.mean(-1)), counted),
            "joint_vel_error": ((found.state.joint_vel - found.reference.joint_vel).abs().mean(-1), counted),
            "jerk": (jerk[0], jerk_counted),
            "reference_jerk": (jerk[1], jerk_counted),
        }
        for name, (error, where) in errors.items():
            # Where the robot has failed an error may be anything, even not finite.
            self._sums[name] += torch.where(where, error, 0.0)
        self._step += 1

    def result(self) -> dict[str, Tensor]:
        """Return means and marks, float, [N] each."""
        count = {name: self._jerk_counted if "jerk" in name else self._counted for name in ERRORS}
        means = {name: total / count[name].clamp_min(1.0) for name, total in self._sums.items()}
        marks = {name: success.float() for name, success in self._success.items()}
        return {**means, **marks, "followed": self._counted / self._frames}


def _jerk(positions: Tensor, dt: float) -> Tensor:
    """Return the mean size of the third difference of four successive body positions [4, ..., B, 3], m/s^3, [...]."""
    first, second, third, fourth = positions
    return ((fourth - 3 * third + 3 * second - first) / dt**3).norm(dim=-1).mean(-1)
