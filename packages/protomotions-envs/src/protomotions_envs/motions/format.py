# SPDX-License-Identifier: Apache-2.0
"""The `.npz` clip format of this project: one NumPy archive of plain arrays that explains itself.

Keys of version 1 (T frames, J joints, B bodies, the root is body 0):

| key | type | what |
|---|---|---|
| `format_version` | int | 1 |
| `name`, `robot`, `source`, `licence` | str | the clip, the robot it is for, where it comes from, SPDX identifier |
| `fps`, `weight` | float | frames per second; relative probability of being sampled |
| `quaternion_order` | str | `wxyz` |
| `units` | str | `m, rad, s; world frame, Z up` |
| `joint_names`, `body_names` | str [J], [B] | order of the axes below |
| `joint_pos`, `joint_vel` | float32 [T, J] | rad, rad/s |
| `body_pos`, `body_lin_vel` | float32 [T, B, 3] | body frame origins, m, m/s |
| `body_rot` | float32 [T, B, 4] | unit quaternions |
| `body_ang_vel` | float32 [T, B, 3] | rad/s |
| `body_contact` | bool [T, B] | ground contact of the feet |
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.motion import FRAME_ARRAYS, Motion
from protomotions_envs.motions.validation import check_motion

FORMAT_VERSION = 1
QUATERNION_ORDER = "wxyz"
UNITS = "m, rad, s; world frame, Z up"
_TEXTS = ("name", "robot", "source", "licence")
_NUMBERS = ("fps", "weight")
_NAMES = ("joint_names", "body_names")
_KEYS = ("format_version", "quaternion_order", *_TEXTS, *_NUMBERS, *_NAMES, *FRAME_ARRAYS)


def save_motion(motion: Motion, path: str | Path) -> None:
    """Write a clip; the file appears whole or not at all.

    Args:
        motion: The clip; it is checked first.
        path: A name that ends in `.npz`; its folder must exist.

    Raises:
        MotionError: The clip is not sound, or the file can't be written.
    """
    path = Path(path)
    if path.suffix != ".npz":
        raise MotionError(f"{path.name}: clips are written as .npz files; give a name that ends in .npz")
    motion = check_motion(motion, path.name)
    content = {key: np.array(getattr(motion, key)) for key in (*_TEXTS, *_NUMBERS, *_NAMES, *FRAME_ARRAYS)}
    content |= {
        "format_version": np.array(FORMAT_VERSION),
        "quaternion_order": np.array(QUATERNION_ORDER),
        "units": np.array(UNITS),
    }
    try:
        _write_atomically(path, content)
    except OSError as error:
        raise MotionError(f"{path} can't be written: {error.strerror or error}") from error


def read_motion(path: str | Path) -> Motion:
    """Read a clip as it was written and check its numbers, without a robot.

    Raises:
        MotionError: The file is missing, damaged, of another kind, of a newer version, or its numbers are not sound.
    """
    path = Path(path)
    content = _read_arrays(path)
    _check_header(content, path.name)
    for field in FRAME_ARRAYS:
        if content[field].dtype.kind not in "biuf" or content[field].ndim < 2:
            raise _damaged(path.name, f"{field} is not an array of numbers per frame")
    return check_motion(_motion(content, path.name), path.name)


def _motion(content: Mapping[str, np.ndarray], label: str) -> Motion:
    return Motion(
        name=_text(content, "name", label),
        robot=_text(content, "robot", label),
        fps=_number(content, "fps", label),
        joint_names=_name_list(content, "joint_names", label),
        body_names=_name_list(content, "body_names", label),
        joint_pos=content["joint_pos"],
        joint_vel=content["joint_vel"],
        body_pos=content["body_pos"],
        body_rot=content["body_rot"],
        body_lin_vel=content["body_lin_vel"],
        body_ang_vel=content["body_ang_vel"],
        body_contact=content["body_contact"],
        source=_text(content, "source", label),
        licence=_text(content, "licence", label),
        weight=_number(content, "weight", label),
    )


def _write_atomically(path: Path, content: Mapping[str, np.ndarray]) -> None:
    # A hidden neighbour on the same file system, so that the rename can't be a copy and folders aren't littered.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with unfinished.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except FileNotFoundError as error:
        raise MotionError(f"No such motion file: {path}") from error
    # Damaged bytes surface as whatever the zip, zlib or header parser stumbles over first: a dozen exception types.
    except Exception as error:
        raise _damaged(path.name, f"not a readable .npz archive of plain arrays ({type(error).__name__})") from error


def _check_header(content: Mapping[str, np.ndarray], label: str) -> None:
    if "format_version" not in content:
        raise MotionError(
            f"{label} is an .npz archive but not a ProtoMotions clip: it has no format_version, only "
            f"{', '.join(sorted(content)[:8]) or 'nothing'}. Convert it first"
        )
    version = int(_number(content, "format_version", label))
    if version > FORMAT_VERSION:
        raise MotionError(
            f"{label} has format version {version}, newer than {FORMAT_VERSION}; upgrade protomotions-envs to read it"
        )
    missing = [key for key in _KEYS if key not in content]
    if version < 1 or missing:
        raise _damaged(label, f"version {version} without {', '.join(missing) or 'meaning'}")
    order = _text(content, "quaternion_order", label)
    if order != QUATERNION_ORDER:
        raise MotionError(f"{label} has quaternions in the order {order!r}; expected {QUATERNION_ORDER!r}")


def _text(content: Mapping[str, np.ndarray], key: str, label: str) -> str:
    array = content[key]
    if array.shape != () or array.dtype.kind != "U":
        raise _damaged(label, f"{key} is not a text")
    return str(array)


def _number(content: Mapping[str, np.ndarray], key: str, label: str) -> float:
    array = content[key]
    if array.shape != () or array.dtype.kind not in "iuf" or not np.isfinite(array):
        raise _damaged(label, f"{key} is not a number")
    return float(array)


def _name_list(content: Mapping[str, np.ndarray], key: str, label: str) -> tuple[str, ...]:
    array = content[key]
    if array.ndim != 1 or array.dtype.kind != "U":
        raise _damaged(label, f"{key} is not a list of names")
    return tuple(str(name) for name in array)


def _damaged(label: str, what: str) -> MotionError:
    return MotionError(f"{label} is damaged: {what}; copy it or convert it again from its source")
