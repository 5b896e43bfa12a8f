# SPDX-License-Identifier: Apache-2.0
"""Clips packed into flat tensors on one device, looked up without ever waiting for the device."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.frame_rows import interpolate, resampled_rows
from protomotions_envs.motions.frame_store import CoordinatesOnly, FrameStore, WholeStates
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.pack import MotionPack
from protomotions_envs.motions.sharding import shard
from protomotions_envs.motions.validation import check_fps, check_motion, fit_to_robot
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import Outlook, ResetState, RobotState, StateLayout

WHOLE_STATES_BYTES = 1 << 30
"""Packs whose whole states fit in this are kept so; of larger ones only the coordinates are."""
_ROWS_AT_ONCE = 1 << 11


class MotionLibrary:
    """Clips of one robot at one frame rate.

    Every clip is resampled once to `fps`, the control rate, so that a step needs no interpolation: linearly for
    positions and velocities, on the shorter arc for rotations; a contact holds where a neighbouring frame has one.
    What is left of a clip after its last whole frame is dropped. Frames have global numbers: frame f of clip m has the
    number `first_frame[m] + f`.

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
        layout = StateLayout(robot.num_joints, robot.num_bodies)
        fitting = (fit_to_robot(check_motion(motion, motion.name), robot, motion.name) for motion in motions)
        rows = [resampled_rows(motion, layout, fps) for motion in fitting]
        frames = torch.tensor([len(clip) for clip in rows])
        self._describe(
            robot,
            fps,
            names=tuple(motion.name for motion in motions),
            weights=torch.tensor([motion.weight for motion in motions], dtype=torch.float32, device=device),
            num_frames=frames.to(device),
            first_frame=(frames.cumsum(0) - frames).to(device),
        )
        self._frames: FrameStore = WholeStates(torch.cat(rows).to(device), layout)

    @classmethod
    def from_pack(
        cls,
        pack: MotionPack,
        robot: Robot,
        *,
        device: str | torch.device = "cpu",
        rank: int = 0,
        ranks: int = 1,
        whole_states_bytes: int = WHOLE_STATES_BYTES,
    ) -> MotionLibrary:
        """Return the library of a pack, or of one process's share of it.

        On a GPU the frames are copied there; on the CPU those of a large pack stay in the file until they are needed.

        Args:
            pack: The clips, at their frame rate.
            robot: That they were packed for.
            device: Where the tensors are.
            rank: Which share of the clips, from 0, see `shard`.
            ranks: Number of shares.
            whole_states_bytes: Memory up to which whole states are kept rather than coordinates.

        Raises:
            MotionError: There is no such share, or none of its clips has a weight.
        """
        clips = [pack.clips[index] for index in shard([clip.num_frames for clip in pack.clips], rank, ranks)]
        count = torch.tensor([clip.num_frames for clip in clips])
        first = torch.tensor([clip.first_frame for clip in clips])
        frames, device = pack.frames, torch.device(device)
        if device.type != "cpu" or len(clips) < len(pack.clips):
            frames = torch.cat([frames[clip.first_frame : clip.first_frame + clip.num_frames] for clip in clips])
            first = count.cumsum(0) - count
        library = cls.__new__(cls)
        library._describe(
            robot,
            pack.fps,
            names=tuple(clip.name for clip in clips),
            weights=torch.tensor([clip.weight for clip in clips], dtype=torch.float32, device=device),
            num_frames=count.to(device),
            first_frame=first.to(device),
        )
        coordinates = CoordinatesOnly(frames.to(device), robot)
        layout = library._layout
        library._frames = coordinates
        if 4 * len(frames) * sum(layout.widths) <= whole_states_bytes:
            parts = torch.arange(len(frames), device=device).split(_ROWS_AT_ONCE)
            library._frames = WholeStates(torch.cat([coordinates.rows(part) for part in parts]), layout)
        return library

    def _describe(
        self,
        robot: Robot,
        fps: float,
        *,
        names: tuple[str, ...],
        weights: Tensor,
        num_frames: Tensor,
        first_frame: Tensor,
    ) -> None:
        if not weights.is_meta and not weights.sum() > 0:
            raise MotionError("All clips have the sampling weight 0; give one of them a positive weight")
        self._layout = StateLayout(robot.num_joints, robot.num_bodies)
        self.fps = float(fps)
        """Frames per second."""
        self.names = names
        """Names of the M clips."""
        self.weights = weights
        """Relative probability of being sampled, [M]."""
        self.num_frames = num_frames
        """Frames of each clip, long, [M]."""
        self.first_frame = first_frame
        """Global number of each clip's first frame, long, [M]."""
        self.durations = (num_frames - 1).to(torch.float32) / self.fps
        """Time from the first to the last frame of each clip, s, [M]."""

    @property
    def num_motions(self) -> int:
        """Number M of clips."""
        return len(self.names)

    @property
    def num_bytes(self) -> int:
        """Memory that the frames take on the device, or in the file that is mapped."""
        return self._frames.num_bytes

    def sample_motions(self, n: int, generator: torch.Generator | None = None) -> Tensor:
        """Draw n clips by weight, with replacement, long, [n].

        Args:
            n: How many.
            generator: Source of randomness, on the library's device.
        """
        # Unlike torch.multinomial this never waits for the device, so that it can be captured.
        shares = self.weights.cumsum(0)
        place = torch.rand(n, generator=generator, device=shares.device) * shares[-1]
        return torch.searchsorted(shares, place, right=True).clamp_(max=self.num_motions - 1)

    def frames(self, index: Tensor) -> RobotState:
        """Return the states at global frame numbers [n], long; see `FrameStore`."""
        return self._layout.split(self.rows(index))

    def rows(self, index: Tensor, out: Tensor | None = None) -> Tensor:
        """Return the states at global frame numbers [n] as rows [n, D], see `StateLayout`; in `out` if given."""
        return self._frames.rows(index, out)

    def body_positions(self, index: Tensor) -> Tensor:
        """Return only where bodies are at global frame numbers [n], m, [n, B, 3]."""
        return self._layout.bodies(self._frames.body_positions(index))

    def coordinates(self, index: Tensor) -> ResetState:
        """Return only the generalised coordinates and velocities at global frames [...], [..., 13 + 2 J]."""
        return ResetState(self._frames.coordinates(index.reshape(-1)).rows.view(*index.shape, -1))

    def outlook(self, index: Tensor) -> Outlook:
        """Return what observations show of global frames [...], [..., 9 + 2 J]."""
        return Outlook(self._frames.outlook(index.reshape(-1)).rows.view(*index.shape, -1))

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
            (place - before).float(),
        )
        return self._layout.split(rows)
