# SPDX-License-Identifier: Apache-2.0
"""Reader of `.yaml` lists of motion files, as NVlabs ProtoMotions writes them.

```yaml
motions:
  - file: walk.motion        # relative to the list
    fps: 30                  # for files that don't record their rate
    weight: 2.0              # of being sampled; 1 if left out
    sub_motions:             # parts of the file, each a clip; the whole file if left out
      - timings: {start: 0.5, end: 3.0}    # s
        weight: 1.0          # the file's weight if left out
```
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import yaml

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.motion_format import ReadOptions

FileLoader: TypeAlias = Callable[[Path, ReadOptions], list[Motion]]
"""Reads the clips of one file that is no list itself."""
_NAMED_FAILURES = 5


@dataclass(frozen=True)
class _Part:
    """A stretch of a file, s."""

    start: float
    end: float
    weight: float


@dataclass(frozen=True)
class _Entry:
    """A line of the list."""

    file: str
    fps: float | None
    weight: float
    parts: tuple[_Part, ...]


def read_yaml_list(path: Path, load: FileLoader, options: ReadOptions) -> list[Motion]:
    """Read every clip of a list.

    Args:
        path: The list.
        load: Reads one of its files.
        options: For files that don't say it themselves; an entry's own rate wins.

    Raises:
        MotionError: The list is not of this form, or entries can't be read; the message names them.
    """
    entries = _read_entries(path)
    motions, failures = [], []
    for number, entry in enumerate(entries):
        try:
            motions += _read_entry(path.parent / entry.file, entry, load, options)
        except MotionError as error:
            failures.append(f"entry {number} ({entry.file}): {error}")
    if failures:
        more = f" and {len(failures) - _NAMED_FAILURES} more" if len(failures) > _NAMED_FAILURES else ""
        named = "; ".join(failures[:_NAMED_FAILURES])
        raise MotionError(f"{path.name}: {len(failures)} of {len(entries)} entries can't be read: {named}{more}")
    return motions


def _read_entry(path: Path, entry: _Entry, load: FileLoader, options: ReadOptions) -> list[Motion]:
    motions = load(path, options if entry.fps is None else replace(options, fps=entry.fps))
    if not entry.parts:
        # A pack has a weight for each of its clips; the list's weight scales them.
        return [replace(motion, weight=motion.weight * entry.weight) for motion in motions]
    return [
        replace(motion.cut(part.start, part.end, name=f"{motion.name}_{index}"), weight=motion.weight * part.weight)
        for motion in motions
        for index, part in enumerate(entry.parts)
    ]


def _read_entries(path: Path) -> list[_Entry]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    # Besides YAMLError: bad encodings, impossible dates and nesting deeper than Python's stack.
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise MotionError(f"{path.name} is not readable YAML: {reason}") from error
    listed = content.get("motions") if isinstance(content, Mapping) else None
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise MotionError(f"{path.name} is not a list of motions; expected `motions:` with entries like `file: a.npz`")
    if not listed:
        raise MotionError(f"{path.name} lists no motions; add entries like `- file: a.npz` under `motions:`")
    return [_entry(item, f"{path.name} entry {number}") for number, item in enumerate(listed)]


def _entry(item: object, label: str) -> _Entry:
    if not isinstance(item, Mapping) or not isinstance(item.get("file"), str) or "\0" in item["file"]:
        raise MotionError(f"{label} names no file; expected `file: path relative to the list`")
    weight = _number(item, "weight", 1.0, label)
    parts = item.get("sub_motions") or ()
    if not isinstance(parts, Sequence) or isinstance(parts, str):
        raise MotionError(f"{label}: sub_motions is not a list; expected `- timings: {{start: 0, end: 1}}`")
    fps = _number(item, "fps", math.inf, label)
    return _Entry(
        file=item["file"],
        fps=None if fps == math.inf else fps,
        weight=weight,
        parts=tuple(_part(part, weight, f"{label} sub-motion {index}") for index, part in enumerate(parts)),
    )


def _part(item: object, weight: float, label: str) -> _Part:
    timings = item.get("timings") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(timings, Mapping):
        raise MotionError(f"{label} has no timings; expected `timings: {{start: 0, end: 1}}` in seconds")
    start, end = _number(timings, "start", 0.0, label), _number(timings, "end", 1e6, label)
    return _Part(start, end, _number(item, "weight", weight, label))


def _number(item: Mapping[object, object], key: str, default: float, label: str) -> float:
    value = item.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1e6:
        raise MotionError(f"{label}: {key} is {value!r}; expected a number of 0 or more")
    return float(value)
