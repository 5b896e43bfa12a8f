# SPDX-License-Identifier: Apache-2.0
"""A playback as a video file."""

from __future__ import annotations

from pathlib import Path

import imageio_ffmpeg
import numpy as np
from rich.console import Console
from rich.progress import track

from protomotions_cli.atomic_files import replacing
from protomotions_cli.errors import UsageError
from protomotions_cli.playback import Playback
from protomotions_envs.rendering import Renderer


def film(playback: Playback, path: Path, width: int, height: int) -> None:
    """Write H.264 in an .mp4 that every player shows; the file appears whole or not at all.

    Args:
        playback: What to film.
        path: The file; ends in `.mp4`.
        width: Pixels, even.
        height: Pixels, even.

    Raises:
        RenderError: OpenGL isn't available.
        UsageError: The file can't be written.
    """
    renderer = Renderer(playback.env.robot, width, height)
    try:
        with replacing(path) as temporary:
            _write(playback, renderer, temporary, (width, height))
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror or error}") from error
    finally:
        renderer.close()


def _write(playback: Playback, renderer: Renderer, path: Path, size: tuple[int, int]) -> None:
    writer = imageio_ffmpeg.write_frames(
        str(path), size, fps=playback.fps, codec="libx264", pix_fmt_out="yuv420p", quality=8, macro_block_size=2
    )
    writer.send(None)
    env = playback.env
    try:
        # Progress goes to standard error and only where a person watches.
        screen = Console(stderr=True)
        frames = track(playback.frames(), "filming", total=playback.num_frames, console=screen, transient=True)
        for _ in frames:
            picture = renderer.draw(env.simulator.state, env.task.reference)
            writer.send(np.ascontiguousarray(picture))
    finally:
        writer.close()
