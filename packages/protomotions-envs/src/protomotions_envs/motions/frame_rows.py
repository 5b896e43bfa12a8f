# SPDX-License-Identifier: Apache-2.0
"""One motion frame as one row of numbers, so that a lookup of whole states is a single gather."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from protomotions_envs.motions.motion import FRAME_ARRAYS, Motion
from protomotions_envs.rotations import slerp
from protomotions_envs.state import RobotState


@dataclass(frozen=True)
class FrameRows:
    """The order of a frame's numbers in a row [D]: the fields of `RobotState`, flattened, contacts as 0 or 1."""

    num_joints: int
    """J."""
    num_bodies: int
    """B."""

    @property
    def widths(self) -> tuple[int, ...]:
        """Columns of each field, in the order of `FRAME_ARRAYS`; their sum is D."""
        joints, bodies = self.num_joints, self.num_bodies
        return (joints, joints, 3 * bodies, 4 * bodies, 3 * bodies, 3 * bodies, bodies)

    def pack(self, motion: Motion) -> Tensor:
        """Return a clip as float32 rows [T, D] on the CPU."""
        flat = [np.asarray(getattr(motion, field)).reshape(motion.num_frames, -1) for field in FRAME_ARRAYS]
        return torch.from_numpy(np.concatenate(flat, axis=1, dtype=np.float32))

    def unpack(self, rows: Tensor) -> RobotState:
        """Return rows [n, D] as a state of n robots; views, but for the contacts."""
        joint_pos, joint_vel, body_pos, body_rot, lin_vel, ang_vel, contact = rows.split(self.widths, dim=1)
        shape = (len(rows), self.num_bodies)
        return RobotState(
            joint_pos=joint_pos,
            joint_vel=joint_vel,
            body_pos=body_pos.view(*shape, 3),
            body_rot=body_rot.view(*shape, 4),
            body_lin_vel=lin_vel.view(*shape, 3),
            body_ang_vel=ang_vel.view(*shape, 3),
            body_contact=contact > 0.5,
        )

    def interpolate(self, before: Tensor, after: Tensor, blend: Tensor) -> Tensor:
        """Return the rows between two sets of rows [n, D] at blend [n] in 0..1.

        Positions and velocities are interpolated linearly, rotations on the shorter arc; a contact holds where either
        neighbour in use has one.
        """
        rows = torch.lerp(before, after, blend.unsqueeze(-1))
        start = sum(self.widths[:3])
        columns = slice(start, start + 4 * self.num_bodies)
        shape = (len(rows), self.num_bodies, 4)
        turned = slerp(before[:, columns].view(shape), after[:, columns].view(shape), blend.unsqueeze(-1))
        contact = (rows[:, -self.num_bodies :] > 0).to(rows.dtype)
        return torch.cat((rows[:, :start], turned.flatten(1), rows[:, columns.stop : -self.num_bodies], contact), dim=1)
