# SPDX-License-Identifier: Apache-2.0
"""Other people's `.npz` archives: named plain arrays, of which only those that are asked for are unpacked."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.readers.files.npy_content import plain_array
from protomotions_envs.motions.readers.files.torch_archive import number_array, require_keys

LARGEST_CONTENT = 2**30
"""Bytes that the arrays of a file may take when unpacked, hours of motion; a small file may unpack to any size."""


def npz_keys(path: Path) -> frozenset[str]:
    """Return the names of the arrays in an archive, none if it can't be read; never raises."""
    try:
        # Opening a pipe would wait for ever.
        if not path.is_file():
            return frozenset()
        with zipfile.ZipFile(path) as archive:
            return frozenset(name.removesuffix(".npy") for name in archive.namelist())
    # Damaged bytes surface as whatever the zip parser stumbles over first.
    except Exception:
        return frozenset()


def load_npz_arrays(path: Path, required: Sequence[str], optional: Sequence[str], what: str) -> dict[str, np.ndarray]:
    """Return arrays of an archive by name; those that are optional and missing are left out.

    Args:
        path: The file.
        required: Names of arrays that must be there.
        optional: Names of others to read.
        what: What the file should be, for the error, such as "a BeyondMimic clip".

    Raises:
        MotionError: The file is missing, damaged or larger unpacked than `LARGEST_CONTENT`, an array lacks or is
            not one of plain numbers or texts.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            printable = [name for name in archive.namelist() if name.isprintable()]
            members = {name.removesuffix(".npy"): archive.getinfo(name) for name in printable}
            require_keys(members, required, path, what)
            wanted = {key: members[key] for key in (*required, *optional) if key in members}
            size = sum(member.file_size for member in wanted.values())
            if size > LARGEST_CONTENT:
                raise MotionError(
                    f"{path.name} unpacks to {size:,} bytes; expected {LARGEST_CONTENT:,} at most: cut it"
                )
            return {key: plain_array(_unpack(archive, member)) for key, member in wanted.items()}
    except MotionError:
        raise
    except FileNotFoundError as error:
        raise MotionError(f"No such motion file: {path}") from error
    # Damaged bytes surface as whatever the zip, zlib or header parser stumbles over first.
    except Exception as error:
        raise MotionError(
            f"{path.name} is damaged: not a readable .npz archive of plain arrays ({type(error).__name__}); "
            "copy it or convert it again"
        ) from error


def name_list(content: Mapping[str, np.ndarray], key: str, path: Path) -> tuple[str, ...]:
    """Return an array of texts as names.

    Raises:
        MotionError: It is something else, or a name stands there twice.
    """
    array = content[key]
    names = tuple(array.tolist()) if array.ndim == 1 and array.dtype.kind == "U" else ()
    if len(set(names)) != array.size or not all(map(str.isprintable, names)):
        raise MotionError(f"{path.name}: {key} is not a list of names that differ; convert the clip again")
    return names


def single_number(content: Mapping[str, np.ndarray], key: str, path: Path) -> float:
    """Return a number, which may stand in an array of its own.

    Raises:
        MotionError: It is not one number.
    """
    shape = (1,) if content[key].shape == (1,) else ()
    return float(number_array(content, key, path, shape).reshape(()))


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        # A limit, because a damaged directory may state less than there is.
        return file.read(member.file_size)
