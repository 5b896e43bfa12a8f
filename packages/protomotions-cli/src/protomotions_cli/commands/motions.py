# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions`: look at, convert and make motion clips."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from protomotions_cli.console import print_facts, print_table
from protomotions_cli.errors import UsageError

if TYPE_CHECKING:
    from protomotions_envs.motions import Motion, ReadOptions

app = typer.Typer(help="Look at, convert and make motion clips.", no_args_is_help=True)

RobotOption = Annotated[str, typer.Option("--robot", "--robot-name", help="Robot that the motion is for.")]
FpsOption = Annotated[
    float | None, typer.Option("--fps", help="Frames per second of files that don't say it; 60 is usual for CSV.")
]
OrderOption = Annotated[
    str | None, typer.Option(help="Quaternion order of files that don't say it, wxyz or xyzw; found out if left out.")
]


@app.command("inspect")
def inspect(
    file: Annotated[Path, typer.Argument(help="A motion file, or a folder of them.")],
    robot: RobotOption = "g1",
    fps: FpsOption = None,
    quaternion_order: OrderOption = None,
) -> None:
    """Check clips against a robot and show what is in them."""
    clips = _load(file, robot, _options(fps, quaternion_order))
    if len(clips) == 1:
        print_facts(str(file), _facts(clips[0]).items())
        return
    facts = [_facts(clip) for clip in clips]
    columns = [name for name in facts[0] if name not in ("joints", "bodies", "source", "licence")]
    print_table(f"{file}: {len(clips)} clips", columns, [[fact[name] for name in columns] for fact in facts])


@app.command("convert")
def convert(
    source: Annotated[Path, typer.Argument(help="A motion file of any known format, or a folder of them.")],
    target: Annotated[Path, typer.Argument(help="The .npz file to write; a folder where there are several clips.")],
    robot: RobotOption = "g1",
    fps: FpsOption = None,
    quaternion_order: OrderOption = None,
) -> None:
    """Convert clips to the self-describing .npz format; they are checked against the robot first."""
    clips = _load(source, robot, _options(fps, quaternion_order))
    if len(clips) == 1 and target.suffix == ".npz":
        _write([(clips[0], target)])
        return
    if target.suffix:
        raise UsageError(
            f"{source} holds {len(clips)} clip(s); write one clip to a name ending in .npz, several to a folder"
        )
    names = [clip.name for clip in clips]
    doubles = sorted({name for name in names if names.count(name) > 1})
    if doubles:
        raise UsageError(f"{source} has several clips named {', '.join(doubles)}; convert them one by one")
    _write([(clip, target / f"{clip.name}.npz") for clip in clips])


@app.command("generate")
def generate(
    target: Annotated[Path, typer.Argument(help="The folder to write to; made if needed.")],
    clip: Annotated[str | None, typer.Option(help="Name of one clip; all if left out.")] = None,
    robot: RobotOption = "g1",
) -> None:
    """Make the built-in clips again, by inverse kinematics with planted feet."""
    try:
        from protomotions_envs.motions.generation import clip_names, generate_clip
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed; run: pip install 'protomotions-envs[generate]'") from error
    from protomotions_envs.robots import load_robot

    model = load_robot(robot)
    names = clip_names(model.name) if clip is None else (clip,)
    if not names:
        raise UsageError(f"no clips can be generated for robot {robot!r}")
    for name in names:
        _write([(generate_clip(model, name), target / f"{name}.npz")])


@app.command("list")
def list_builtin(robot: RobotOption = "g1") -> None:
    """List the clips that ship with the package."""
    from protomotions_envs.motions import builtin_motions, default_motion, read_motion
    from protomotions_envs.robots import load_robot

    model = load_robot(robot)
    default = default_motion(model)
    rows = [
        (
            name,
            f"{(clip := read_motion(path)).duration:.2f}",
            f"{clip.fps:g}",
            clip.licence,
            "yes" if path == default else "",
        )
        for name, path in builtin_motions(model).items()
    ]
    print_table(f"Built-in clips for {robot}", ["name", "seconds", "fps", "licence", "default"], rows)
    if default is not None:
        print(f"Their files are in {default.parent}.")


def _options(fps: float | None, quaternion_order: str | None) -> ReadOptions:
    from protomotions_envs.motions import ReadOptions

    # ReadOptions refuses other texts itself.
    return ReadOptions(fps, quaternion_order)  # ty: ignore[invalid-argument-type]


def _load(path: Path, robot: str, options: ReadOptions) -> list[Motion]:
    from protomotions_envs.motions import load_motions
    from protomotions_envs.robots import load_robot

    return load_motions(path, load_robot(robot), options)


def _facts(clip: Motion) -> dict[str, object]:
    root = clip.body_pos[:, 0]
    return {
        "name": clip.name,
        "robot": clip.robot,
        "seconds": f"{clip.duration:.2f}",
        "frames": clip.num_frames,
        "fps": f"{clip.fps:g}",
        "joints": len(clip.joint_names),
        "bodies": len(clip.body_names),
        "root height, m": f"{root[:, 2].min():.3f} to {root[:, 2].max():.3f}",
        "root travel, m": f"{((root[-1, :2] - root[0, :2]) ** 2).sum() ** 0.5:.2f}",
        "fastest joint, rad/s": f"{abs(clip.joint_vel).max():.1f}",
        "frames with contact": f"{100 * clip.body_contact.any(axis=1).mean():.0f} %",
        "weight": f"{clip.weight:g}",
        "source": clip.source or "unknown",
        "licence": clip.licence or "unknown",
    }


def _write(clips: list[tuple[Motion, Path]]) -> None:
    from protomotions_envs.motions import save_motion

    for clip, path in clips:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"can't make the folder {path.parent}: {error.strerror}") from error
        save_motion(clip, path)
        print(f"wrote {path}: {clip.num_frames} frames, {clip.duration:.2f} s")
