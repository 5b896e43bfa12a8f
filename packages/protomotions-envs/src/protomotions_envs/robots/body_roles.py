# SPDX-License-Identifier: Apache-2.0
"""Which bodies are feet, hands, head and torso, guessed from their names, else from where they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import mujoco

_SIDES = {
    "left": re.compile(r"left|(^|[^a-z])l([^a-z]|$)|^L(?=[A-Z])", re.IGNORECASE),
    "right": re.compile(r"right|(^|[^a-z])r([^a-z]|$)|^R(?=[A-Z])", re.IGNORECASE),
}
_FOOT = re.compile("foot|feet|toe|ankle", re.IGNORECASE)
_HAND = re.compile("hand|palm|wrist|gripper", re.IGNORECASE)
_HEAD = re.compile("head", re.IGNORECASE)
_TORSO = re.compile("torso|chest|trunk|spine", re.IGNORECASE)


@dataclass(frozen=True)
class BodyRoles:
    """Names of bodies by what they are to the robot."""

    left_foot: tuple[str, ...]
    """At least one."""
    right_foot: tuple[str, ...]
    """At least one."""
    left_hand: tuple[str, ...]
    """One; the last body of the arm."""
    right_hand: tuple[str, ...]
    """One; the last body of the arm."""
    head: str
    """The head, or the torso."""
    torso: str
    """The torso, or the root."""


def guess_roles(model: mujoco.MjModel, data: mujoco.MjData, lowest: Mapping[str, float]) -> BodyRoles:
    """Return the roles of a robot's bodies.

    Args:
        model: The robot alone.
        data: Its state in a standing pose after `mj_kinematics`.
        lowest: Height of the lowest point of each body that can collide, m.
    """
    names = [model.body(i).name for i in range(1, model.nbody)]
    side = {name: float(data.body(name).xpos[1]) for name in names}

    def feet(label: str, sign: float) -> tuple[str, ...]:
        named = [name for name in _on_side(names, label, _FOOT) if name in lowest]
        candidates = [name for name in lowest if sign * side[name] > 0] or list(lowest) or names
        return tuple(named) or (min(candidates, key=lambda name: lowest.get(name, 0.0)),)

    def hand(label: str, sign: float, taken: tuple[str, ...]) -> tuple[str, ...]:
        named = _on_side(names, label, _HAND)
        free = [name for name in names if name not in taken] or names
        return (named[-1],) if named else (max(free, key=lambda name: sign * side[name]),)

    left_foot, right_foot = feet("left", 1.0), feet("right", -1.0)
    torso = next(filter(_TORSO.search, names), names[0])
    return BodyRoles(
        left_foot=left_foot,
        right_foot=right_foot,
        left_hand=hand("left", 1.0, left_foot),
        right_hand=hand("right", -1.0, right_foot),
        head=next(filter(_HEAD.search, names), torso),
        torso=torso,
    )


def _on_side(names: list[str], label: str, pattern: re.Pattern[str]) -> list[str]:
    return [name for name in names if pattern.search(name) and _SIDES[label].search(name)]
