# SPDX-License-Identifier: Apache-2.0
"""Moments of a robot as a video file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import numpy as np
from rich.console import Console
from rich.progress import track

from protomotions_cli.atomic_files import replacing
from protomotions_cli.errors import UsageError
from protomotions_envs.rendering import Renderer
from protomotions_envs.robots import Robot
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.task import Marker


@dataclass(frozen=True)
class Moment:
    """What a picture shows; world 0 of each."""

    state: RobotState
    """The robot."""
    reference: RobotState | None = None
    """Drawn beside it as a ghost, if there is one."""
    markers: tuple[Marker, ...] = ()
    """What shows the robot's goal."""


@dataclass(frozen=True)
class VideoFormat:
    """Size and rate of a video."""

    width: int
    """Pixels, even."""
    height: int
    """Pixels, even."""
    fps: float
    """Frames per second."""


def film(moments: Iterable[Moment], count: int, robot: Robot, path: Path, form: VideoFormat) -> None:
    """Write H.264 in an .mp4 that every player shows; the file appears whole or not at all.

    Args:
        moments: What to film, one per frame.
        count: How many there are, for the progress bar.
        robot: Whose states they are.
        path: The file; ends in `.mp4`.
        form: Of the video.

    Raises:
        RenderError: OpenGL isn't available.
        UsageError: The file can't be written.
    """
    renderer = Renderer(robot, form.width, form.height)
    try:
        with replacing(path) as temporary:
            _write(_pictures(moments, count, renderer), temporary, form)
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror or error}") from error
    finally:
        renderer.close()


def _pictures(moments: Iterable[Moment], count: int, renderer: Renderer) -> Iterator[np.ndarray]:
    # Progress goes to standard error and only where a person watches.
    screen = Console(stderr=True)
    for moment in track(moments, "filming", total=count, console=screen, transient=True):
        yield renderer.draw(moment.state, moment.reference, moment.markers)


def _write(pictures: Iterator[np.ndarray], path: Path, form: VideoFormat) -> None:
    size = (form.width, form.height)
    writer = imageio_ffmpeg.write_frames(
        str(path), size, fps=form.fps, codec="libx264", pix_fmt_out="yuv420p", quality=8, macro_block_size=2
    )
    writer.send(None)
    try:
        for picture in pictures:
            writer.send(np.ascontiguousarray(picture))
    finally:
        writer.close()
