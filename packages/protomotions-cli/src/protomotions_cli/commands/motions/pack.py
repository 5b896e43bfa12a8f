# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions pack`: many clips in one folder that opens at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from protomotions_cli.commands.motions.options import (
    FpsOption,
    OrderOption,
    OwnRobotOption,
    SourcesArgument,
    UnitOption,
)
from protomotions_cli.errors import UsageError


def pack(
    sources: SourcesArgument,
    target: Annotated[Path, typer.Argument(metavar="OUT", help="The pack to write, a folder such as moves.pack.")],
    robot: OwnRobotOption = None,
    fps: FpsOption = None,
    quaternion_order: OrderOption = None,
    metres_per_unit: UnitOption = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a pack that is there.")] = False,
) -> None:
    """Pack clips at the robot's control rate into one library that opens lazily, whatever its size.

    `--motion-file OUT` then trains on all of it; processes that train together each take a share. Only one clip at a
    time is in memory. A pack is written whole or not at all.
    """
    from protomotions_cli.motion_batches.packing import pack_files
    from protomotions_cli.motion_batches.plan import plan_files
    from protomotions_cli.robot_clips import read_options, robot_of
    from protomotions_envs.motions import is_pack

    if target.exists() and not (is_pack(target) and overwrite):
        advice = "give --overwrite to replace it" if is_pack(target) else "it is no pack; give another name"
        raise UsageError(f"{target} is there already; {advice}")
    options = read_options(fps, quaternion_order, metres_per_unit)
    robot = robot_of(sources, robot)
    pack_files(plan_files(sources), target, robot, options)
