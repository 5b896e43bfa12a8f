# SPDX-License-Identifier: Apache-2.0
"""What `split` does with one file: its clips go to training or test, or are cut into pieces."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from protomotions_cli.motion_batches.clips import each_clip
from protomotions_cli.motion_batches.outcome import ClipOutcome
from protomotions_cli.motion_batches.plan import PlannedFile
from protomotions_cli.robot_clips import robot_clip, write_clip

if TYPE_CHECKING:
    from protomotions_envs.motions import Motion, ReadOptions, SkeletonMotion

_PIECE = re.compile(r"_part\d+$")


def in_training(name: str, share: float, seed: int) -> bool:
    """Return whether a clip is one to train on, which depends on nothing but its name and the seed.

    So a clip stays on its side when others come or go, on any machine. Pieces of one clip stay together: a policy
    would otherwise be tested on what comes a second after what it was trained on.

    Args:
        name: Of the clip.
        share: Of all clips that is for training, 0..1.
        seed: Gives another split for each number.
    """
    digest = hashlib.sha256(f"{seed}/{_PIECE.sub('', name)}".encode()).digest()
    return int.from_bytes(digest[:8], "big") < share * 2**64


def pieces(clip: Motion, seconds: float) -> Iterator[Motion]:
    """Yield a clip as pieces of at most so many seconds, equal to within a frame; the whole clip if it isn't longer.

    A piece begins with the frame with which the one before it ends. Their names end in _part000 and so on.
    """
    steps = clip.num_frames - 1
    # Rounding must not make a piece more of a clip that is exactly some pieces long.
    longest = max(int(seconds * clip.fps + 1e-6), 1) if seconds < clip.duration else steps
    count = math.ceil(steps / longest)
    if count == 1:
        yield clip
        return
    for index in range(count):
        first, last = (round(part * steps / count) for part in (index, index + 1))
        yield clip.cut(first / clip.fps, last / clip.fps, name=f"{clip.name}_part{index:03d}")


@dataclass(frozen=True)
class Division:
    """The work on one file; plain data, so that other processes can do it."""

    robot: str
    """Name of the robot."""
    options: ReadOptions
    """What files don't say."""
    output: Path
    """The folder that gets the folders `train` and `test`."""
    train: float = 0.9
    """Share of the clips that is for training, 0..1."""
    seed: int = 0
    """Of the choice of clips."""
    seconds: float | None = None
    """Longest piece, s; None to divide clips between training and test instead."""
    dry_run: bool = False
    """Whether to write nothing."""

    def __call__(self, file: PlannedFile) -> list[ClipOutcome]:
        """Return what became of the clips of a file."""

        def divide(clip: Motion | SkeletonMotion, target: Path) -> list[ClipOutcome]:
            motion = robot_clip(clip, self.robot)
            if self.seconds is None:
                return [self._write_side(motion, file.source, target)]
            return self._write_pieces(motion, file.source, target)

        return each_clip(file, self.robot, self.options, divide)

    def _write_side(self, clip: Motion, source: Path, target: Path) -> ClipOutcome:
        side = "train" if in_training(clip.name, self.train, self.seed) else "test"
        return self._write(clip, source, self.output / side / target.relative_to(self.output), side)

    def _write_pieces(self, clip: Motion, source: Path, target: Path) -> list[ClipOutcome]:
        parts = list(pieces(clip, self.seconds or math.inf))
        if len(parts) == 1:
            return [self._write(clip, source, target)]
        return [
            self._write(part, source, target.with_name(f"{target.stem}_part{index:03d}.npz"))
            for index, part in enumerate(parts)
        ]

    def _write(self, clip: Motion, source: Path, target: Path, part: str = "") -> ClipOutcome:
        if not self.dry_run:
            write_clip(clip, target)
        return ClipOutcome(source, "written", target, frames=clip.num_frames, seconds=clip.duration, part=part)
