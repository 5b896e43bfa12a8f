# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions retarget`: a person's motion becomes a robot's."""

from __future__ import annotations

from typing import Annotated

import typer

from protomotions_cli.commands.motions.options import (
    DryRunOption,
    FpsOption,
    JobsOption,
    OverwriteOption,
    RobotOption,
    SourcesArgument,
    TargetArgument,
    UnitOption,
)
from protomotions_cli.errors import UsageError


def retarget(
    sources: SourcesArgument,
    target: TargetArgument,
    robot: RobotOption = "g1",
    scale: Annotated[
        float | None,
        typer.Option(help="Distances travelled as a share of the person's; from the lengths of the legs if left out."),
    ] = None,
    fps: FpsOption = None,
    metres_per_unit: UnitOption = None,
    jobs: JobsOption = 0,
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Let a robot do what people did, by inverse kinematics with standing feet that don't slide.

    `motions convert` does the same where it is needed; this command refuses clips that already move the robot.
    """
    if scale is not None and not scale > 0:
        raise UsageError(f"--scale must be positive, not {scale:g}")
    from protomotions_cli.motion_batches.conversion import Conversion
    from protomotions_cli.motion_batches.plan import plan_batch
    from protomotions_cli.motion_batches.reporting import carry_out
    from protomotions_cli.robot_clips import read_options, robot_named

    options = read_options(fps, None, metres_per_unit)
    robot_named(robot)
    work = Conversion(robot, options, "always", scale, overwrite=overwrite, dry_run=dry_run)
    carry_out(work, plan_batch(sources, target), target, jobs=jobs, is_done=work.is_done, dry_run=dry_run)
