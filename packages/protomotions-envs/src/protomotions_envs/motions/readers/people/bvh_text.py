# SPDX-License-Identifier: Apache-2.0
"""The text of Biovision files (`.bvh`): a tree of joints with channels, then rows of numbers for the channels."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.readers.files.text_file import check_size, parse_numbers
from protomotions_envs.motions.validation import check_frame_count

_MOTION = re.compile(r"\bMOTION\s+Frames:\s*(\S+)\s+Frame\s+Time:\s*(\S+)", re.IGNORECASE)
_CHANNELS = tuple(f"{axis}{kind}" for kind in ("position", "rotation") for axis in "xyz")
_LONGEST_NAME = 200


@dataclass(frozen=True, eq=False)
class BvhJoint:
    """A joint, or the End Site of one."""

    name: str
    """As in the file; `<joint>_end` for an End Site, which has no name."""
    parent: int
    """Index of its parent, -1 for the root."""
    offset: np.ndarray
    """Where it is in its parent's frame, in the file's unit, [3]."""
    channels: tuple[str, ...]
    """What its numbers are, such as xposition or zrotation, in this order."""


@dataclass(frozen=True, eq=False)
class BvhClip:
    """A file as it is written."""

    joints: tuple[BvhJoint, ...]
    """Parents before their children, the root first."""
    frame_time: float
    """Time from frame to frame, s."""
    values: np.ndarray
    """The channels of all joints in turn: file's unit, degrees; [T, channels]."""


def parse_bvh(text: str, label: str) -> BvhClip:
    """Return the content of a file.

    Args:
        text: The file.
        label: How errors call it.

    Raises:
        MotionError: It is damaged, or it has more than one root.
    """
    motion = _MOTION.search(text)
    if motion is None:
        raise MotionError(
            f"{label} is not a whole BVH file: it lacks MOTION with Frames: and Frame Time:. Copy it again"
        )
    joints = _parse_hierarchy(text[: motion.start()].split(), label)
    time = float(parse_numbers([motion[2]], "Frame Time", label)[0])
    if time <= 0:
        raise MotionError(f"{label} has the Frame Time {time:g} s; expected more than 0, such as 0.008333")
    width = sum(len(joint.channels) for joint in joints)
    words = text[motion.end() :].split()
    # The count in the header is only compared: it could be any number.
    if not width or len(words) % width or motion[1] != str(len(words) // width):
        raise MotionError(
            f"{label} says {motion[1][:20]} frames of {width} channels but has {len(words)} numbers; copy or export it "
            "again"
        )
    frames = len(words) // width
    check_frame_count(frames, label)
    check_size(frames, len(joints), label)
    return BvhClip(joints, time, parse_numbers(words, "MOTION", label).reshape(frames, width))


def _parse_hierarchy(words: list[str], label: str) -> tuple[BvhJoint, ...]:
    joints: list[BvhJoint] = []
    # Indices of the joints whose braces are open.
    inside: list[int] = []
    # End Sites by the joint they end, which may have several.
    ends: Counter[int] = Counter()
    place = 1 if words[:1] and words[0].upper() == "HIERARCHY" else 0
    while place < len(words):
        word = words[place].upper()
        if word == "}" and inside:
            inside.pop()
            place += 1
        elif word == "ROOT" and not joints:
            place, name = _name(words, place + 1, label)
            joints.append(BvhJoint(name, -1, np.zeros(3), ()))
            inside.append(0)
        elif word in ("JOINT", "END") and inside:
            place, name = _name(words, place + 1, label)
            if word == "END":
                ends[inside[-1]] += 1
                name = _end_name(joints[inside[-1]].name, ends[inside[-1]])
            joints.append(BvhJoint(name, inside[-1], np.zeros(3), ()))
            inside.append(len(joints) - 1)
            check_size(1, len(joints), label)
        elif word == "OFFSET" and inside:
            what = f"OFFSET of {joints[inside[-1]].name[:40]!r}"
            offset = parse_numbers(words[place + 1 : place + 4], what, label, 3)
            joints[inside[-1]] = replace(joints[inside[-1]], offset=offset)
            place += 4
        elif word == "CHANNELS" and inside:
            place, channels = _channels(words, place + 1, joints[inside[-1]].name, label)
            joints[inside[-1]] = replace(joints[inside[-1]], channels=channels)
        else:
            raise MotionError(
                f"{label} has {words[place][:40]!r} out of place in its hierarchy; copy or export it again"
            )
    if inside or not joints:
        raise MotionError(f"{label}: its hierarchy {'has an open brace' if joints else 'is empty'}; copy it again")
    return tuple(joints)


def _end_name(joint: str, number: int) -> str:
    return f"{joint}_end" if number == 1 else f"{joint}_end_{number}"


def _name(words: list[str], place: int, label: str) -> tuple[int, str]:
    """Return the place after the opening brace and the words before it."""
    try:
        brace = words.index("{", place)
    except ValueError:
        raise MotionError(f"{label}: the last joint of its hierarchy has no opening brace; copy it again") from None
    name = " ".join(words[place:brace])
    if len(name) > _LONGEST_NAME:
        raise MotionError(f"{label} has a joint named {name[:40]!r} and so on; expected a name and an opening brace")
    return brace + 1, name


def _channels(words: list[str], place: int, joint: str, label: str) -> tuple[int, tuple[str, ...]]:
    """Return the place after the channels and their names."""
    count = words[place] if place < len(words) else ""
    end = place + 1 + (int(count) if count in ("0", "1", "2", "3", "4", "5", "6") else 0)
    channels = tuple(word.lower() for word in words[place + 1 : end])
    if str(len(channels)) != count or not set(channels) <= set(_CHANNELS):
        raise MotionError(
            f"{label}: joint {joint[:40]!r} has the CHANNELS {' '.join(words[place : place + 7])[:80]!r}; expected "
            "up to 6 of Xposition, Yposition, Zposition, Xrotation, Yrotation, Zrotation"
        )
    return end, channels
