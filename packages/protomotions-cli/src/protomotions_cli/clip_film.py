# SPDX-License-Identifier: Apache-2.0
"""A clip as it is, without physics: as a video file or in a window."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import mujoco
import numpy as np
from mujoco.viewer import launch_passive

from protomotions_cli.video import Moment, VideoFormat, film
from protomotions_envs.motions import Motion
from protomotions_envs.motions.frame_rows import pack_frames
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
    shown = shown_frames(motion, fps)
    film(_moments(motion, robot, shown), len(shown), robot, path, VideoFormat(width, height, fps))
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


def _moments(motion: Motion, robot: Robot, shown: np.ndarray) -> Iterator[Moment]:
    rows = pack_frames(motion)
    layout = StateLayout(robot.num_joints, robot.num_bodies)
    for frame in shown:
        yield Moment(layout.split(rows[frame : frame + 1]))
