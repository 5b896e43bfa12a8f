# SPDX-License-Identifier: Apache-2.0
"""Arguments that several commands about motions have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

SourcesArgument: TypeAlias = Annotated[
    list[Path], typer.Argument(metavar="IN", help="Motion files of any known format, and folders of them.")
]
TargetArgument: TypeAlias = Annotated[
    Path,
    typer.Argument(metavar="OUT", help="The folder to write to; for a single clip also a name that ends in .npz."),
]
FolderArgument: TypeAlias = Annotated[
    Path, typer.Argument(metavar="OUT", help="The folder to write to; it must not have clips yet.")
]
RobotOption: TypeAlias = Annotated[str, typer.Option("--robot", "--robot-name", help="Robot that the motion is for.")]
OwnRobotOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--robot",
        "--robot-name",
        help="Robot that the motion is for; if left out, the one that the files name, or else g1.",
        show_default=False,
    ),
]
FpsOption: TypeAlias = Annotated[
    float | None, typer.Option("--fps", help="Frames per second of files that don't say it; 60 is usual for CSV.")
]
OrderOption: TypeAlias = Annotated[
    str | None, typer.Option(help="Quaternion order of files that don't say it, wxyz or xyzw; found out if left out.")
]
UnitOption: TypeAlias = Annotated[
    float | None,
    typer.Option(
        help="Length of the unit of files that don't say it, m, such as 0.01; found out from the body's height if left "
        "out."
    ),
]
JobsOption: TypeAlias = Annotated[int, typer.Option(help="Files to work on at the same time; 0 for as many as cores.")]
OverwriteOption: TypeAlias = Annotated[
    bool, typer.Option("--overwrite", help="Make clips again that are there and newer than their source.")
]
DryRunOption: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Read and check everything, say what would be done, write nothing.")
]
