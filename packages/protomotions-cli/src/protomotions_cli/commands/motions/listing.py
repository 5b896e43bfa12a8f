# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions list`: the clips that ship with the package."""

from __future__ import annotations

from protomotions_cli.commands.motions.options import RobotOption
from protomotions_cli.console import print_table


def list_builtin(robot: RobotOption = "g1") -> None:
    """List the clips that ship with the package."""
    from protomotions_cli.robot_clips import robot_named
    from protomotions_envs.motions import builtin_motions, default_motion, read_motion

    model = robot_named(robot)
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
