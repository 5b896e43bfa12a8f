# SPDX-License-Identifier: Apache-2.0
"""What `motions inspect` says about a clip: names and values for people, in centimetres where metres would be small."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from protomotions_envs.motions import Motion, SkeletonMotion
    from protomotions_envs.motions.quality import MotionQuality
    from protomotions_envs.robots import Robot

Facts: TypeAlias = dict[str, object]
ACCEPTED_SKATING = 0.02
"""Speed of a standing foot that nobody sees, m/s."""
ACCEPTED_DISTANCE = 0.02
"""Distance of a standing foot from the ground, or of any body below it, that a tracker makes up for, m."""
ACCEPTED_OVERLAP = 0.01
"""Overlap of two bodies of the robot that a tracker makes up for, m."""


@dataclass(frozen=True)
class ClipFacts:
    """Plain data, so that it can come from another process."""

    facts: Facts
    """Names and values for people."""
    to_look_at: frozenset[str] = frozenset()
    """Names of the facts that are more than a tracker makes up for."""


def motion_facts(clip: Motion, robot: Robot) -> ClipFacts:
    """Return what there is to know about a robot's clip."""
    from protomotions_envs.motions.quality import assess

    root = clip.body_pos[:, 0]
    quality = assess(clip, robot)
    worrying = concerns(quality)
    facts = {
        "name": clip.name,
        "robot": clip.robot,
        "seconds": f"{clip.duration:.2f}",
        "frames": clip.num_frames,
        "fps": f"{clip.fps:.4g}",
        "joints": len(clip.joint_names),
        "bodies": len(clip.body_names),
        "root height, m": f"{root[:, 2].min():.3f} to {root[:, 2].max():.3f}",
        "root travel, m": f"{_travel(root):.2f}",
        "mean root speed, m/s": f"{_mean_speed(root, clip.fps):.2f}",
        "fastest joint, rad/s": f"{abs(clip.joint_vel).max():.1f}",
        **_quality_facts(quality),
        "to look at": "; ".join(worrying.values()) or "nothing",
        "weight": f"{clip.weight:g}",
        "source": clip.source or "unknown",
        "licence": clip.licence or "unknown",
    }
    return ClipFacts(facts, frozenset(worrying))


def skeleton_facts(clip: SkeletonMotion) -> ClipFacts:
    """Return what there is to know about a clip of anyone's skeleton."""
    positions, _ = clip.world_poses()
    heights = positions[..., 2]
    facts = {
        "name": clip.name,
        "moves": "a skeleton of its own; retargeting makes it a robot's",
        "seconds": f"{clip.duration:.2f}",
        "frames": clip.num_frames,
        "fps": f"{clip.fps:.4g}",
        "joints": len(clip.skeleton.joint_names),
        "tallest pose, m": f"{(heights.max(axis=1) - heights.min(axis=1)).max():.2f}",
        "lowest joint, m": f"{heights.min():.3f}",
        "root height, m": f"{clip.root_pos[:, 2].min():.3f} to {clip.root_pos[:, 2].max():.3f}",
        "root travel, m": f"{_travel(clip.root_pos):.2f}",
        "mean root speed, m/s": f"{_mean_speed(clip.root_pos, clip.fps):.2f}",
        **_role_facts(clip),
        "source": clip.source or "unknown",
        "licence": clip.licence or "unknown",
    }
    return ClipFacts(facts)


def concerns(quality: MotionQuality) -> dict[str, str]:
    """Return what of a clip is more than a tracker makes up for: names of facts, and what is wrong in words."""
    found = {
        "foot skating, cm/s": (quality.foot_skating > ACCEPTED_SKATING, "feet skate"),
        "soles off ground, cm": (quality.sole_distance > ACCEPTED_DISTANCE, "standing feet are off the ground"),
        "below ground, cm": (quality.penetration > ACCEPTED_DISTANCE, "bodies are below the ground"),
        "outside limits, rad": (quality.limit_violation > 0, "joints are outside their limits"),
        "self-collision, cm": (quality.self_collision_depth > ACCEPTED_OVERLAP, "bodies overlap"),
        "speed of motors": (quality.speed_ratio > 1, "joints are faster than their motors"),
    }
    return {name: words for name, (holds, words) in found.items() if holds}


def _quality_facts(quality: MotionQuality) -> Facts:
    pair = " and ".join(quality.self_collision_pair or ())
    return {
        "frames in stance": _share(quality.stance_share),
        "foot skating, cm/s": f"{100 * quality.foot_skating:.1f}",
        "soles off ground, cm": f"{100 * quality.sole_distance:.1f}",
        "below ground, cm": _worst(
            100 * quality.penetration, 1, f"{quality.penetration_body}, frame {quality.penetration_frame}"
        ),
        "outside limits, rad": _worst(
            quality.limit_violation,
            3,
            f"{quality.limit_violation_joint}, {_share(quality.limit_violation_share)} of frames",
        ),
        "self-collision, cm": _worst(
            100 * quality.self_collision_depth, 1, f"{pair}, {_share(quality.self_collision_share)} of frames"
        ),
        "speed of motors": f"{_share(quality.speed_ratio)} of the limit ({quality.speed_ratio_joint})",
    }


def _role_facts(clip: SkeletonMotion) -> Facts:
    """Return which joints retargeting would follow, or why it can't."""
    from protomotions_envs.errors import MotionError
    from protomotions_envs.motions.retargeting.roles import SIDES, find_roles

    names = clip.skeleton.joint_names
    try:
        roles = find_roles(clip.skeleton, clip.name)
    except MotionError as error:
        return {"roles": str(error)}
    limbs: Facts = {"pelvis, chest": f"{names[roles.pelvis]}, {names[roles.chest]}"}
    for side, leg, arm in zip(SIDES, roles.legs, roles.arms, strict=True):
        leg_joints = [leg.hip, leg.knee, leg.ankle, *([] if leg.toe is None else [leg.toe])]
        limbs[f"{side} leg"] = ", ".join(names[joint] for joint in leg_joints)
        limbs[f"{side} arm"] = ", ".join(names[joint] for joint in (arm.shoulder, arm.elbow, arm.wrist))
    return limbs


def _travel(root: np.ndarray) -> float:
    """Return how far the last root position [T, 3] is from the first on the ground, m."""
    return float(np.linalg.norm(root[-1, :2] - root[0, :2]))


def _mean_speed(root: np.ndarray, fps: float) -> float:
    """Return the mean speed of a root [T, 3] over the ground, m/s."""
    return float(np.linalg.norm(np.diff(root[:, :2], axis=0), axis=1).mean()) * fps


def _share(share: float) -> str:
    return f"{100 * share:.0f} %"


def _worst(value: float, digits: int, where: str) -> str:
    return f"{value:.{digits}f} ({where})" if value > 0 else "0"
