# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions convert`: anyone's files become clips of a robot."""

from __future__ import annotations

from typing import Annotated

import typer

from protomotions_cli.commands.motions.options import (
    DryRunOption,
    FpsOption,
    JobsOption,
    OrderOption,
    OverwriteOption,
    RobotOption,
    SourcesArgument,
    TargetArgument,
    UnitOption,
)


def convert(
    sources: SourcesArgument,
    target: TargetArgument,
    robot: RobotOption = "g1",
    fps: FpsOption = None,
    quaternion_order: OrderOption = None,
    metres_per_unit: UnitOption = None,
    as_is: Annotated[
        bool, typer.Option("--as-is", help="Leave joints outside their limits and feet off the ground as they are.")
    ] = False,
    jobs: JobsOption = 0,
    dry_run: DryRunOption = False,
    overwrite: OverwriteOption = False,
) -> None:
    """Convert files to the self-describing .npz format, checked against the robot.

    Motion of people and of other skeletons is retargeted to the robot; in the robot's own motion joints are brought
    inside their limits and standing feet to the ground. Folders keep their structure. The command can be interrupted
    and run again: clips that are newer than their source stay as they are.
    """
    from protomotions_cli.motion_batches.conversion import Conversion
    from protomotions_cli.motion_batches.plan import plan_batch
    from protomotions_cli.motion_batches.reporting import carry_out
    from protomotions_cli.robot_clips import read_options, robot_named

    options = read_options(fps, quaternion_order, metres_per_unit)
    # An unknown robot is said once, not per file.
    robot_named(robot)
    work = Conversion(robot, options, mend=not as_is, overwrite=overwrite, dry_run=dry_run)
    carry_out(work, plan_batch(sources, target), target, jobs=jobs, is_done=work.is_done, dry_run=dry_run)
