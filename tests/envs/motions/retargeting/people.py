# SPDX-License-Identifier: Apache-2.0
"""Stick people whose motion is known, and the same people drawn and named as different files do."""

from dataclasses import replace

import numpy as np

from protomotions_envs.motions.quaternions import conjugate, from_rotation_vector, multiply, rotate
from protomotions_envs.motions.skeleton import Skeleton, SkeletonMotion

THIGH, SHANK, SOLE = 0.42, 0.41, 0.08
HIP = np.array([0.0, 0.09, -0.05])
_LIMBS = {
    "hip": ("pelvis", HIP),
    "knee": ("hip", [0.0, 0.0, -THIGH]),
    "ankle": ("knee", [0.0, 0.0, -SHANK]),
    "toe": ("ankle", [0.14, 0.0, -0.06]),
    "shoulder": ("chest", [0.0, 0.19, 0.2]),
    "elbow": ("shoulder", [0.0, 0.0, -0.28]),
    "wrist": ("elbow", [0.0, 0.0, -0.26]),
}
_TRUNK = {"pelvis": (None, [0.0, 0.0, 0.0]), "chest": ("pelvis", [0.0, 0.0, 0.25]), "neck": ("chest", [0, 0, 0.25])}


def skeleton() -> Skeleton:
    """Return a person of 1.7 m, upright with hanging arms at rest, joints named by what they are: `left_hip`."""
    tree = {name: (parent, np.array(offset, dtype=float)) for name, (parent, offset) in _TRUNK.items()}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        for name, (parent, offset) in _LIMBS.items():
            above = parent if parent in _TRUNK else f"{side}_{parent}"
            tree[f"{side}_{name}"] = (above, np.array(offset, dtype=float) * [1.0, sign, 1.0])
    names = tuple(tree)
    parents = tuple(-1 if parent is None else names.index(parent) for parent, _ in tree.values())
    return Skeleton(names, parents, np.stack([offset for _, offset in tree.values()]))


def person(frames: int, fps: float = 50.0, height: float = 0.0, turns: dict[str, np.ndarray] | None = None):
    """Return a person whose soles are at a height and whose joints turn by rotation vectors [T, 3], the rest still."""
    bones = skeleton()
    local_rot = np.tile([1.0, 0.0, 0.0, 0.0], (frames, len(bones.joint_names), 1))
    for name, vectors in (turns or {}).items():
        local_rot[:, bones.joint_names.index(name)] = from_rotation_vector(np.broadcast_to(vectors, (frames, 3)))
    root = np.tile([0.0, 0.0, height + SOLE + SHANK + THIGH - HIP[2]], (frames, 1))
    return SkeletonMotion("person", fps, bones, root, local_rot, source="made up", licence="CC0-1.0")


def walker(seconds: float = 4.0, fps: float = 50.0, speed: float = 0.8, step: float = 0.5) -> SkeletonMotion:
    """Return a person who walks along x with flat feet: one foot stands for half a second while the other swings."""
    time = np.arange(round(seconds * fps) + 1) / fps
    lower = 0.03
    turns = {}
    for side, phase in (("left", 0.0), ("right", 1.0)):
        stride, share = np.divmod(time / step + phase, 2.0)
        swing = np.clip(share - 1.0, 0.0, 1.0)
        ahead = 2 * speed * step * (stride - phase / 2 + swing * swing * (3 - 2 * swing)) + 0.5 * speed * step
        lift = 0.08 * np.sin(np.pi * swing) ** 2
        turns |= _leg(side, ahead - speed * time, lift - (SHANK + THIGH - lower))
    swing = 0.4 * np.cos(np.pi * time / step)
    turns["left_shoulder"], turns["right_shoulder"] = np.outer(swing, [0, 1, 0]), np.outer(swing, [0, -1, 0])
    turns["left_elbow"] = turns["right_elbow"] = np.array([0.0, -0.4, 0.0])
    motion = person(len(time), fps, turns=turns)
    root = motion.root_pos + np.stack((speed * time, 0 * time, 0 * time - lower), axis=1)
    return replace(motion, name="walker", root_pos=root)


def _leg(side: str, ahead: np.ndarray, up: np.ndarray) -> dict[str, np.ndarray]:
    """Return the turns about y that bring an ankle to a place seen from the hip, with the knee in front."""
    reach = np.hypot(ahead, up)
    bend = np.pi - np.arccos((THIGH**2 + SHANK**2 - reach**2) / (2 * THIGH * SHANK))
    thigh = -np.arctan2(ahead, -up) - np.arctan2(SHANK * np.sin(bend), THIGH + SHANK * np.cos(bend))
    angles = {"hip": thigh, "knee": bend, "ankle": -thigh - bend}
    return {f"{side}_{joint}": np.outer(angle, [0.0, 1.0, 0.0]) for joint, angle in angles.items()}


def enlarged(motion: SkeletonMotion, factor: float) -> SkeletonMotion:
    """Return the same motion of a person of another size."""
    bones = replace(motion.skeleton, offsets=factor * motion.skeleton.offsets)
    return replace(motion, skeleton=bones, root_pos=factor * motion.root_pos)


def moved(motion: SkeletonMotion, yaw: float, by: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> SkeletonMotion:
    """Return the same motion turned about the vertical and put elsewhere."""
    turn = from_rotation_vector(np.array([0.0, 0.0, yaw]))
    local_rot = motion.local_rot.copy()
    local_rot[:, 0] = multiply(turn, local_rot[:, 0])
    return replace(motion, root_pos=rotate(turn, motion.root_pos) + by, local_rot=local_rot)


def renamed(motion: SkeletonMotion, names: dict[str, str]) -> SkeletonMotion:
    """Return the same motion with joints of other names."""
    joints = tuple(names.get(name, name) for name in motion.skeleton.joint_names)
    return replace(motion, skeleton=replace(motion.skeleton, joint_names=joints))


def redrawn(motion: SkeletonMotion, seed: int = 0) -> SkeletonMotion:
    """Return the same motion of a file whose joint frames, and so whose rest pose, are arbitrary."""
    bones = motion.skeleton
    frames = from_rotation_vector(np.random.default_rng(seed).normal(size=(len(bones.parents), 3)))
    local_rot, offsets = multiply(motion.local_rot, frames), bones.offsets.copy()
    for joint, parent in enumerate(bones.parents):
        if parent >= 0:
            back = conjugate(frames[parent])
            local_rot[:, joint] = multiply(back, local_rot[:, joint])
            offsets[joint] = rotate(back, offsets[joint])
    return replace(motion, skeleton=replace(bones, offsets=offsets), local_rot=local_rot)


def without(motion: SkeletonMotion, *ends: str) -> SkeletonMotion:
    """Return the same motion without some joints that carry no others."""
    bones = motion.skeleton
    keep = [index for index, name in enumerate(bones.joint_names) if name not in ends]
    parents = tuple(keep.index(bones.parents[index]) if index else -1 for index in keep)
    names = tuple(bones.joint_names[index] for index in keep)
    return replace(motion, skeleton=Skeleton(names, parents, bones.offsets[keep]), local_rot=motion.local_rot[:, keep])
