# SPDX-License-Identifier: Apache-2.0
"""`protomotions play`: watch a trained policy, in a window or as a video file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from protomotions_cli.errors import UsageError


def play(
    name: Annotated[str, typer.Argument(help="Name of the experiment, or the path of its results folder.")],
    video: Annotated[Path | None, typer.Option(help="Write an .mp4 file instead of opening a window.")] = None,
    seconds: Annotated[
        float | None, typer.Option(help="How long, s; the clips' whole length, at most a minute, if left out.")
    ] = None,
    motion: Annotated[str | None, typer.Option(help="Name of the clip; all in turn if left out.")] = None,
    motion_file: Annotated[
        str | None, typer.Option(help="Other clips than those of training: a file or a folder.")
    ] = None,
    checkpoint: Annotated[
        str | None, typer.Option(help="score_based, last, or a file; score_based where there is one.")
    ] = None,
    width: Annotated[int, typer.Option(help="Of the video, pixels.")] = 640,
    height: Annotated[int, typer.Option(help="Of the video, pixels.")] = 480,
    overrides: Annotated[list[str] | None, typer.Option(help="Settings to change, as in `train`.")] = None,
    results_dir: Annotated[Path, typer.Option(help="Where results folders are.")] = Path("results"),
) -> None:
    """Show a trained policy beside its reference, which is drawn as a ghost.

    An episode that loses its reference starts again from the clip's first frame.
    """
    if video is None and not _has_display():
        raise UsageError(f"there is no display for a window; write a video instead: --video {Path(name).name}.mp4")
    if video is not None:
        _check_video(video, width, height)
        _load_opengl()
    if seconds is not None and seconds <= 0:
        raise UsageError(f"--seconds must be positive, not {seconds:g}")
    from protomotions_cli.experiment import ExperimentArguments
    from protomotions_cli.playback import Playback
    from protomotions_cli.trained_run import open_run

    flags = ExperimentArguments(motion_file=motion_file, device="cpu")
    run = open_run(name, results_dir, checkpoint=checkpoint, flags=flags, overrides=overrides or ())
    playback = Playback(run, motion, seconds)
    try:
        if video is None:
            from protomotions_cli.viewer import watch

            watch(playback)
        else:
            from protomotions_cli.video import film

            film(playback, video, width, height)
            print(f"Written to {video}: {playback.seconds:.1f} s, {width} x {height} at {playback.fps} frames/s.")
    finally:
        playback.close()


def _has_display() -> bool:
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


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
