# SPDX-License-Identifier: Apache-2.0
"""Whether a window or a video is possible here, found out before anything takes long."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from protomotions_cli.errors import UsageError


def has_display() -> bool:
    """Return whether a window can be opened."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def check_output(video: Path | None, width: int, height: int, *, name: str) -> None:
    """Check that a video can be written, or a window opened where there is to be none.

    Args:
        video: The file; None for a window.
        width: Of the video, pixels.
        height: Of the video, pixels.
        name: What a video could be called.

    Raises:
        UsageError: There is no display, no folder for the file, no OpenGL, or a size that can't be.
    """
    if video is None:
        if not has_display():
            raise UsageError(f"there is no display for a window; write a video instead: --video {name}.mp4")
        return
    _check_video(video, width, height)
    _load_opengl()


def _check_video(video: Path, width: int, height: int) -> None:
    if video.suffix != ".mp4":
        raise UsageError(f"--video {video} must end in .mp4")
    if not video.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {video.absolute().parent} to write the video to; make it first")
    # Half of the players can't show other than even sizes, because colours are stored for blocks of 2 x 2 pixels.
    if min(width, height) < 16 or width % 2 or height % 2:
        raise UsageError(f"--width {width} --height {height}: both must be even and at least 16")


def _load_opengl() -> None:
    """Import MuJoCo, which takes its way to draw from the environment variable MUJOCO_GL or breaks down over it."""
    try:
        import protomotions_envs  # noqa: F401  (chooses EGL where there is no screen)
    # Missing libraries surface as whatever the bindings stumble over first.
    except (AttributeError, ImportError, OSError, RuntimeError) as error:
        raise UsageError(
            f"OpenGL {os.environ.get('MUJOCO_GL', '')!r} can't be loaded ({error}), so no video can be made here; "
            "unset MUJOCO_GL, and on a machine without a screen install EGL: apt install libegl1 libgl1-mesa-dri"
        ) from error
