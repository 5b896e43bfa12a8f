# SPDX-License-Identifier: Apache-2.0
"""Checks of settings, with one wording for all messages."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from protomotions_algos.errors import AlgorithmError


def require(condition: bool, name: str, value: object, expected: str) -> None:
    """Raise AlgorithmError unless `condition` holds, saying that setting `name` is `value` but must be `expected`."""
    if not condition:
        raise AlgorithmError(f"{name} is {value!r}, but must be {expected}")


def require_known(name: str, value: str, known: Sequence[str]) -> None:
    """Raise AlgorithmError, with the nearest name, unless `value` is one of `known`."""
    if value not in known:
        nearest = get_close_matches(value, known, n=1)
        hint = f"; did you mean {nearest[0]!r}?" if nearest else ""
        raise AlgorithmError(f"{name} {value!r} is unknown; known are: {', '.join(known)}{hint}")
