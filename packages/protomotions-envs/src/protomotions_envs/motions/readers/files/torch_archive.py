# SPDX-License-Identifier: Apache-2.0
"""Dictionaries of tensors written by `torch.save`, opened without executing anything that a file may carry."""

from __future__ import annotations

import re
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from protomotions_envs.errors import MotionError


def _inert(*arguments: object) -> tuple[object, ...]:
    """Stand in for a class that old files name; keeps what it was called with and does nothing."""
    return arguments


# The one class of another package that ProtoMotions' own motion files name: a label of the joint order.
_STAND_INS: list[Callable[..., object] | tuple[Callable[..., object], str]] = [
    (_inert, "protomotions.simulator.base_simulator.simulator_state.StateConversion")
]


def load_torch_archive(path: Path) -> Mapping[str, object]:
    """Return the dictionary in a file of `torch.save`; only tensors and plain values are accepted.

    Raises:
        MotionError: The file is damaged, not a dictionary, or would need code to load.
    """
    _check_archive(path)
    try:
        with warnings.catch_warnings(), torch.serialization.safe_globals(_STAND_INS):
            # Torch warns of odd protocols before it fails; the error says enough.
            warnings.simplefilter("ignore")
            content = torch.load(path, map_location="cpu", weights_only=True)
    # Damaged or hostile bytes surface as many exception types of the unpickler, the archive reader and torch.
    except Exception as error:
        raise _refusal(path, error) from error
    if not isinstance(content, Mapping) or not all(isinstance(key, str) for key in content):
        raise MotionError(f"{path.name} holds a {type(content).__name__}; expected a dictionary of motion tensors")
    return content


def require_keys(content: Mapping[str, object], keys: Sequence[str], path: Path, what: str) -> None:
    """Raise MotionError if a dictionary is not what its suffix promises, naming the keys it lacks."""
    missing = [key for key in keys if key not in content]
    if missing:
        found = ", ".join(sorted(content)[:8]) or "nothing"
        raise MotionError(
            f"{path.name} is not {what}: it has {found} but lacks {', '.join(missing)}. Give a motion file"
        )


def number_array(content: Mapping[str, object], key: str, path: Path, shape: tuple[int | None, ...]) -> np.ndarray:
    """Return a tensor, list or number as a float64 array of a shape, None for any length.

    Raises:
        MotionError: It is something else or has another shape.
    """
    value = content[key]
    try:
        array = value.numpy() if isinstance(value, torch.Tensor) else np.asarray(value)
        if np.iscomplexobj(array):
            raise TypeError(array.dtype)
        # Numbers beyond float64 become infinite, which the checks of a clip refuse.
        with np.errstate(invalid="ignore", over="ignore"):
            array = array.astype(np.float64)
    except (TypeError, ValueError, RuntimeError, OverflowError, MemoryError) as error:
        raise MotionError(f"{path.name}: {key} is not an array of numbers; convert the clip again") from error
    fits = array.ndim == len(shape) and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True))
    if not fits:
        wanted = ", ".join("any" if n is None else str(n) for n in shape)
        raise MotionError(f"{path.name}: {key} has the shape {array.shape}; expected ({wanted})")
    return array


def _check_archive(path: Path) -> None:
    """Raise MotionError unless the file is a whole zip archive; torch itself doesn't compare the checksums."""
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except FileNotFoundError as error:
        raise MotionError(f"No such motion file: {path}") from error
    # As above: a damaged directory breaks the zip reader in many ways.
    except Exception as error:
        raise MotionError(
            f"{path.name} is damaged or was not written by torch.save ({type(error).__name__}); copy it again"
        ) from error
    if broken is not None:
        raise MotionError(f"{path.name} is damaged: wrong checksum of {broken}; copy it again")


def _refusal(path: Path, error: Exception) -> MotionError:
    """Return what to say about a file that torch didn't load."""
    code = re.search(r"(?:GLOBAL|global:?|function|class) ([\w]+(?:\.[\w]+)+)", str(error))
    if code is None:
        return MotionError(f"{path.name} is damaged ({type(error).__name__}); copy it or convert it again")
    return MotionError(
        f"{path.name} needs the code {code[1]} to load; files that run code are refused. "
        "Save it again with tensors and plain values only"
    )
