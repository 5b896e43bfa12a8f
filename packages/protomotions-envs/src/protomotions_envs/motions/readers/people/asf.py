# SPDX-License-Identifier: Apache-2.0
"""Acclaim skeleton files (`.asf`): bones with directions, lengths, axes and degrees of freedom, and their tree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.readers.files.text_file import parse_numbers, read_text

ROOT = "root"
_TRANSLATIONS = ("tx", "ty", "tz")
_ROTATIONS = ("rx", "ry", "rz")
_INCH = 0.0254
_SMALLEST_UNIT = 1e-6
_Lines = list[list[str]]


@dataclass(frozen=True, eq=False)
class Bone:
    """A bone; it turns about its start, in a frame of its own."""

    name: str
    """Unique; the root, which has no length, is `root`."""
    parent: int
    """Index of the bone at whose end it starts; -1 for the root."""
    vector: np.ndarray
    """From its start to its end at rest, m, y up, [3]."""
    axis: np.ndarray
    """Angles of its frame at rest, rad, in the order of `axis_order`, [3]."""
    axis_order: str
    """Letters of the fixed axes of these turns, the first turn first."""
    dof: tuple[str, ...]
    """The numbers that a frame of motion has for it, of rx, ry, rz and for the root tx, ty, tz."""


@dataclass(frozen=True, eq=False)
class AsfSkeleton:
    """A skeleton at rest."""

    metres_per_unit: float
    """Length of the file's unit, m."""
    degrees: bool
    """Whether its angles are in degrees."""
    bones: tuple[Bone, ...]
    """Parents before their children, the root first."""
    position: np.ndarray
    """What is added to the root's position, m, [3]."""


def read_asf(path: Path) -> AsfSkeleton:
    """Read a skeleton.

    Raises:
        MotionError: The file is damaged, or has what is not read: bones that slide or stretch.
        OSError: The file can't be read.
    """
    label, sections = path.name, _sections(read_text(path))
    missing = [name for name in ("units", "root", "bonedata", "hierarchy") if name not in sections]
    if missing:
        raise MotionError(f"{label} is not a whole ASF skeleton: it lacks :{', :'.join(missing)}. Copy it again")
    units, root = _fields(sections["units"]), _fields(sections["root"])
    unit = _one_number(units, "length", label)
    if unit < _SMALLEST_UNIT:
        raise MotionError(f"{label}: the unit of length is {unit:g}; expected a positive number, 0.45 in CMU's files")
    # The number is what one inch of the body measures in the file.
    metres, degrees = _INCH / unit, units.get("angle", ["deg"])[:1] != ["rad"]
    blocks = [_fields(block) for block in _blocks(sections["bonedata"])]
    bones = [_root_bone(root, degrees, label)] + [_bone(block, metres, degrees, label) for block in blocks]
    position = metres * parse_numbers(root.get("position", ["0"] * 3), "the root's position", label, 3)
    return AsfSkeleton(metres, degrees, _in_tree_order(bones, _children(sections["hierarchy"], label), label), position)


def _sections(text: str) -> dict[str, _Lines]:
    """Return the words of each line under the keywords that begin with a colon."""
    sections: dict[str, _Lines] = {}
    lines: _Lines = []
    for line in text.splitlines():
        words = line.split("#", 1)[0].split()
        if words and words[0].startswith(":"):
            lines = sections.setdefault(words[0][1:].lower(), [])
            words = words[1:]
        if words:
            lines.append(words)
    return sections


def _fields(lines: _Lines) -> dict[str, list[str]]:
    """Return the words after the first of each line by that first word."""
    return {line[0].lower(): line[1:] for line in lines}


def _blocks(lines: _Lines) -> Iterator[_Lines]:
    """Yield the lines between each `begin` and `end`."""
    block: _Lines = []
    for line in lines:
        if line[0].lower() == "begin":
            block = []
        elif line[0].lower() == "end":
            yield block
        else:
            block.append(line)


def _root_bone(fields: Mapping[str, list[str]], degrees: bool, label: str) -> Bone:
    axis = [*fields.get("orientation", ["0"] * 3), *fields.get("axis", ["XYZ"])]
    dof = _dof(fields.get("order", []), ROOT, _TRANSLATIONS + _ROTATIONS, label)
    return Bone(ROOT, -1, np.zeros(3), *_axis(axis, ROOT, degrees, label), dof)


def _bone(fields: Mapping[str, list[str]], metres: float, degrees: bool, label: str) -> Bone:
    name = " ".join(fields.get("name", []))
    if not name:
        raise MotionError(f"{label} has a bone without a name; copy it again")
    what = f"the direction of bone {name[:40]!r}"
    direction = parse_numbers(fields.get("direction", []), what, label, 3)
    vector = metres * _one_number(fields, "length", label) * direction
    axis = _axis(fields.get("axis", ["0", "0", "0", "XYZ"]), name, degrees, label)
    return Bone(name, -1, vector, *axis, _dof(fields.get("dof", []), name, _ROTATIONS, label))


def _one_number(fields: Mapping[str, list[str]], key: str, label: str) -> float:
    return float(parse_numbers(fields.get(key, []), f"a {key}", label, 1)[0])


def _axis(words: Sequence[str], bone: str, degrees: bool, label: str) -> tuple[np.ndarray, str]:
    angles = parse_numbers(words[:3], f"the axis of bone {bone[:40]!r}", label, 3)
    order = "".join(words[3:]).lower()
    if sorted(order) != ["x", "y", "z"]:
        raise MotionError(f"{label}: bone {bone[:40]!r} has the axis order {order[:8]!r}; expected one like XYZ")
    return np.radians(angles) if degrees else angles, order


def _dof(words: Sequence[str], bone: str, known: tuple[str, ...], label: str) -> tuple[str, ...]:
    dof = tuple(word.lower() for word in words)
    wrong = [word[:8] for word in dof if word not in known]
    if wrong or len(set(dof)) != len(dof):
        raise MotionError(
            f"{label}: bone {bone[:40]!r} has the degrees of freedom {', '.join(dof)[:80]!r}; only {', '.join(known)} "
            "are read, each once: bones keep their length"
        )
    return dof


def _children(lines: _Lines, label: str) -> dict[str, list[str]]:
    """Return each bone's children."""
    children: dict[str, list[str]] = {}
    for line in (line for block in _blocks(lines) for line in block):
        children.setdefault(line[0], []).extend(line[1:])
    if ROOT not in children:
        raise MotionError(f"{label}: nothing hangs on the root in its hierarchy; copy it again")
    return children


def _in_tree_order(bones: list[Bone], children: Mapping[str, list[str]], label: str) -> tuple[Bone, ...]:
    """Return the bones with their parents, depth first."""
    named = {bone.name: bone for bone in bones}
    ordered: list[Bone] = []
    places: dict[str, int] = {}
    # Taken from the end, so children are put there in reverse.
    waiting = [(ROOT, -1)]
    while waiting:
        name, parent = waiting.pop()
        if name not in named or name in places:
            what = "unknown" if name not in named else "twice"
            raise MotionError(f"{label}: bone {name[:40]!r} is {what} in its hierarchy; copy it again")
        places[name] = len(ordered)
        bone = named[name]
        ordered.append(Bone(name, parent, bone.vector, bone.axis, bone.axis_order, bone.dof))
        waiting += [(child, places[name]) for child in reversed(children.get(name, []))]
    if len(ordered) != len(bones):
        loose = ", ".join(bone.name for bone in bones if bone.name not in places) or "bones of the same name"
        raise MotionError(f"{label}: its hierarchy has no place for {loose[:80]}; copy it again")
    return tuple(ordered)
