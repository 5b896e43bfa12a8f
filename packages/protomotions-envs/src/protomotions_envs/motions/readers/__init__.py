# SPDX-License-Identifier: Apache-2.0
"""Readers of motion files. A new format is one module with a `FORMAT` and one line in `FORMATS`."""

from __future__ import annotations

from pathlib import Path

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.joint_transfer import has_joints_of, transfer_joints
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.pack import is_pack, open_pack, unpack
from protomotions_envs.motions.readers.motion_format import (
    MotionFormat,
    QuaternionOrder,
    ReadOptions,
    SkeletonFormat,
)
from protomotions_envs.motions.readers.people import amass, asf_amc, bvh, deepmimic, poselib
from protomotions_envs.motions.readers.robots import (
    beyondmimic,
    csv,
    gmr,
    isaaclab_amp,
    npz,
    phuma,
    proto_motion,
    proto_pack,
)
from protomotions_envs.motions.readers.robots.csv import read_csv
from protomotions_envs.motions.readers.robots.proto_motion import read_proto_motion
from protomotions_envs.motions.readers.robots.proto_pack import read_proto_pack
from protomotions_envs.motions.readers.yaml_list import read_yaml_list
from protomotions_envs.motions.skeleton import SkeletonMotion, check_skeleton_motion
from protomotions_envs.motions.validation import check_motion, fit_to_robot
from protomotions_envs.robots.robot import Robot

_LFS_POINTER = b"version https://git-lfs"


def load_clips(path: str | Path, robot: Robot, options: ReadOptions | None = None) -> list[Motion | SkeletonMotion]:
    """Read clips as `load_motions` does, but return those of other skeletons than the robot's as they are.

    Args:
        path: A file, a folder or a pack.
        robot: The robot that is to follow the clips, perhaps after retargeting.
        options: What files may not say of themselves, such as their rate.

    Raises:
        MotionError: As `load_motions`, but not for a human skeleton that isn't the robot's.
    """
    path, options = Path(path), options or ReadOptions()
    if is_pack(path):
        return list(unpack(open_pack(path, robot), robot))
    return [clip for file in motion_files(path) for clip in _load_file(file, robot, options)]


def load_motions(path: str | Path, robot: Robot, options: ReadOptions | None = None) -> list[Motion]:
    """Read the clips of a file of any known format, or of all such files in a folder and its subfolders.

    Every clip is checked (`check_motion`) and brought into the robot's order (`fit_to_robot`). In a folder, files are
    read in the order of their names; hidden ones, lists of files and unknown kinds are passed over.

    Args:
        path: A file or a folder.
        robot: The robot that is to follow the clips.
        options: What files may not say of themselves, such as their rate.

    Raises:
        MotionError: The file is missing, empty, unreadable or of an unknown kind, or a clip is not sound or not for
            this robot. The message is one line and names the file.
    """
    return [_require_robot(clip, robot) for clip in load_clips(path, robot, options)]


def motion_suffixes() -> tuple[str, ...]:
    """Return the endings of the file names that can be read, sorted."""
    return tuple(sorted({suffix for kind in FORMATS for suffix in kind.suffixes}))


def motion_files(path: str | Path) -> list[Path]:
    """Return the motion files that a file or a folder with its subfolders stands for, sorted by name.

    Raises:
        MotionError: There is no such file, or the folder has none.
    """
    path = Path(path)
    if not path.exists():
        raise MotionError(f"No such motion file or folder: {path}")
    if not path.is_dir():
        return [path]
    kinds = [kind for kind in FORMATS if not kind.names_other_files]
    suffixes = {suffix for kind in kinds for suffix in kind.suffixes}
    files = [
        file
        for file in sorted(path.rglob("*"))
        if file.suffix.lower() in suffixes and not file.name.startswith(".") and file.is_file() and not _is_note(file)
    ]
    if not files:
        raise MotionError(f"{path} has no motion files; expected {', '.join(sorted(suffixes))}")
    return files


def _is_note(path: Path) -> bool:
    """Return whether a file that could be motion by its name is something else, such as a licence beside clips."""
    return path.suffix.lower() == ".txt" and not any(
        kind.recognises(path) for kind in FORMATS if ".txt" in kind.suffixes
    )


