# SPDX-License-Identifier: Apache-2.0
"""Recorded motion of anyone's skeleton, before it is a robot's: named joints, their tree, rotations per frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.quaternions import multiply, rotate
from protomotions_envs.motions.validation import check_finite, check_fps, check_frame_count, normalise


@dataclass(frozen=True, eq=False)
class Skeleton:
    """A tree of joints; end points such as toes and fingertips count as joints that never turn."""

    joint_names: tuple[str, ...]
    """K names, parents before their children, the root first."""
    parents: tuple[int, ...]
    """Index of each joint's parent, -1 for the root, [K]."""
    offsets: np.ndarray
    """Where each joint is in its parent's frame, m, [K, 3]; the root's is 0."""


@dataclass(frozen=True, eq=False)
class SkeletonMotion:
    """T frames of a skeleton. Metres, the world's z axis up, quaternions wxyz, float64.

    Joint frames are those of the file: with all rotations zero the skeleton stands in the file's own rest pose, so
    only positions mean the same in all files.
    """

    name: str
    """Of the clip."""
    fps: float
    """Frames per second."""
    skeleton: Skeleton
    """Who moves."""
    root_pos: np.ndarray
    """World position of the root, m, [T, 3]."""
    local_rot: np.ndarray
    """Orientation of each joint's frame in its parent's, of the root's in the world, [T, K, 4]."""
    source: str = ""
    """Where the motion comes from, in words."""
    licence: str = ""
    """SPDX identifier or name of the licence."""

    @property
    def num_frames(self) -> int:
        """Number T of frames."""
        return len(self.root_pos)

    @property
    def duration(self) -> float:
        """Time from the first frame to the last, s."""
        return (self.num_frames - 1) / self.fps

    def world_poses(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the positions [T, K, 3] (m) and orientations [T, K, 4] (wxyz) of all joints in the world."""
        positions, rotations = np.empty((*self.local_rot.shape[:2], 3)), np.empty_like(self.local_rot)
        for joint, parent in enumerate(self.skeleton.parents):
            if parent < 0:
                positions[:, joint], rotations[:, joint] = self.root_pos, self.local_rot[:, joint]
                continue
            positions[:, joint] = positions[:, parent] + rotate(rotations[:, parent], self.skeleton.offsets[joint])
            rotations[:, joint] = multiply(rotations[:, parent], self.local_rot[:, joint])
        return positions, rotations


def check_skeleton_motion(motion: SkeletonMotion, label: str) -> SkeletonMotion:
    """Check a skeleton's motion and return it in float64 with exactly unit quaternions.

    Args:
        motion: The clip.
        label: How errors call it: its file's name.

    Raises:
        MotionError: Too few frames, a rate that can't be, a tree that is none, arrays that disagree, numbers that are
            not finite, quaternions that are not unit.
    """
    check_frame_count(motion.num_frames, label)
    check_fps(motion.fps, label)
    names, parents = motion.skeleton.joint_names, motion.skeleton.parents
    if not names or len(set(names)) != len(names):
        raise MotionError(f"{label}: a skeleton needs joints whose names differ; found {', '.join(names) or 'none'}")
    if parents[:1] != (-1,) or not all(0 <= parent < joint for joint, parent in enumerate(parents) if joint):
        raise MotionError(f"{label}: the joints are not a tree whose root comes first and parents before children")
    shapes = {
        "parents": (np.shape(parents), (len(names),)),
        "offsets": (motion.skeleton.offsets.shape, (len(names), 3)),
        "root_pos": (motion.root_pos.shape, (motion.num_frames, 3)),
        "local_rot": (motion.local_rot.shape, (motion.num_frames, len(names), 4)),
    }
    for field, (found, expected) in shapes.items():
        if found != expected:
            raise MotionError(f"{label}: {field} has the shape {found}; expected {expected}")
    check_finite(motion.skeleton.offsets[None], "offsets", label, names)
    check_finite(motion.root_pos, "root_pos", label)
    check_finite(motion.local_rot, "local_rot", label, names)
    return SkeletonMotion(
        name=motion.name,
        fps=float(motion.fps),
        skeleton=Skeleton(names, parents, motion.skeleton.offsets.astype(np.float64)),
        root_pos=motion.root_pos.astype(np.float64),
        local_rot=normalise(motion.local_rot, "local_rot", label),
        source=motion.source,
        licence=motion.licence,
    )
