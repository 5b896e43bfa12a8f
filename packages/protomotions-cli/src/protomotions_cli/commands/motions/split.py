# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions split`: clips for training and clips for testing, or long clips in pieces."""

from __future__ import annotations

from typing import Annotated

import typer

from protomotions_cli.commands.motions.options import (
    DryRunOption,
    FolderArgument,
    FpsOption,
    JobsOption,
    OrderOption,
    OwnRobotOption,
    SourcesArgument,
)
from protomotions_cli.errors import UsageError


def split(
    sources: SourcesArgument,
    target: FolderArgument,
    train: Annotated[
        float | None, typer.Option(help="Share of the clips that goes to OUT/train, the rest to OUT/test; 0.9.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Gives another choice of clips for each number; 0.")] = None,
    seconds: Annotated[
        float | None, typer.Option(help="Cut clips into equal pieces of at most so many seconds instead.")
    ] = None,
    robot: OwnRobotOption = None,
    fps: FpsOption = None,
    quaternion_order: OrderOption = None,
    jobs: JobsOption = 0,
    dry_run: DryRunOption = False,
) -> None:
    """Divide clips between training and test, or cut long ones into pieces.

    On which side a clip comes depends only on its name and the seed, so it stays there when others are added.
    """
    if seconds is not None and (train is not None or seed is not None):
        raise UsageError("give either --seconds, to cut clips into pieces, or --train and --seed, to divide them")
    if train is not None and not 0 < train < 1:
        raise UsageError(f"--train must be between 0 and 1, such as 0.9, not {train:g}")
    if seconds is not None and not seconds > 0:
        raise UsageError(f"--seconds must be positive, not {seconds:g}")
    from protomotions_cli.motion_batches.plan import check_no_clips, plan_batch
    from protomotions_cli.motion_batches.reporting import carry_out
    from protomotions_cli.motion_batches.splitting import Division
    from protomotions_cli.robot_clips import read_options, robot_of

    check_no_clips(target)
    robot = robot_of(sources, robot)
    work = Division(
        robot,
        read_options(fps, quaternion_order),
        target,
        train=0.9 if train is None else train,
        seed=seed or 0,
        seconds=seconds,
        dry_run=dry_run,
    )
    carry_out(work, plan_batch(sources, target), target, jobs=jobs, dry_run=dry_run)
