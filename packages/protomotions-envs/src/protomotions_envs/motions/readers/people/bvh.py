# SPDX-License-Identifier: Apache-2.0
"""Reader of Biovision `.bvh` files, whoever wrote them: CMU, LAFAN1, Mixamo, 100STYLE and others.

Joints keep their names; the End Site of a joint is the joint `<joint>_end`. A joint's rotation is the product of its
turns in the order of its channels, each about an axis that the former have turned. The root's position channels are
where it is. Those of another joint must stay the same, for bones keep their length: they take the place of its OFFSET,
unless all are 0. A root that only carries the first joint of the body about, a scene's `Reference`, is left out.

BVH says neither its unit nor which axis is up. Up is y or z, whichever leans more towards the mean direction from the
feet to the head in 100 frames over the whole clip, so that it may begin on the floor; `stature.detect_unit` says how
the unit is found.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.quaternions import Y_UP_TO_Z_UP, from_euler, multiply, rotate
from protomotions_envs.motions.readers.files.text_file import read_text
from protomotions_envs.motions.readers.motion_format import ReadOptions, SkeletonFormat
from protomotions_envs.motions.readers.people.bvh_text import BvhClip, BvhJoint, parse_bvh
from protomotions_envs.motions.readers.people.stature import detect_unit, is_z_up
from protomotions_envs.motions.skeleton import Skeleton, SkeletonMotion
from protomotions_envs.motions.validation import LARGEST_VALUE

_SLACK = 1e-3
"""How far a joint may move in its parent's frame, as a share of the length of all bones: rounding, 1 cm of a person."""
_LOOKED_AT = 100
_AS_IT_IS = np.array([1.0, 0.0, 0.0, 0.0])


def _read(path: Path, options: ReadOptions) -> list[SkeletonMotion]:
    text = parse_bvh(read_text(path), path.name)
    clip = _without_reference(text, path)
    metres = detect_unit(clip.skeleton, path.name) if options.metres_per_unit is None else options.metres_per_unit
    # Comparisons with NaN are false.
    if not 0 < metres <= LARGEST_VALUE:
        raise MotionError(f"{path.name} can't have units of {metres:g} m; give --metres-per-unit more than 0")
    every = max(1, clip.num_frames // _LOOKED_AT)
    looked_at = replace(clip, root_pos=clip.root_pos[::every], local_rot=clip.local_rot[::every])
    up = _AS_IT_IS if is_z_up(clip.skeleton, looked_at.world_poses()[0]) else Y_UP_TO_Z_UP
    clip.local_rot[:, 0] = multiply(up, clip.local_rot[:, 0])
    skeleton = replace(clip.skeleton, offsets=metres * clip.skeleton.offsets)
    return [replace(clip, skeleton=skeleton, root_pos=metres * rotate(up, clip.root_pos))]


def _without_reference(text: BvhClip, path: Path) -> SkeletonMotion:
    """Return the clip in the file's unit and axes; its root is the first joint that the body hangs on."""
    joints, frames = text.joints, len(text.values)
    places, rotations = _joint_poses(text)
    slack = _SLACK * sum(float(np.linalg.norm(place.mean(axis=0))) for place in places[1:])
    moving = [index for index, place in enumerate(places) if index and np.ptp(place, axis=0).max() > slack]
    parents = [joint.parent for joint in joints]
    root, root_pos, root_rot = 0, places[0], rotations[0]
    while parents.count(root) == 1 and root + 1 in moving:
        root += 1
        root_pos, root_rot = root_pos + rotate(root_rot, places[root]), multiply(root_rot, rotations[root])
    if moving[root:]:
        raise MotionError(
            f"{path.name}: the position channels of joint {joints[moving[root]].name[:40]!r} change its bone's length "
            "or place, which is not read; export the file with position channels for the root only"
        )
    skeleton = Skeleton(
        joint_names=tuple(joint.name for joint in joints[root:]),
        parents=tuple(max(parent - root, -1) for parent in parents[root:]),
        offsets=np.stack([np.zeros(3), *(place.mean(axis=0) for place in places[root + 1 :])]),
    )
    local_rot = np.stack([root_rot, *rotations[root + 1 :]], axis=1)
    return SkeletonMotion(
        name=path.stem,
        fps=1.0 / text.frame_time,
        skeleton=skeleton,
        root_pos=np.broadcast_to(root_pos, (frames, 3)),
        local_rot=local_rot,
        source=path.name,
    )


def _joint_poses(text: BvhClip) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Return each joint's places, [T, 3] or [1, 3] if it has one, and rotations, [T, 4], in its parent's frame."""
    ends = np.cumsum([len(joint.channels) for joint in text.joints])
    places, rotations = [], []
    for joint, columns in zip(text.joints, np.split(text.values, ends[:-1], axis=1), strict=True):
        places.append(_place(joint, columns))
        turns = [index for index, channel in enumerate(joint.channels) if channel.endswith("rotation")]
        axes = "".join(joint.channels[index][0] for index in turns)
        rotations.append(from_euler(np.radians(columns[:, turns]), axes))
    return places, rotations


def _place(joint: BvhJoint, columns: np.ndarray) -> np.ndarray:
    found = {channel[0]: index for index, channel in enumerate(joint.channels) if channel.endswith("position")}
    positions = columns[:, list(found.values())]
    # Some programs add the channels of other joints than the root to the OFFSET and leave them at 0.
    if not found or (joint.parent >= 0 and not positions.any()):
        return joint.offset[None]
    place = np.tile(joint.offset, (len(columns), 1))
    place[:, ["xyz".index(axis) for axis in found]] = positions
    return place


FORMAT = SkeletonFormat("BVH", (".bvh",), _read)
