# SPDX-License-Identifier: Apache-2.0
"""How much robots move like clips: like all of them, and not all in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from protomotions_envs.motions import MotionLibrary
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.free.clip_frames import ClipFrames
from protomotions_envs.tasks.free.distributions import wasserstein
from protomotions_envs.tasks.free.measure import Measure, capped
from protomotions_envs.tasks.free.style_history import StyleHistory

SKIPPED_SECONDS = 2.0
"""Time after the start that doesn't count, because robots start on the clips; half the time of shorter evaluations."""
SAMPLES_PER_WORLD = 100
"""Moments of each world that are looked at, at most."""
MAX_SAMPLES = 1 << 17
"""Moments of all worlds that are looked at, at most."""
COLUMNS_AT_ONCE = 16
"""Joint angles and velocities whose distributions are compared at a time."""
VISITED = 0.1
"""A clip is visited if it is nearest to at least this part of the share of moments that it has in demonstrations."""
FROZEN = 0.2
"""A world is frozen if its joints move less than this part of what the clips' do."""
STILL = 1e-3
"""Mean distance between frames, and joint speed in rad/s, below which clips stand still, so that there is nothing to
compare diversity or speed with."""


@dataclass(frozen=True)
class ClipCoverage:
    """How much of the worlds' time is like one clip."""

    clip: str
    """Name of the clip."""
    seconds: float
    """Duration, s."""
    share: float
    """Share of moments whose nearest frame is this clip's."""
    expected_share: float
    """Its share in random demonstrations."""
    visited: bool
    """Whether `share` is at least a tenth of `expected_share`."""
    nearest_distance: float | None
    """Mean distance of those moments to their frames, see `ClipFrames`; None if there are none."""


