# SPDX-License-Identifier: Apache-2.0
"""Which files a command about motions reads, and where the clips of each of them go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from protomotions_cli.errors import UsageError

NOT_MOTION = "no motion file"
"""Why a file of a folder is passed over."""


@dataclass(frozen=True)
class PlannedFile:
    """One file to read."""

    source: Path
    """What is read."""
    target: Path
    """Where its clip goes, a name that ends in .npz. Several clips go to a folder of this name without the ending."""


@dataclass(frozen=True)
class BatchPlan:
    """All files of a command."""

    files: tuple[PlannedFile, ...]
    """What is read, in the order of the arguments, sorted by name within a folder."""
    passed_over: tuple[Path, ...] = ()
    """Files in the folders that hold no motion."""
    to_one_file: bool = False
    """Whether the output is the name of a clip, not of a folder."""


def plan_files(sources: Sequence[Path]) -> BatchPlan:
    """Return the motion files that some files and folders stand for; their targets are names relative to the folders.

    Raises:
        MotionError: A source doesn't exist, or is a folder without motion files.
    """
    return _plan(sources, Path())


def plan_batch(sources: Sequence[Path], target: Path) -> BatchPlan:
    """Return what becomes of files and folders; the structure of a folder is kept below the output folder.

    Args:
        sources: Files and folders. Of a folder that has the output folder in it, what lies there is left out.
        target: An output folder, or a name that ends in .npz if there is only one file.

    Raises:
        MotionError: A source doesn't exist, or is a folder without motion files.
        UsageError: The output is no folder, a clip would replace what is read, or two clips would have one name.
    """
    plan = _plan(sources, target)
    if target.suffix == ".npz" and not target.is_dir():
        plan = _to_one_file(plan, target)
    else:
        _check_folder(target)
    _check_targets(plan.files)
    return plan


def check_no_clips(folder: Path) -> None:
    """Check that a folder has no clips, because those of an earlier run could not be told from new ones.

    Raises:
        UsageError: It has some.
    """
    there = next((path for path in folder.rglob("*.npz") if not path.name.startswith(".")), None)
    if there is not None:
        raise UsageError(f"{folder} has clips already, such as {there}; give a new folder, or delete this one first")


def _plan(sources: Sequence[Path], target: Path) -> BatchPlan:
    files: dict[PlannedFile, None] = {}
    passed_over: list[Path] = []
    for source in sources:
        found = _motion_files(source)
        folder, others = source.parent, []
        if _is_folder(source):
            folder, others = source, sorted(_visible_files(source) - set(found))
        inside = source.resolve() in target.resolve().parents
        for file in found:
            if not (inside and _lies_in(file, target)):
                files[PlannedFile(file, (target / file.relative_to(folder)).with_suffix(".npz"))] = None
        passed_over += [file for file in others if not (inside and _lies_in(file, target))]
    return BatchPlan(tuple(files), tuple(passed_over))


def _is_folder(source: Path) -> bool:
    from protomotions_envs.motions.pack import is_pack

    # A pack is a folder too, but is read like a file.
    return source.is_dir() and not is_pack(source)


def _motion_files(source: Path) -> list[Path]:
    from protomotions_envs.motions import motion_files

    return motion_files(source) if _is_folder(source) or not source.is_dir() else [source]


def _lies_in(file: Path, folder: Path) -> bool:
    return folder.resolve() in file.resolve().parents


def _visible_files(folder: Path) -> set[Path]:
    return {file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".")}


def _to_one_file(plan: BatchPlan, target: Path) -> BatchPlan:
    if len(plan.files) != 1:
        raise UsageError(f"there are {len(plan.files)} files to read; give a folder for their clips, not {target}")
    return BatchPlan((PlannedFile(plan.files[0].source, target),), plan.passed_over, to_one_file=True)


def _check_folder(target: Path) -> None:
    from protomotions_envs.motions import motion_suffixes

    if target.is_dir():
        return
    if target.exists() or target.suffix in motion_suffixes():
        raise UsageError(f"{target} is no folder; clips are written to a folder, a single one also to a name.npz")


def _check_targets(files: Sequence[PlannedFile]) -> None:
    taken: dict[Path, Path] = {}
    for file in files:
        if file.source.resolve() == file.target.resolve():
            raise UsageError(f"{file.source} would be replaced by its own clip; write to another folder or name")
        other = taken.setdefault(file.target, file.source)
        if other != file.source:
            raise UsageError(
                f"{other} and {file.source} would both be written to {file.target}; write them to different folders"
            )
