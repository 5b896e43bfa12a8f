# SPDX-License-Identifier: Apache-2.0
"""The clips of one file in turn: one that can't be used doesn't stop the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from protomotions_cli.errors import UsageError, is_user_error
from protomotions_cli.motion_batches.outcome import ClipOutcome
from protomotions_cli.motion_batches.plan import PlannedFile
from protomotions_cli.robot_clips import read_clips

if TYPE_CHECKING:
    from protomotions_envs.motions import Motion, ReadOptions, SkeletonMotion


def each_clip(
    file: PlannedFile,
    robot: str,
    options: ReadOptions,
    handle: Callable[[Motion | SkeletonMotion, Path], list[ClipOutcome]],
) -> list[ClipOutcome]:
    """Read a file and return what becomes of its clips.

    Args:
        file: What to read, and where its clips go.
        robot: That the clips are for.
        options: What the file doesn't say.
        handle: Does something with a clip and the file that it goes to. An error that a user can mend becomes the
            outcome "failed".

    Raises:
        UsageError: From `handle`; it concerns more than one clip.
    """
    outcomes: list[ClipOutcome] = []
    try:
        clips = read_clips(file.source, robot, options)
    except ValueError as error:
        return [_failure(file, error)]
    for clip, target in zip(clips, _targets(file, [clip.name for clip in clips]), strict=True):
        try:
            outcomes += handle(clip, target)
        except ValueError as error:
            outcomes.append(_failure(file, error))
    return outcomes


def _failure(file: PlannedFile, error: ValueError) -> ClipOutcome:
    if isinstance(error, UsageError) or not is_user_error(error):
        raise error
    return ClipOutcome(file.source, "failed", reason=" ".join(str(error).split()))


def _targets(file: PlannedFile, names: Sequence[str]) -> Iterator[Path]:
    """Yield where clips go: a single one to the planned file, several to a folder, under names that files can have."""
    if len(names) == 1:
        yield file.target
        return
    taken: dict[str, int] = {}
    for name in names:
        plain = re.sub(r"[^\w.+@=-]+", "_", name).lstrip(".") or "clip"
        taken[plain] = taken.get(plain, 0) + 1
        number = f"_{taken[plain]}" if taken[plain] > 1 else ""
        yield file.target.with_suffix("") / f"{plain}{number}.npz"
