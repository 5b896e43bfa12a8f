# SPDX-License-Identifier: Apache-2.0
"""Dictionaries of arrays in `.npy` and pickle files, read without executing anything that a file may carry."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.readers.files import torch_archive
from protomotions_envs.motions.readers.files.inert_pickle import UnsafePickleError, load_inert_pickle
from protomotions_envs.motions.readers.files.npy_content import MAGIC, split_header
from protomotions_envs.motions.readers.files.pickled_array import PickledArray

_LONGEST_NAME = 80


def load_pickled_dictionary(path: Path) -> dict[str, object]:
    """Return the dictionary in a file of `numpy.save` or of `pickle.dump`; arrays in it are `PickledArray`.

    Raises:
        MotionError: The file is missing, damaged, no dictionary, or would need code to load.
    """
    try:
        value = _load(path.read_bytes())
    except FileNotFoundError as error:
        raise MotionError(f"No such motion file: {path}") from error
    except OSError as error:
        raise MotionError(f"{path} can't be read: {error.strerror or error}") from error
    except UnsafePickleError as error:
        # The name is the file's: it could be of any length, over many lines, or impossible to print.
        name = " ".join(str(error).split())[:_LONGEST_NAME].encode("ascii", "replace").decode()
        raise MotionError(
            f"{path.name} needs the code {name} to load; files that run code are refused. "
            "Save it again with arrays and plain values only"
        ) from error
    # Damaged bytes surface as whatever the header's or the pickle's parser stumbles over first.
    except Exception as error:
        raise MotionError(f"{path.name} is damaged ({type(error).__name__}); copy it or convert it again") from error
    if not isinstance(value, dict) or not all(key.isprintable() for key in value):
        raise MotionError(f"{path.name} holds no dictionary of arrays; expected one with the parts of a motion")
    return value


def pickled_keys(path: Path) -> frozenset[str]:
    """Return the keys of the dictionary in a file, none if it can't be read; never raises."""
    try:
        # Opening a pipe would wait for ever.
        return frozenset(load_pickled_dictionary(path)) if path.is_file() else frozenset()
    except MotionError:
        return frozenset()


def number_array(content: Mapping[str, object], key: str, path: Path, shape: tuple[int | None, ...]) -> np.ndarray:
    """Return an array, a number or a list of numbers as a float64 array of a shape, None for any length.

    Raises:
        MotionError: It is something else or has another shape.
    """
    try:
        numbers = _numbers(content[key])
    except (ValueError, OverflowError) as error:
        raise MotionError(f"{path.name}: {key} is not an array of numbers; convert the clip again") from error
    return torch_archive.number_array({key: numbers}, key, path, shape)


def single_number(content: Mapping[str, object], key: str, path: Path) -> float:
    """Return a number, which may stand in an array or a list of its own.

    Raises:
        MotionError: It is not one number.
    """
    value = content[key]
    shape = (1,) if isinstance(value, list) or (isinstance(value, PickledArray) and value.shape == (1,)) else ()
    return float(number_array(content, key, path, shape).reshape(()))


def text_list(content: Mapping[str, object], key: str, path: Path) -> tuple[str, ...]:
    """Return a list of texts.

    Raises:
        MotionError: It is something else.
    """
    value = content[key]
    texts = tuple(text for text in value if isinstance(text, str)) if isinstance(value, list | tuple) else ()
    if not isinstance(value, list | tuple) or len(texts) != len(value) or not all(map(str.isprintable, texts)):
        raise MotionError(f"{path.name}: {key} is not a list of names; convert the clip again")
    return texts


def _load(content: bytes) -> object:
    if not content.startswith(MAGIC):
        return load_inert_pickle(content)
    kind, _, _, data = split_header(content)
    if kind != np.dtype(object):
        return None
    # NumPy wraps what it pickles in an array of one object.
    value = load_inert_pickle(data)
    only = value.data if isinstance(value, PickledArray) else None
    return only[0] if isinstance(only, list) and len(only) == 1 else value


def _numbers(value: object) -> np.ndarray:
    if isinstance(value, PickledArray):
        # Damage can make a NaN of a kind that NumPy warns of when it is converted.
        with np.errstate(invalid="ignore"):
            return value.numbers().astype(np.float64)
    if isinstance(value, int | float):
        return np.array(float(value))
    # Lists of lists could hold themselves.
    if isinstance(value, list) and all(isinstance(number, int | float) for number in value):
        return np.array([float(number) for number in value])
    raise ValueError("no numbers")
