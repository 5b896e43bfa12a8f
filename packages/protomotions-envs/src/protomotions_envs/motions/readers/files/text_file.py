# SPDX-License-Identifier: Apache-2.0
"""Motion files that are text: their words, their numbers and their size."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.validation import LARGEST_VALUE

LARGEST_CLIP = 50_000_000
"""Rotations, frames times joints: an hour of 100 joints at 120 frames per second."""

MOST_JOINTS = 1_000
"""With fingers and faces, people have some hundreds."""


def read_text(path: Path) -> str:
    """Return the text of a file; what is not UTF-8 becomes U+FFFD, for names and comments come in any encoding.

    Raises:
        OSError: The file can't be read.
    """
    return path.read_bytes().decode("utf-8-sig", errors="replace")


def parse_numbers(words: Sequence[str], what: str, label: str, count: int | None = None) -> np.ndarray:
    """Return words as float64 numbers, [len(words)].

    Args:
        words: The numbers as written.
        what: How errors call them.
        label: How errors call the file.
        count: How many there must be; None for any number.

    Raises:
        MotionError: A word is not a number, a number is not finite or absurdly large, or there are too few or many.
    """
    if count is not None and len(words) != count:
        raise MotionError(f"{label}: {what} has {len(words)} numbers; expected {count}. Copy or export the file again")
    try:
        numbers = np.array(words, dtype=np.float64)
    except ValueError as error:
        wrong = next(word for word in words if not _is_number(word))
        raise MotionError(f"{label}: {what} has {wrong[:40]!r} where a number is expected; export it again") from error
    # Comparisons with NaN are false.
    sound = np.abs(numbers) <= LARGEST_VALUE
    if not sound.all():
        wrong = numbers[int(np.argmin(sound))]
        raise MotionError(f"{label}: {what} has the number {wrong:g}; mend it in its source and export it again")
    return numbers


def check_size(frames: int, joints: int, label: str) -> None:
    """Raise MotionError for a clip that no memory holds: a few bytes of text can stand for many rotations.

    Args:
        frames: Number of frames.
        joints: Number of joints, also of those for which frames have no numbers.
        label: How the error calls the file.
    """
    if joints > MOST_JOINTS:
        raise MotionError(f"{label} has {joints} joints; expected a skeleton of at most {MOST_JOINTS}")
    if frames * joints > LARGEST_CLIP:
        raise MotionError(
            f"{label} has {frames} frames of {joints} joints, more than {LARGEST_CLIP} rotations in all; split it"
        )


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
