# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions generate`: make the built-in clips again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from protomotions_cli.commands.motions.options import RobotOption
from protomotions_cli.errors import UsageError


def generate(
    target: Annotated[Path, typer.Argument(help="The folder to write to; made if needed.")],
    clip: Annotated[str | None, typer.Option(help="Name of one clip; all if left out.")] = None,
    robot: RobotOption = "g1",
) -> None:
    """Make the built-in clips again, by inverse kinematics with planted feet."""
    try:
        from protomotions_envs.motions.generation import clip_names, generate_clip
    except ModuleNotFoundError as error:
        raise UsageError(f"{error.name} is not installed; run: pip install 'protomotions-envs[retarget]'") from error
    from protomotions_cli.robot_clips import robot_named, write_clip

    model = robot_named(robot)
    names = clip_names(model.name) if clip is None else (clip,)
    if not names:
        raise UsageError(f"no clips can be generated for robot {robot!r}")
    for name in names:
        motion, path = generate_clip(model, name), target / f"{name}.npz"
        write_clip(motion, path)
        print(f"wrote {path}: {motion.num_frames} frames, {motion.duration:.2f} s")
