# SPDX-License-Identifier: Apache-2.0
"""Clips packed into flat tensors on one device, looked up without ever waiting for the device."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.frame_rows import interpolate, pack_frames
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.validation import check_fps, check_motion, fit_to_robot
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import ResetState, RobotState, StateLayout


class MotionLibrary:
    """Clips of one robot at one frame rate.

    Every clip is resampled once to `fps`, the control rate, so that a step needs no interpolation: linearly for
    positions and velocities, on the shorter arc for rotations; a contact holds where a neighbouring frame has one.
    What is left of a clip after its last whole frame is dropped. Frames of all clips stand one after another: frame f
    of clip m has the global number `first_frame[m] + f`.

    Args:
        motions: The clips, at least one.
        robot: Whose joints and bodies the states have, in its order.
        fps: Frames per second of the library.
        device: Where the tensors are.

    Raises:
        MotionError: No clips, a clip that is not sound, too short or for another robot, or no clip with a weight.
    """

    def __init__(
        self, motions: Sequence[Motion], robot: Robot, *, fps: float, device: str | torch.device = "cpu"
    ) -> None:
        if not motions:
            raise MotionError("There are no clips to make a motion library of; give at least one")
        check_fps(fps, "The motion library")
        self._layout = StateLayout(robot.num_joints, robot.num_bodies)
        clips = [self._resampled(fit_to_robot(check_motion(m, m.name), robot, m.name), fps) for m in motions]
        frames = torch.tensor([len(clip) for clip in clips])
        weights = torch.tensor([motion.weight for motion in motions], dtype=torch.float32)
        if not weights.sum() > 0:
            raise MotionError("All clips have the sampling weight 0; give one of them a positive weight")
        self.fps = float(fps)
        """Frames per second."""
        self.names = tuple(motion.name for motion in motions)
        """Names of the M clips."""
        self.weights = weights.to(device)
        """Relative probability of being sampled, [M]."""
        self.num_frames = frames.to(device)
        """Frames of each clip, long, [M]."""
        self.first_frame = (frames.cumsum(0) - frames).to(device)
        """Global number of each clip's first frame, long, [M]."""
        self.durations = ((frames - 1) / fps).to(device=device, dtype=torch.float32)
        """Time from the first to the last frame of each clip, s, [M]."""
        packed = torch.cat(clips)
        self._packed = packed.to(device)
        # The few columns that starts and observations of future frames need, side by side: a smaller gather.
        self._coordinates = ResetState.from_state(self._layout.split(packed)).rows.to(device)

    @property
    def num_motions(self) -> int:
        """Number M of clips."""
        return len(self.names)

    def sample_motions(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw n clips by weight, with replacement, long, [n].

        Args:
            n: How many.
            generator: Source of randomness, on the library's device.
        """
        return torch.multinomial(self.weights, n, replacement=True, generator=generator)

    def frames(self, index: Tensor) -> RobotState:
        """Return the states at global frame numbers [n], long; one gather."""
        return self._layout.split(self.rows(index))

    def rows(self, index: Tensor, out: Tensor | None = None) -> Tensor:
        """Return the states at global frame numbers [n] as rows [n, D], see `StateLayout`; in `out` if given."""
        return torch.index_select(self._packed, 0, index, out=out)

    def coordinates(self, index: Tensor) -> ResetState:
        """Return only the generalised coordinates and velocities at global frames [...], [..., 13 + 2 J]."""
        return ResetState(self._coordinates.index_select(0, index.reshape(-1)).view(*index.shape, -1))

    def state(self, motion_ids: Tensor, times: Tensor) -> RobotState:
        """Return the interpolated states of clips [n] at times [n], s from each clip's start, clamped to the clip."""
        last = self.num_frames[motion_ids] - 1
        place = torch.minimum((times * self.fps).clamp_min(0.0), last.to(times.dtype))
        before = place.long()
        after = torch.minimum(before + 1, last)
        first = self.first_frame[motion_ids]
        rows = interpolate(
            self._layout,
            self.rows(first + before),
            self.rows(first + after),
            (place - before).to(self._packed.dtype),
        )
        return self._layout.split(rows)

    def _resampled(self, motion: Motion, fps: float) -> Tensor:
        """Return a clip's rows at another rate, [T', D]."""
        rows = pack_frames(motion)
        # A clip of exactly n control steps keeps its last frame, whatever the rounding of its rate.
        count = math.floor(motion.duration * fps + 1e-6) + 1
        if count < 2:
            raise MotionError(
                f"{motion.name} lasts {motion.duration:.3g} s, less than one frame at {fps:g} frames per second; "
                "use a longer clip"
            )
        place = (torch.arange(count, dtype=torch.float64) * (motion.fps / fps)).clamp_max(motion.num_frames - 1)
        before = place.long()
        after = (before + 1).clamp_max(motion.num_frames - 1)
        return interpolate(self._layout, rows[before], rows[after], (place - before).float())