def _load_file(path: Path, robot: Robot, options: ReadOptions) -> list[Motion | SkeletonMotion]:
    kind = _format_of(path)
    try:
        _check_content(path)
        if isinstance(kind, SkeletonFormat):
            return [_accept_skeleton(clip, robot, path.name) for clip in kind.read(path, options)]
        motions = kind.read(path, robot, options)
    except OSError as error:
        raise MotionError(f"{path} can't be read: {error.strerror or error}") from error
    return [_accept(motion, robot, path.name, len(motions) == 1) for motion in motions]


def _accept_skeleton(clip: SkeletonMotion, robot: Robot, file: str) -> Motion | SkeletonMotion:
    clip = check_skeleton_motion(clip, file)
    if not has_joints_of(clip.skeleton, robot):
        return clip
    return _accept(transfer_joints(clip, robot, label=file), robot, file, only_one=True)


def _require_robot(clip: Motion | SkeletonMotion, robot: Robot) -> Motion:
    if isinstance(clip, Motion):
        return clip
    raise MotionError(
        f"{clip.name} moves another skeleton than that of robot {robot.name!r}; make a clip of it first: "
        f"protomotions motions retarget FILE OUT --robot {robot.name}"
    )


def _accept(motion: Motion, robot: Robot, file: str, only_one: bool) -> Motion:
    label = file if only_one else f"{file} ({motion.name})"
    return fit_to_robot(check_motion(motion, label), robot, label)


def _load_listed_file(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    # A list that names lists could name itself.
    if any(path.suffix.lower() in kind.suffixes for kind in FORMATS if kind.names_other_files):
        raise MotionError(f"{path.name} is itself a list; name its files instead")
    if not path.exists():
        raise MotionError(f"No such motion file or folder: {path}")
    return [_require_robot(clip, robot) for clip in _load_file(path, robot, options)]


def _format_of(path: Path) -> MotionFormat | SkeletonFormat:
    kinds = [kind for kind in FORMATS if path.suffix.lower() in kind.suffixes]
    if not kinds:
        raise MotionError(
            f"{path.name}: files ending in {path.suffix or 'nothing'!r} are not read; "
            f"give {', '.join(motion_suffixes())} or a folder of such files"
        )
    # If no format knows the file, the last one says what is wrong with it.
    return next((kind for kind in kinds if kind.recognises(path)), kinds[-1])


def _check_content(path: Path) -> None:
    """Raise MotionError for what is no motion in any format: a device, an empty file, a Git LFS pointer."""
    if not path.is_file():
        raise MotionError(f"{path.name} is neither a file nor a folder")
    with path.open("rb") as file:
        start = file.read(len(_LFS_POINTER))
    if not start:
        raise MotionError(f"{path.name} is an empty file; copy or convert it again")
    if start == _LFS_POINTER:
        raise MotionError(f"{path.name} is a Git LFS pointer, not the data; run `git lfs pull` where it comes from")


def _read_list(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    return read_yaml_list(path, lambda file, own_options: _load_listed_file(file, robot, own_options), options)


FORMATS: tuple[MotionFormat | SkeletonFormat, ...] = (
    amass.FORMAT,
    isaaclab_amp.FORMAT,
    beyondmimic.FORMAT,
    npz.FORMAT,
    poselib.FORMAT,
    phuma.FORMAT,
    gmr.FORMAT,
    csv.FORMAT,
    proto_motion.FORMAT,
    proto_pack.FORMAT,
    asf_amc.FORMAT,
    bvh.FORMAT,
    deepmimic.FORMAT,
    MotionFormat("list of motion files", (".yaml", ".yml"), _read_list, names_other_files=True),
)
"""Every known format; of those with the same suffix, the first that recognises a file reads it."""

__all__ = [
    "FORMATS",
    "MotionFormat",
    "QuaternionOrder",
    "ReadOptions",
    "SkeletonFormat",
    "load_clips",
    "load_motions",
    "motion_files",
    "motion_suffixes",
    "read_csv",
    "read_proto_motion",
    "read_proto_pack",
]
