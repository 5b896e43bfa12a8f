# SPDX-License-Identifier: Apache-2.0
"""Clips as rows of numbers, one per frame, in the layout of states."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

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
