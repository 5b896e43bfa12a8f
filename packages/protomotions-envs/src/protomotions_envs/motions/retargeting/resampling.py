# SPDX-License-Identifier: Apache-2.0
"""A skeleton's motion at another rate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from protomotions_envs.motions.quaternions import conjugate, from_rotation_vector, multiply, rotation_vector
from protomotions_envs.motions.skeleton import SkeletonMotion
from protomotions_envs.motions.smoothing import smoothed, smoothed_rotations

_WIDTH = 0.5
"""Of the average before frames are left out, standard deviation in frames of the new rate."""


def resample(motion: SkeletonMotion, fps: float) -> SkeletonMotion:
    """Return the clip at another rate, from its first frame as far as whole periods go, at least two frames.

    What is faster than the new rate can show is averaged away first. Positions are interpolated linearly, rotations on
    the shorter arc.

    Args:
        motion: The clip.
        fps: Frames per second.
    """
    if fps == motion.fps:
        return motion
    width = _WIDTH * motion.fps / fps if fps < motion.fps else 0.0
    root_pos, local_rot = smoothed(motion.root_pos, width), smoothed_rotations(motion.local_rot, width)
    # Rounding must not cost the last frame.
    frames = max(int(motion.duration * fps + 1e-6) + 1, 2)
    place = np.minimum(np.arange(frames) / fps * motion.fps, motion.num_frames - 1)
    before = np.minimum(place.astype(int), motion.num_frames - 2)
    blend = (place - before)[:, None]
    first, second = local_rot[before], local_rot[before + 1]
    turn = rotation_vector(multiply(second, conjugate(first)))
    return replace(
        motion,
        fps=float(fps),
        root_pos=(1.0 - blend) * root_pos[before] + blend * root_pos[before + 1],
        local_rot=multiply(from_rotation_vector(blend[..., None] * turn), first),
    )
