# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions inspect`: what is in motion files, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protomotions_cli.commands.motions.options import (
    FpsOption,
    JobsOption,
    OrderOption,
    OwnRobotOption,
    SourcesArgument,
    UnitOption,
)
from protomotions_cli.console import print_facts, print_table
from protomotions_cli.errors import UsageError

if TYPE_CHECKING:
    from protomotions_cli.clip_facts import ClipFacts
    from protomotions_cli.motion_batches.inspection import Findings
    from protomotions_envs.motions import ReadOptions

_COLUMNS_OF_MOTIONS = {
    "name": "name",
    "seconds": "seconds",
    "fps": "fps",
    "mean root speed, m/s": "m/s",
    "frames in stance": "stance",
    "foot skating, cm/s": "skating, cm/s",
    "soles off ground, cm": "soles, cm",
    "below ground, cm": "below, cm",
    "outside limits, rad": "limits, rad",
    "self-collision, cm": "overlap, cm",
    "speed of motors": "motors",
}
_COLUMNS_OF_SKELETONS = {
    "name": "name",
    "seconds": "seconds",
    "fps": "fps",
    "joints": "joints",
    "tallest pose, m": "height, m",
    "lowest joint, m": "lowest, m",
    "mean root speed, m/s": "m/s",
    "root travel, m": "travel, m",
}


def inspect(
    sources: SourcesArgument,
    robot: OwnRobotOption = None,
    plot: Annotated[Path | None, typer.Option(help="Draw one clip over time to this .png file.")] = None,
    clip: Annotated[str | None, typer.Option(help="Name of the clip to draw, of a file that has several.")] = None,
    fps: FpsOption = None,
    quaternion_order: OrderOption = None,
    metres_per_unit: UnitOption = None,
    jobs: JobsOption = 0,
) -> None:
    """Check clips against a robot and show what is in them, and what is wrong with them.

    Of motion that isn't the robot's own it shows what retargeting will go by.
    """
    from protomotions_cli.motion_batches.inspection import Inspection
    from protomotions_cli.motion_batches.plan import plan_files
    from protomotions_cli.motion_batches.reporting import progress
    from protomotions_cli.motion_batches.running import Task, number_of_jobs, run_all
    from protomotions_cli.robot_clips import read_options, robot_of

    options = read_options(fps, quaternion_order, metres_per_unit)
    robot = robot_of(sources, robot)
    files = [file.source for file in plan_files(sources).files]
    if plot is not None:
        _plot(sources, robot, options, plot, clip)
    processes = number_of_jobs(jobs, len(files))
    results = run_all(Task(Inspection(robot, options), _defect), files, processes)
    findings = sorted(progress(results, len(files)), key=lambda found: found.source)
    if len(files) == 1 and findings[0].failure:
        raise UsageError(findings[0].failure)
    _print(findings)
    if any(found.failure for found in findings):
        raise typer.Exit(1)


def _defect(file: Path, reason: str) -> Findings:
    from protomotions_cli.motion_batches.inspection import Findings

    return Findings(file, failure=reason)


def _print(findings: Sequence[Findings]) -> None:
    motions = [clip for found in findings for clip in found.motions]
    skeletons = [clip for found in findings for clip in found.skeletons]
    if len(motions) + len(skeletons) == 1:
        source = next(found.source for found in findings if found.motions or found.skeletons)
        print_facts(str(source), (*motions, *skeletons)[0].facts.items())
    else:
        _print_table(f"{len(motions)} clips of the robot", _COLUMNS_OF_MOTIONS, motions)
        _print_table(f"{len(skeletons)} clips of other skeletons", _COLUMNS_OF_SKELETONS, skeletons)
    for found in findings:
        if found.failure:
            print(f"failed: {found.source}: {found.failure}")


def _print_table(title: str, columns: Mapping[str, str], clips: Sequence[ClipFacts]) -> None:
    if not clips:
        return
    rows = [[_cell(clip, name) for name in columns] for clip in clips]
    if any(clip.to_look_at for clip in clips):
        title += "; * is worth a look"
    print_table(title, list(columns.values()), rows)


def _cell(clip: ClipFacts, name: str) -> str:
    # Where the worst of something is, is said of single clips only.
    return str(clip.facts[name]).partition(" (")[0].partition(" of ")[0] + " *" * (name in clip.to_look_at)


def _plot(sources: Sequence[Path], robot: str, options: ReadOptions, path: Path, clip: str | None) -> None:
    from protomotions_cli.motion_plot import check_plotting, plot_motion
    from protomotions_cli.robot_clips import one_clip, robot_named

    if len(sources) != 1:
        raise UsageError(f"--plot draws one clip, but {len(sources)} files are given; give one")
    check_plotting(path)
    plot_motion(one_clip(sources[0], robot, options, name=clip), robot_named(robot), path)
    print(f"Drawn to {path}.")
