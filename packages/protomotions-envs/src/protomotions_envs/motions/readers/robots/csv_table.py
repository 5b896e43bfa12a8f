# SPDX-License-Identifier: Apache-2.0
"""Comma-separated numbers, with or without a line of names above them."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError


@dataclass(frozen=True, eq=False)
class CsvTable:
    """A table with a row per frame."""

    names: tuple[str, ...]
    """Of its columns; none if the file has no header."""
    rows: np.ndarray
    """[T, columns]."""


def read_csv_table(path: Path) -> CsvTable:
    """Return the table in a file. The first line is a header if anything in it is not a number.

    Raises:
        MotionError: The file can't be read or is no table of numbers.
    """
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
        if not text:
            raise MotionError(f"{path.name} is an empty clip: it has no frames; at least 2 are needed")
        first, _, rest = text.partition("\n")
        names = tuple(word.strip() for word in first.split(","))
        if all(_is_number(name) for name in names):
            return CsvTable((), _numbers(text))
        return CsvTable(names, _named_numbers(rest, names, path))
    except OSError as error:
        raise MotionError(f"{path} can't be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise MotionError(f"{path.name} is not a text file; expected comma-separated numbers") from error
    except MotionError:
        raise
    except ValueError as error:
        # NumPy's first line names the row and the column.
        reason = str(error).splitlines()[0].rstrip(".;")
        raise MotionError(f"{path.name} is not a table of numbers: {reason}") from error


def _named_numbers(text: str, names: tuple[str, ...], path: Path) -> np.ndarray:
    if not text.strip():
        raise MotionError(f"{path.name} is an empty clip: it has no frames under its header; at least 2 are needed")
    if not all(map(str.isprintable, names)):
        raise MotionError(f"{path.name} has a header with characters that can't be printed; convert the clip again")
    rows = _numbers(text)
    if rows.shape[1] != len(names) or len(set(names)) != len(names):
        raise MotionError(
            f"{path.name} has {len(names)} names, {len(set(names))} of them different, over {rows.shape[1]} columns; "
            "convert the clip again"
        )
    return rows


def _numbers(text: str) -> np.ndarray:
    return np.loadtxt(io.StringIO(text), delimiter=",", comments=None, ndmin=2)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
