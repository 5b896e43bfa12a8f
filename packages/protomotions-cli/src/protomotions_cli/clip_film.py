# SPDX-License-Identifier: Apache-2.0
"""A clip as it is, without physics: as a video file or in a window."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg
import mujoco
import numpy as np
from mujoco.viewer import launch_passive
from rich.console import Console
from rich.progress import track

from protomotions_cli.atomic_files import replacing
from protomotions_cli.errors import UsageError
from protomotions_envs.motions import Motion
from protomotions_envs.motions.frame_rows import pack_frames
from protomotions_envs.rendering import Renderer
from protomotions_envs.robots import Robot
from protomotions_envs.simulators.world import world_spec
from protomotions_envs.state import StateLayout

MOST_FPS = 60.0
"""Frames per second of videos of faster clips; players and eyes don't show more."""


def film_clip(motion: Motion, robot: Robot, path: Path, width: int, height: int) -> float:
    """Write H.264 in an .mp4; the file appears whole or not at all.

    Args:
        motion: What to film.
        robot: Whose clip it is.
        path: The file; ends in `.mp4`.
        width: Pixels, even.
        height: Pixels, even.

    Returns:
        Frames per second of the video.

    Raises:
        RenderError: OpenGL isn't available.
        UsageError: The file can't be written.
    """
    fps = min(motion.fps, MOST_FPS)
    renderer = Renderer(robot, width, height)
    try:
        with replacing(path) as temporary:
            _write(_pictures(motion, robot, renderer, fps), temporary, (width, height), fps)
    except OSError as error:
        raise UsageError(f"can't write {path}: {error.strerror or error}") from error
    finally:
        renderer.close()
    return fps


def watch_clip(motion: Motion, robot: Robot) -> None:
    """Show a clip in a window in real time, over and over, until the window is closed; the mouse moves the camera."""
    model = world_spec(robot).compile()
    data = mujoco.MjData(model)
    coordinates = np.concatenate((motion.body_pos[:, 0], motion.body_rot[:, 0], motion.joint_pos), axis=1)
    start = time.monotonic()
    with launch_passive(model, data) as window:
        while window.is_running():
            frame = int((time.monotonic() - start) * motion.fps) % motion.num_frames
            data.qpos[:] = coordinates[frame]
            mujoco.mj_forward(model, data)
            window.sync()
            time.sleep(1.0 / MOST_FPS)


def shown_frames(motion: Motion, fps: float) -> np.ndarray:
    """Return which frames of a clip a video shows, each the nearest one to its time, [frames of the video]."""
    count = int(motion.duration * fps + 1e-6) + 1
    return np.minimum(np.rint(np.arange(count) * (motion.fps / fps)).astype(int), motion.num_frames - 1)


def _pictures(motion: Motion, robot: Robot, renderer: Renderer, fps: float) -> Iterator[np.ndarray]:
    rows = pack_frames(motion)
    layout = StateLayout(robot.num_joints, robot.num_bodies)
    # Progress goes to standard error and only where a person watches.
    screen = Console(stderr=True)
    for frame in track(shown_frames(motion, fps), "filming", console=screen, transient=True):
        yield renderer.draw(layout.split(rows[frame : frame + 1]), None)


def _write(pictures: Iterator[np.ndarray], path: Path, size: tuple[int, int], fps: float) -> None:
    writer = imageio_ffmpeg.write_frames(
        str(path), size, fps=fps, codec="libx264", pix_fmt_out="yuv420p", quality=8, macro_block_size=2
    )
    writer.send(None)
    try:
        for picture in pictures:
            writer.send(np.ascontiguousarray(picture))
    finally:
        writer.close()
