# SPDX-License-Identifier: Apache-2.0
"""`protomotions play`: watch a trained policy, in a window or as a video file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protomotions_cli.errors import UsageError
from protomotions_cli.screen import check_output, has_display

if TYPE_CHECKING:
    from protomotions_cli.playback import Playback

_CONTROL = "Control"


def play(
    name: Annotated[str, typer.Argument(help="Name of the experiment, or the path of its results folder.")],
    video: Annotated[Path | None, typer.Option(help="Write an .mp4 file instead of opening a window.")] = None,
    seconds: Annotated[
        float | None,
        typer.Option(help="How long, s. If left out: the clips' length, at most a minute; without clips 20 s."),
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
    keyboard: Annotated[
        bool,
        typer.Option(
            "--keyboard", help="Drive the robot by W/A/S/D or arrow keys in this terminal.", rich_help_panel=_CONTROL
        ),
    ] = False,
    commands: Annotated[
        Path | None,
        typer.Option(
            help="YAML list of what to do when: {at: 2, speed: 1.5, direction: 90, facing: 0}, {at: 2, target: [2, 1]} "
            "or {at: 2, path: [[0, 0], [2, 1]], speed: 1}; s, m/s, degrees, m.",
            rich_help_panel=_CONTROL,
        ),
    ] = None,
    latent: Annotated[
        str | None, typer.Option(help="Skill of an ASE policy: a seed, or a .npy file.", rich_help_panel=_CONTROL)
    ] = None,
    interpolate: Annotated[
        tuple[str, str] | None,
        typer.Option(help="Go over from one skill to another, each as for --latent.", rich_help_panel=_CONTROL),
    ] = None,
) -> None:
    """Show a trained policy, beside its reference or with its goal.

    An episode that ends early, by a fall for instance, starts again. The physics is MuJoCo's on a CPU, whatever the
    policy was trained on; `--overrides env.simulator=NAME` takes another.
    """
    if not keyboard or has_display():
        check_output(video, width, height, name=Path(name).name)
    if seconds is not None and seconds <= 0:
        raise UsageError(f"--seconds must be positive, not {seconds:g}")
    from protomotions_cli.control.choice import ControlRequest, chosen_control
    from protomotions_cli.experiment import ExperimentArguments
    from protomotions_cli.playback import Playback
    from protomotions_cli.trained_run import open_run

    request = ControlRequest(keyboard=keyboard, commands=commands, latent=latent, interpolate=interpolate)
    request.check(video)
    flags = ExperimentArguments(motion_file=motion_file, device="cpu", simulator="mujoco")
    run = open_run(name, results_dir, checkpoint=checkpoint, flags=flags, overrides=overrides or ())
    with chosen_control(request, run.config) as control:
        playback = Playback(run, motion, seconds, control)
        try:
            _show(playback, video, width, height)
        finally:
            playback.close()


def _show(playback: Playback, video: Path | None, width: int, height: int) -> None:
    if video is not None:
        from protomotions_cli.video import VideoFormat, film

        form = VideoFormat(width, height, playback.fps)
        film(playback.moments(), playback.num_frames, playback.env.robot, video, form)
        print(f"Written to {video}: {playback.seconds:.1f} s, {width} x {height} at {playback.fps} frames/s.")
    elif has_display():
        from protomotions_cli.viewer import watch

        watch(playback)
    else:
        from protomotions_cli.pacing import run_unseen

        run_unseen(playback)
