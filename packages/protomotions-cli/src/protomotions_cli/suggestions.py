# SPDX-License-Identifier: Apache-2.0
"""The nearest right name for a wrong one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str], *, alike: float = 0.5) -> str | None:
    """Return the known name most like `name`, or None where none is alike; `alike` is 1 for equal, 0 for any."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=alike)
    return found[0] if found else None


def did_you_mean(name: str, known: Iterable[str], *, prefix: str = "") -> str:
    """Return how an error message goes on after a wrong name: the nearest known one, else all of them.

    Args:
        name: What was given.
        known: What would have been right.
        prefix: Put before each known name, such as the path of its section.
    """
    names = sorted(known)
    found = nearest(name, names)
    if found is not None:
        return f"did you mean {prefix + found!r}?"
    return f"expected one of {', '.join(repr(prefix + one) for one in names)}" if names else "none exist"
