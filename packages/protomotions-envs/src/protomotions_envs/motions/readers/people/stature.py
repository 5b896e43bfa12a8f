# SPDX-License-Identifier: Apache-2.0
"""How tall a skeleton is and which way is up, for files that say neither their unit nor their axes."""

from __future__ import annotations

import re

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.skeleton import Skeleton

_HEAD = re.compile("head", re.IGNORECASE)
_FEET = (re.compile("foot|ankle", re.IGNORECASE), re.compile("toe", re.IGNORECASE))
_UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001, "inches": 0.0254, "inches/0.45": 0.0254 / 0.45}
_STANDING = (1.2, 2.2)
_ANKLE_TO_SKULL = 0.9


def head_and_feet(skeleton: Skeleton) -> tuple[int, list[int]] | None:
    """Return the index of the head and those of the feet, at the ankles where these have names.

    Returns:
        None if the names don't tell.
    """
    names = skeleton.joint_names
    head = next((joint for joint, name in enumerate(names) if _HEAD.search(name)), None)
    for pattern in _FEET:
        named = [joint for joint, name in enumerate(names) if pattern.search(name)]
        feet = [joint for joint in named if not set(_ancestors(skeleton, joint)[1:]) & set(named)]
        if head is not None and feet:
            return head, feet
    return None


def is_z_up(skeleton: Skeleton, positions: np.ndarray) -> bool:
    """Return whether z rather than y is up: the mean direction from the feet to the head leans more that way.

    Args:
        skeleton: Whose names tell which joints are head and feet; if they don't, y is up as is usual.
        positions: World positions of its joints in frames of the clip, any unit, [T, K, 3].
    """
    named = head_and_feet(skeleton)
    if named is None:
        return False
    head, feet = named
    direction = (positions[:, head] - positions[:, feet].mean(axis=1)).mean(axis=0)
    return bool(direction[2] > direction[1])


def detect_unit(skeleton: Skeleton, label: str) -> float:
    """Return the length of the unit in metres: the one that makes the skeleton 1.2 to 2.2 m tall.

    Known are m, cm, mm, inches and CMU's inches/0.45. A person's stature is taken as the length of the bones from the
    ankles to the base of the skull divided by 0.9 (after Drillis and Contini, in Winter, "Biomechanics and Motor
    Control of Human Movement", 4th ed. 2009, fig. 4.1), which holds in any pose.

    Args:
        skeleton: In the file's unit.
        label: How errors call the file.

    Raises:
        MotionError: No unit fits, or the names don't tell head and feet.
    """
    named = head_and_feet(skeleton)
    if named is None:
        raise MotionError(
            f"{label} doesn't say its unit, and its joints' names don't tell head and feet from which it could be "
            "guessed; give it with --metres-per-unit, for instance 0.01 for cm"
        )
    head, feet = named
    stature = float(np.mean([_path_length(skeleton, head, foot) for foot in feet])) / _ANKLE_TO_SKULL
    for metres in _UNITS.values():
        if _STANDING[0] <= stature * metres <= _STANDING[1]:
            return metres
    raise MotionError(
        f"{label}: its person is {stature:.4g} units tall, which is no adult's height in {', '.join(_UNITS)}; give the "
        "unit with --metres-per-unit, for instance 0.01 for cm"
    )


def _path_length(skeleton: Skeleton, one: int, other: int) -> float:
    """Return the length of the bones between two joints."""
    between = set(_ancestors(skeleton, one)) ^ set(_ancestors(skeleton, other))
    return float(np.linalg.norm(skeleton.offsets[sorted(between)], axis=1).sum())


def _ancestors(skeleton: Skeleton, joint: int) -> list[int]:
    """Return a joint and those above it, up to the root."""
    chain = []
    while joint >= 0:
        chain.append(joint)
        joint = skeleton.parents[joint]
    return chain
