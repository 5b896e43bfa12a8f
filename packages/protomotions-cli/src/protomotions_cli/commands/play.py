# SPDX-License-Identifier: Apache-2.0
"""`protomotions play`: watch a trained policy, in a window or as a video file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from protomotions_cli.errors import UsageError
from protomotions_cli.screen import check_output


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
    check_output(video, width, height, name=Path(name).name)
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
            from protomotions_cli.video import VideoFormat, film

            form = VideoFormat(width, height, playback.fps)
            film(playback.moments(), playback.num_frames, playback.env.robot, video, form)
            print(f"Written to {video}: {playback.seconds:.1f} s, {width} x {height} at {playback.fps} frames/s.")
    finally:
        playback.close()
