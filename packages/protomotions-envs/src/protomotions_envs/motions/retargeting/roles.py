# SPDX-License-Identifier: Apache-2.0
"""Which joint of anyone's skeleton is the hip, the knee, the wrist: read from names and from the tree."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.skeleton import Skeleton

SIDES = ("left", "right")
"""Order of everything that comes in pairs."""

# What a joint is called without its side and separators, in lower case; the first of a row that a skeleton has counts.
# Many files name a joint by the bone that starts there: the thigh starts at the hip. CMU's ASF: femur, tibia, humerus,
# radius. CMU's, LAFAN1's and Mixamo's BVH: UpLeg, Leg, Arm, ForeArm, where Shoulder is the collarbone. SMPL, 100STYLE:
# Hip, Knee, Shoulder, Elbow. DeepMimic and AMP: thigh, shin, upper_arm, lower_arm. Biped: Thigh, Calf, UpperArm.
_NAMES = {
    "hip": ("femur", "upleg", "upperleg", "thigh", "hip"),
    "knee": ("tibia", "shin", "calf", "lowerleg", "lowleg", "knee", "leg"),
    "ankle": ("ankle", "foot"),
    "shoulder": ("humerus", "upperarm", "uparm", "arm", "shoulder"),
    "elbow": ("radius", "forearm", "lowerarm", "lowarm", "elbow"),
    "wrist": ("wrist", "hand"),
}
_TOES = ("toes", "toe", "toebase", "foottoe", "ball", "foot")
_NECK = ("neck", "lowerneck", "neck1", "neck01", "head")
_PREFIX = re.compile(r"(?:.*:)?(?:mixamorig\d*[_ ]?|bip\d*[_ ])?")
_SIDE_PATTERNS = (
    re.compile(r"(?P<side>left|right)(?P<stem>.+)"),
    re.compile(r"(?P<stem>.+?)(?P<side>left|right)"),
    re.compile(r"(?:.*[_ .\-])?(?P<side>l|r)[_ .\-](?P<stem>.+)"),
    re.compile(r"(?P<stem>.+)[_ .\-](?P<side>l|r)"),
    re.compile(r"(?P<side>l|r)(?P<stem>.+)"),
)


@dataclass(frozen=True)
class Leg:
    """Indices of a leg's joints."""

    hip: int
    """Where the thigh starts."""
    knee: int
    """Where the shank starts."""
    ankle: int
    """Where the foot starts."""
    toe: int | None
    """Ball or tip of the foot, if the skeleton has such a point."""


@dataclass(frozen=True)
class Arm:
    """Indices of an arm's joints."""

    shoulder: int
    """Where the upper arm starts."""
    elbow: int
    """Where the forearm starts."""
    wrist: int
    """Where the hand starts."""


@dataclass(frozen=True)
class Roles:
    """Indices of the joints that retargeting follows."""

    pelvis: int
    """The joint that carries both hips."""
    chest: int
    """The joint that carries both arms."""
    neck: int | None
    """Where the neck starts, if the skeleton has one."""
    legs: tuple[Leg, Leg]
    """Left and right."""
    arms: tuple[Arm, Arm]
    """Left and right."""


def find_roles(skeleton: Skeleton, label: str) -> Roles:
    """Return what the joints of a human skeleton are.

    Args:
        skeleton: Named as in CMU's ASF, in the BVH files of CMU, LAFAN1, Mixamo or 100STYLE, in SMPL or in DeepMimic;
            prefixes such as `mixamorig:` don't matter.
        label: How errors call the clip.

    Raises:
        MotionError: A joint of legs or arms is missing; the message says what was looked for and what there is.
    """
    named = {_split_side(name): index for index, name in reversed(list(enumerate(skeleton.joint_names)))}

    def joint(side: str, role: str) -> int:
        found = next((named[side, stem] for stem in _NAMES[role] if (side, stem) in named), None)
        if found is None:
            raise MotionError(
                f"{label}: the skeleton has no {side} {role}; looked for {side} or {side[0]} with "
                f"{', '.join(_NAMES[role])}; its joints are {', '.join(skeleton.joint_names)}"
            )
        return found

    legs = [Leg(*(joint(side, role) for role in ("hip", "knee", "ankle")), toe=None) for side in SIDES]
    arms = [Arm(*(joint(side, role) for role in ("shoulder", "elbow", "wrist"))) for side in SIDES]
    left_leg, right_leg = (
        Leg(leg.hip, leg.knee, leg.ankle, _toe(skeleton, named, side, leg.ankle))
        for side, leg in zip(SIDES, legs, strict=True)
    )
    neck = next((named["", stem] for stem in _NECK if ("", stem) in named), None)
    return Roles(
        pelvis=_common_ancestor(skeleton.parents, left_leg.hip, right_leg.hip),
        chest=_common_ancestor(skeleton.parents, arms[0].shoulder, arms[1].shoulder),
        neck=neck,
        legs=(left_leg, right_leg),
        arms=(arms[0], arms[1]),
    )


def _split_side(name: str) -> tuple[str, str]:
    """Return the side ("left", "right" or "") and the rest of a joint's name, as the tables above spell it."""
    plain = _PREFIX.sub("", name.lower(), count=1)
    for pattern in _SIDE_PATTERNS:
        found = pattern.fullmatch(plain)
        # Without a separator only known words count: the l of "lfemur" is a side, that of "lowerback" is not.
        if found and (pattern is not _SIDE_PATTERNS[-1] or _is_known(_stem(found["stem"]))):
            return {"l": "left", "r": "right"}[found["side"][0]], _stem(found["stem"])
    return "", _stem(plain)


def _stem(text: str) -> str:
    return re.sub(r"[_ .\-]", "", text)


def _is_known(stem: str) -> bool:
    return stem in _TOES or any(stem in names for names in _NAMES.values())


def _toe(skeleton: Skeleton, named: dict[tuple[str, str], int], side: str, ankle: int) -> int | None:
    """Return the ball or the tip of a foot: by name, else the first point below the ankle."""
    below = [index for index in range(len(skeleton.parents)) if ankle in _ancestors(skeleton.parents, index)[1:]]
    by_name = [named[side, stem] for stem in _TOES if named.get((side, stem)) in below]
    apart = [index for index in below if (skeleton.offsets[index] ** 2).sum() > 0]
    return next(iter([*by_name, *apart]), None)


def _common_ancestor(parents: Sequence[int], first: int, second: int) -> int:
    above = set(_ancestors(parents, second))
    return next(joint for joint in _ancestors(parents, first) if joint in above)


def _ancestors(parents: Sequence[int], joint: int) -> list[int]:
    """Return a joint and all that it hangs on, itself first."""
    chain = []
    while joint >= 0:
        chain.append(joint)
        joint = parents[joint]
    return chain
