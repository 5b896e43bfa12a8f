# SPDX-License-Identifier: Apache-2.0
"""What `pack` does: read files in turn, write their clips one after another, say what was left out."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from protomotions_cli.errors import UsageError, is_user_error
from protomotions_cli.motion_batches.plan import BatchPlan, PlannedFile
from protomotions_cli.motion_batches.reporting import progress
from protomotions_cli.robot_clips import read_clips, robot_clip, robot_named

if TYPE_CHECKING:
    from protomotions_envs.motions import Motion, ReadOptions


def pack_files(plan: BatchPlan, target: Path, robot: str, options: ReadOptions) -> None:
    """Write the clips of all files to a pack and say what became of them.

    Raises:
        UsageError: No file has a clip of the robot; nothing is written then.
        Exit: Code 1 if some files could not be used.
    """
    from protomotions_envs.motions import write_pack

    model = robot_named(robot)
    failures: dict[Path, str] = {}
    clips = _clips(plan.files, robot, options, failures)
    first = next(clips, None)
    if first is None:
        path, reason = next(iter(failures.items()))
        raise UsageError(f"none of {len(plan.files)} file(s) can be packed; {path}: {reason}")
    pack = write_pack(target, itertools.chain((first,), clips), model, fps=1 / model.control_dt)
    seconds = sum(clip.num_frames - 1 for clip in pack.clips) / pack.fps
    size = pack.frames.nbytes / 2**20
    print(f"wrote {target}: {len(pack.clips)} clips, {seconds / 60:.1f} min at {pack.fps:g} Hz, {size:.1f} MiB")
    for path, reason in failures.items():
        print(f"failed: {path}: {reason}")
    if failures:
        raise typer.Exit(1)


def _clips(
    files: tuple[PlannedFile, ...], robot: str, options: ReadOptions, failures: dict[Path, str]
) -> Iterator[Motion]:
    for file in progress(files, len(files)):
        try:
            yield from [robot_clip(clip, robot) for clip in read_clips(file.source, robot, options)]
        except ValueError as error:
            if isinstance(error, UsageError) or not is_user_error(error):
                raise
            failures[file.source] = " ".join(str(error).split())
