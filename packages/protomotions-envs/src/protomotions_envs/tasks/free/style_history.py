# SPDX-License-Identifier: Apache-2.0
"""The last moments of N robots as a discriminator sees them, and the same of clips."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs.motions import MotionLibrary
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import RobotState, rows_of, write_rows
from protomotions_envs.terms.style_features import style_features


class StyleHistory:
    """Keeps the style features of recent moments, and looks up those of clips.

    Args:
        robot: The robot in every world.
        library: The clips.
        steps: How many control steps ago the moments were that are shown.
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    def __init__(
        self, robot: Robot, library: MotionLibrary, steps: tuple[int, ...], num_envs: int, device: torch.device
    ) -> None:
        self._library = library
        self._anchor = robot.anchor_index
        self._key_bodies = torch.tensor(robot.body_indices(robot.config.key_bodies), device=device)
        self._steps = torch.tensor(steps, device=device)
        self._ages = torch.arange(max(steps) + 1, device=device)
        width = 13 + 3 * len(self._key_bodies) + 2 * robot.num_joints
        # The newest moment comes first.
        self._moments = torch.zeros(num_envs, len(self._ages), width, device=device)

    def features(self, state: RobotState) -> Tensor:
        """Return the features of one moment of some robots, [n, F]."""
        return style_features(state, self._anchor, self._key_bodies)

    def push(self, state: RobotState) -> None:
        """Let one control step pass."""
        newest = self.features(state).unsqueeze(1)
        self._moments.copy_(torch.cat((newest, self._moments[:, :-1]), dim=1))

    def begin(self, mask: Tensor, state: RobotState, motion: Tensor, frame: Tensor) -> None:
        """Start where `mask` [N] is true, as if the robots had come there along their clips.

        Args:
            mask: Which worlds, bool, [N].
            state: Of all worlds.
            motion: Clip that each world starts on, long, [N]; -1 where it had been standing still.
            frame: Frame within the clip, long, [N].
        """
        rows = rows_of(mask)
        motion = motion[rows]
        now = self.features(state)[rows].unsqueeze(1)
        index = self._indices(motion.clamp_min(0), frame[rows], self._ages)
        came = self.features(self._library.frames(index.flatten())).unflatten(0, index.shape)
        stood = (motion < 0).view(-1, 1, 1)
        past = torch.where(stood, now.expand_as(came), came)
        write_rows(self._moments, mask, rows, torch.cat((now, past[:, 1:]), dim=1))

    def shown(self) -> Tensor:
        """Return the moments that a discriminator sees, a row per world, [N, steps, F]."""
        return self._moments.index_select(1, self._steps)

    def demonstrations(self, count: int, generator: torch.Generator) -> Tensor:
        """Return what clips show at random moments, by the clips' weights, [count, steps F]."""
        library = self._library
        motion = library.sample_motions(count, generator)
        first = torch.minimum(self._ages[-1], library.num_frames[motion] - 1)
        spread = torch.rand(count, generator=generator, device=motion.device)
        frame = first + (spread * (library.num_frames[motion] - first)).long()
        index = self._indices(motion, frame, self._steps)
        return self.features(library.frames(index.flatten())).view(count, -1)

    def _indices(self, motion: Tensor, frame: Tensor, ages: Tensor) -> Tensor:
        """Return global frame numbers of moments before a frame, no earlier than the clip's first, [n, ages]."""
        return self._library.first_frame[motion].unsqueeze(1) + (frame.unsqueeze(1) - ages).clamp_min(0)
