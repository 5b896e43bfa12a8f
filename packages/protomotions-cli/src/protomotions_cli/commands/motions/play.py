# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions play`: watch a clip on the robot, in a window or as a video file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from protomotions_cli.commands.motions.options import FpsOption, OrderOption, OwnRobotOption, UnitOption
from protomotions_cli.screen import check_output


def play(
    file: Annotated[Path, typer.Argument(help="A motion file of any known format.")],
    robot: OwnRobotOption = None,
    video: Annotated[Path | None, typer.Option(help="Write an .mp4 file instead of opening a window.")] = None,
    start: Annotated[float | None, typer.Option(help="Where to begin, s.")] = None,
    end: Annotated[float | None, typer.Option(help="Where to stop, s.")] = None,
    clip: Annotated[str | None, typer.Option(help="Name of the clip, of a file that has several.")] = None,
    width: Annotated[int, typer.Option(help="Of the video, pixels.")] = 640,
    height: Annotated[int, typer.Option(help="Of the video, pixels.")] = 480,
    fps: FpsOption = None,
    quaternion_order: OrderOption = None,
    metres_per_unit: UnitOption = None,
) -> None:
    """Show a clip as it is, without physics; motion that isn't the robot's own is retargeted first."""
    check_output(video, width, height, name=file.stem)
    from protomotions_cli.clip_film import film_clip, watch_clip
    from protomotions_cli.robot_clips import one_clip, read_options, robot_named, robot_of

    robot = robot_of([file], robot)
    model = robot_named(robot)
    motion = one_clip(file, robot, read_options(fps, quaternion_order, metres_per_unit), name=clip)
    if start is not None or end is not None:
        last = motion.duration if end is None else end
        motion = motion.cut(start or 0.0, last, name=motion.name)
    if video is None:
        watch_clip(motion, model)
    else:
        rate = film_clip(motion, model, video, width, height)
        print(f"Written to {video}: {motion.duration:.1f} s, {width} x {height} at {rate:g} frames/s.")
