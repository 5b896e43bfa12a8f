# SPDX-License-Identifier: Apache-2.0
"""Files of commands: a YAML list such as `- {at: 2.0, speed: 1.5, direction: 90}`."""

from __future__ import annotations

import itertools
import math
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from protomotions_cli.control.orders import ORDERS, Order, Point
from protomotions_cli.control.script import Entry
from protomotions_cli.errors import UsageError
from protomotions_cli.suggestions import did_you_mean
from protomotions_envs.tasks.path_follower.route import MAX_WAYPOINTS

_AT = "at"
_EXAMPLES = {
    "steering": "{at: 0, speed: 1.0, direction: 90}",
    "path_follower": "{at: 0, path: [[2, 0], [2, 1]], speed: 1.0}",
    "target": "{at: 0, target: [2, 1]}",
}


def read_commands(path: Path, task: str) -> list[Entry]:
    """Return the commands in a file.

    Args:
        path: The file.
        task: Name of the task that they are for, one of `ORDERS`.

    Raises:
        UsageError: The file can't be read, or a command isn't one of the task's; the message says which and why.
    """
    plain = _read(path)
    if not isinstance(plain, list) or not plain:
        raise UsageError(f"{path} holds no commands; expected a list, such as - {_EXAMPLES[task]}")
    entries = [_entry(item, task, f"{path}, command {number}") for number, item in enumerate(plain, 1)]
    for number, (earlier, later) in enumerate(itertools.pairwise(entries), 2):
        if later.at <= earlier.at:
            raise UsageError(f"{path}, command {number}: {later.at:g} s is not after {earlier.at:g} s")
    return entries


def _read(path: Path) -> object:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not a text file"
        raise UsageError(f"can't read commands {path}: {reason}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error


def _entry(item: object, task: str, where: str) -> Entry:
    if not isinstance(item, Mapping):
        raise UsageError(f"{where}: expected something like {_EXAMPLES[task]}, got {item!r}")
    fields = typing.cast("Mapping[str, object]", item)
    known = (_AT, *ORDERS[task])
    for name in fields:
        if name not in known:
            raise UsageError(f"{where}: the task {task!r} takes no {name!r}; {did_you_mean(str(name), known)}")
    if _AT not in fields or len(fields) < 2:
        raise UsageError(f"{where}: expected 'at' and at least one of {', '.join(ORDERS[task])}")
    order = _order(fields, where)
    if task == "path_follower" and (order.path is None or order.speed == 0):
        raise UsageError(f"{where}: expected a path and, unless 1 m/s is meant, a speed above 0")
    return Entry(_number(fields[_AT], _AT, where, least=0.0), order)


def _order(fields: Mapping[str, object], where: str) -> Order:
    numbers = {
        name: _number(fields[name], name, where, least)
        for name, least in (("speed", 0.0), ("direction", -math.inf), ("facing", -math.inf))
        if name in fields
    }
    target = _point(fields["target"], "target", where) if "target" in fields else None
    path = _path(fields["path"], where) if "path" in fields else None
    return Order(**numbers, target=target, path=path)


def _number(value: object, name: str, where: str, least: float = -math.inf) -> float:
    # YAML reads `yes` as true, which Python would take for 1.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < least:
        expected = "a number" if math.isinf(least) else f"a number from {least:g} up"
        raise UsageError(f"{where}: {name} must be {expected}, not {value!r}")
    return float(value)


def _point(value: object, name: str, where: str) -> Point:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) != 2:
        raise UsageError(f"{where}: {name} must be a point [x, y] in metres, not {value!r}")
    return _number(value[0], name, where), _number(value[1], name, where)


def _path(value: object, where: str) -> tuple[Point, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str) or not 1 <= len(value) <= MAX_WAYPOINTS:
        raise UsageError(
            f"{where}: path must be 1 to {MAX_WAYPOINTS} points [[x, y], ...] in metres, not {value!r:.60}"
        )
    return tuple(_point(point, "path", where) for point in value)
