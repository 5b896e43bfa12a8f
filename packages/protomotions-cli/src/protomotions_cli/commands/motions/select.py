# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions filter`: keep the clips that are good enough."""

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


def select(
    sources: SourcesArgument,
    target: FolderArgument,
    robot: OwnRobotOption = None,
    name: Annotated[str | None, typer.Option(help="Pattern of the clips' names with * and ?.")] = None,
    min_seconds: Annotated[float | None, typer.Option(help="Shortest clip, s.")] = None,
    max_seconds: Annotated[float | None, typer.Option(help="Longest clip, s.")] = None,
    max_skating: Annotated[float | None, typer.Option(help="Mean speed of standing feet, m/s.")] = None,
    max_penetration: Annotated[float | None, typer.Option(help="How far a body is below the ground, m.")] = None,
    max_limit_violation: Annotated[
        float | None, typer.Option(help="How far a joint is outside its limits, rad.")
    ] = None,
    max_self_collision: Annotated[float | None, typer.Option(help="How far two bodies overlap, m.")] = None,
    max_joint_speed: Annotated[float | None, typer.Option(help="Speed of the fastest joint, rad/s.")] = None,
    fps: FpsOption = None,
    quaternion_order: OrderOption = None,
    jobs: JobsOption = 0,
    dry_run: DryRunOption = False,
) -> None:
    """Copy the clips that pass all conditions; a summary says which were left out and why.

    `motions inspect` shows the same measures of a clip.
    """
    from protomotions_cli.motion_batches.plan import check_no_clips, plan_batch
    from protomotions_cli.motion_batches.reporting import carry_out
    from protomotions_cli.motion_batches.selection import Conditions, Selection
    from protomotions_cli.robot_clips import read_options, robot_of

    conditions = Conditions(
        name=name,
        min_seconds=min_seconds,
        max_seconds=max_seconds,
        max_skating=max_skating,
        max_penetration=max_penetration,
        max_limit_violation=max_limit_violation,
        max_self_collision=max_self_collision,
        max_joint_speed=max_joint_speed,
    )
    if conditions == Conditions():
        raise UsageError("give at least one condition, such as --max-skating 0.05; see --help")
    check_no_clips(target)
    robot = robot_of(sources, robot)
    work = Selection(robot, read_options(fps, quaternion_order), conditions, dry_run)
    carry_out(work, plan_batch(sources, target), target, jobs=jobs, dry_run=dry_run)