class StyleMeasure(Measure):
    """Samples moments evenly over time, and compares them with the clips' frames.

    Args:
        robot: The robot in every world.
        style: Computes the features of moments.
        library: The clips.
        num_envs: Number N of worlds.
        steps: Control steps of an evaluation.
    """

    definitions: ClassVar[Mapping[str, str]] = {
        "joint_angle_distance_rad": "Mean over joints of the 1-Wasserstein distance between the joint's angles at all "
        "moments and in random demonstrations, rad",
        "joint_velocity_distance_rad_s": "The same of joint velocities, rad/s",
        "frozen": "Share of the worlds still upright at the end whose joints move, over the last quarter of the "
        "moments, on average at less than a fifth of the clips' joint speed",
        "clips_visited": "Clips that the nearest frame belongs to at a tenth or more of the share of moments that they "
        "have in random demonstrations",
        "nearest_distance": "Mean distance of moments to the nearest frame of a clip, in standard deviations",
        "clip_to_clip_distance": "Mean distance of the clips' frames to the nearest frame of another clip",
        "world_distance": "Mean distance between two worlds at the same moment",
        "clip_pair_distance": "Mean distance between two frames of random demonstrations",
        "diversity": "`world_distance` / `clip_pair_distance`",
    }

    def __init__(self, robot: Robot, style: StyleHistory, library: MotionLibrary, num_envs: int, steps: int) -> None:
        self._style = style
        self._library = library
        self._joints = 2 * robot.num_joints
        self._frames = ClipFrames(style, library)
        self._clip_to_clip = self._frames.clip_to_clip()
        self._pair_distance = self._frames.pair_distance()
        self._slots = _sampled_steps(steps, num_envs, robot.control_dt)
        shape, device = (len(self._slots), num_envs), library.weights.device
        self._samples = torch.zeros(*shape, self._frames.features.shape[1], device=device)
        self._counted = torch.zeros(shape, dtype=torch.bool, device=device)
        self._step = 0
        self._found: tuple[Tensor, Tensor] | None = None

    def begin(self, state: RobotState) -> None:
        """Start anew; see `Measure`."""
        self._step = 0
        self._found = None
        self._counted.zero_()

    def count(self, state: RobotState, counted: Tensor) -> None:
        """Count a control step; see `Measure`."""
        self._step += 1
        if self._step in self._slots:
            slot = self._slots[self._step]
            # Where robots don't count, numbers may be anything, even not finite.
            features = self._style.features(state)
            self._samples[slot] = torch.where(counted.unsqueeze(1), features, 0.0)
            self._counted[slot] = counted

    def metrics(self) -> dict[str, float]:
        """Return the figures."""
        if not bool(self._counted.any()):
            return {}
        share, distance = self._coverage()
        angles, velocities = self._joint_distances().mean(1).tolist()
        figures = {
            "joint_angle_distance_rad": angles,
            "joint_velocity_distance_rad_s": velocities,
            "frozen": self._frozen(),
            "clips_visited": float(_visited(share, self._frames.expected_share).sum()),
            "nearest_distance": float((share * distance).sum()),
            "clip_to_clip_distance": self._clip_to_clip,
            "clip_pair_distance": self._pair_distance,
            **self._diversity(),
        }
        return {name: figure for name, figure in figures.items() if figure is not None}

    def loss(self, metrics: Mapping[str, float]) -> float:
        """Return the distance of joint angles, of which 1 rad is useless."""
        return capped(metrics, "joint_angle_distance_rad", 1.0)

    def clips(self) -> tuple[ClipCoverage, ...]:
        """Return how much of the worlds' time is like each clip, in the library's order."""
        library, expected = self._library, self._frames.expected_share
        share, distance = self._coverage()
        columns = (library.durations, share, expected, _visited(share, expected), distance)
        rows = zip(library.names, *(column.tolist() for column in columns), strict=True)
        return tuple(
            ClipCoverage(name, seconds, part, whole, visited, mean if part else None)
            for name, seconds, part, whole, visited, mean in rows
        )

    def _coverage(self) -> tuple[Tensor, Tensor]:
        """Return the share of moments nearest to each clip, and their mean distance to it, 0 if there are none."""
        if self._found is not None:
            return self._found
        clip, distance = self._frames.nearest(self._frames.scale(self._samples[self._counted]))
        num_clips = self._library.num_motions
        count = clip.bincount(minlength=num_clips).double()
        total = torch.zeros_like(count).index_add_(0, clip, distance.double())
        self._found = count / count.sum().clamp_min(1.0), total / count.clamp_min(1.0)
        return self._found

    def _joint_distances(self) -> Tensor:
        """Return the Wasserstein distances of angles and velocities, rad and rad/s, [2, J]."""
        samples = self._samples.flatten(0, 1), self._frames.features
        # A few columns at a time, because sorting takes several times their memory.
        columns = zip(*(part[:, -self._joints :].split(COLUMNS_AT_ONCE, dim=1) for part in samples), strict=True)
        counted, weight = self._counted.flatten(), self._frames.weight
        distances = [wasserstein(ours, theirs, counted, weight) for ours, theirs in columns]
        return torch.cat(distances).unflatten(0, (2, -1))

    def _frozen(self) -> float | None:
        """Return the share of worlds that stand still at the end; None if the clips do or all robots have fallen."""
        last, joints = -(-len(self._slots) // 4), self._joints // 2
        moving = (self._frames.weight @ self._frames.features[:, -joints:].abs()).mean()
        there = self._counted[-1]
        if moving < STILL or not bool(there.any()):
            return None
        speed = self._samples[-last:, there, -joints:].abs().mean(dim=(0, 2))
        return float((speed < FROZEN * moving).float().mean())

    def _diversity(self) -> dict[str, float]:
        # Worlds start independently, so that neighbours are as good a pair as any two.
        scaled, other = self._frames.scale(self._samples), self._samples.shape[1] // 2
        distance = (scaled - scaled.roll(other, 1)).norm(dim=-1)
        both = self._counted & self._counted.roll(other, 1)
        if not other or not bool(both.any()):
            return {}
        mean = float(distance[both].mean())
        figures = {"world_distance": mean}
        if self._pair_distance < STILL:
            return figures
        return {**figures, "diversity": mean / self._pair_distance}


def _visited(share: Tensor, expected: Tensor) -> Tensor:
    """Return which clips are visited often enough to say so, bool, [M]."""
    return (share > 0) & (share >= VISITED * expected.double())


def _sampled_steps(steps: int, num_envs: int, control_dt: float) -> dict[int, int]:
    """Return the numbers, from 1, of the control steps to sample, and which sample each is."""
    skipped = min(round(SKIPPED_SECONDS / control_dt), steps // 2)
    span = steps - skipped
    count = min(SAMPLES_PER_WORLD, max(1, MAX_SAMPLES // num_envs), span)
    return {skipped + (sample + 1) * span // count: sample for sample in range(count)}
