# SPDX-License-Identifier: Apache-2.0
"""What a file format offers to the loader, and what a caller may tell a reader about files that don't say it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, TypeAlias

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.skeleton import SkeletonMotion
from protomotions_envs.robots.robot import Robot

QuaternionOrder: TypeAlias = Literal["wxyz", "xyzw"]


@dataclass(frozen=True)
class ReadOptions:
    """What a file doesn't say of itself; formats that do say it ignore the option."""

    fps: float | None = None
    """Frames per second; None for what is usual in the format."""
    quaternion_order: QuaternionOrder | None = None
    """Order of quaternion components; None to detect it."""
    metres_per_unit: float | None = None
    """Length of the file's unit, m; None to detect it from the size of the skeleton."""

    def __post_init__(self) -> None:
        if self.quaternion_order not in (None, "wxyz", "xyzw"):
            raise MotionError(f"Unknown quaternion order {self.quaternion_order!r}; give 'wxyz', 'xyzw' or None")


Reader: TypeAlias = Callable[[Path, Robot, ReadOptions], list[Motion]]
"""Reads the clips of one file for a robot; raises MotionError for whatever it can't read."""


def _any_file(path: Path) -> bool:
    return True


@dataclass(frozen=True)
class MotionFormat:
    """A kind of motion file. Adding one is a module with a reader and one line in `readers/__init__.py`."""

    name: str
    """For messages and listings."""
    suffixes: tuple[str, ...]
    """Endings of its file names, in lower case."""
    read: Reader
    """Reads a file."""
    recognises: Callable[[Path], bool] = _any_file
    """Tells formats of the same suffix apart by a look into the file; never raises. The first that says yes reads."""
    names_other_files: bool = False
    """A list of files rather than motion; passed over where a whole folder is read, which has the files themselves."""


SkeletonReader: TypeAlias = Callable[[Path, ReadOptions], list[SkeletonMotion]]
"""Reads the clips of one file, whoever is to follow them; raises MotionError for whatever it can't read."""


@dataclass(frozen=True)
class SkeletonFormat:
    """A kind of file with the motion of people or characters; adding one goes as for `MotionFormat`."""

    name: str
    """For messages and listings."""
    suffixes: tuple[str, ...]
    """Endings of its file names, in lower case."""
    read: SkeletonReader
    """Reads a file."""
    recognises: Callable[[Path], bool] = _any_file
    """As in `MotionFormat`."""
    names_other_files: ClassVar[bool] = False
    """Never a list of files."""
