# SPDX-License-Identifier: Apache-2.0
"""Clips as rows of numbers, one per frame, in the layout of states."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.motion import FRAME_ARRAYS, Motion
from protomotions_envs.rotations import slerp
from protomotions_envs.state import StateLayout


def pack_frames(motion: Motion) -> Tensor:
    """Return a clip as rows [T, D], float32, on the CPU."""
    arrays = [np.asarray(getattr(motion, field)) for field in FRAME_ARRAYS]
    flat = [array.swapaxes(1, -1).reshape(motion.num_frames, -1) for array in arrays]
    return torch.from_numpy(np.concatenate(flat, axis=1, dtype=np.float32))


def interpolate(layout: StateLayout, before: Tensor, after: Tensor, blend: Tensor) -> Tensor:
    """Return the rows between two sets of rows [n, D] at blend [n] in 0..1.

    Positions and velocities are interpolated linearly, rotations on the shorter arc; a contact holds where either
    neighbour in use has one.
    """
    rows = torch.lerp(before, after, blend.unsqueeze(-1))
    state, first, second = layout.split(rows), layout.split(before), layout.split(after)
    state.body_rot.copy_(slerp(first.body_rot, second.body_rot, blend.unsqueeze(-1)))
    state.body_contact.copy_(state.body_contact > 0)
    return rows


def resampled_rows(motion: Motion, layout: StateLayout, fps: float) -> Tensor:
    """Return a clip at another rate as rows [T', D]; what is left after its last whole frame is dropped.

    Raises:
        MotionError: It is shorter than one frame at that rate.
    """
    rows = pack_frames(motion)
    # A clip of exactly n control steps keeps its last frame, whatever the rounding of its rate.
    count = math.floor(motion.duration * fps + 1e-6) + 1
    if count < 2:
        raise MotionError(
            f"{motion.name} lasts {motion.duration:.3g} s, less than one frame at {fps:g} frames per second; "
            "use a longer clip"
        )
    place = (torch.arange(count, dtype=torch.float64) * (motion.fps / fps)).clamp_max(motion.num_frames - 1)
    before = place.long()
    after = (before + 1).clamp_max(motion.num_frames - 1)
    return interpolate(layout, rows[before], rows[after], (place - before).float())
