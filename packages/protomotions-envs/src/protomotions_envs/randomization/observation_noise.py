# SPDX-License-Identifier: Apache-2.0
"""Noise of sensors: policies see other states than the simulated ones."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs.randomization.ranges import check_widths
from protomotions_envs.state import StateLayout


@dataclass(frozen=True)
class ObservationNoise:
    """Half-widths of uniform noise on the state that observations are computed from; 0 is off.

    Noise is drawn once per control step, so that all terms, the final observation and the first one of the next episode
    see the same. Rewards, terminations, references, goals and the terms for discriminators, `style` and
    `tracking_difference`, are free of it.
    """

    joint_pos: float = 0.0
    """Of joint angles, rad."""
    joint_vel: float = 0.0
    """Of joint velocities, rad/s."""
    anchor_rot: float = 0.0
    """Of the components of the anchor body's quaternion, which is normalised again."""
    anchor_ang_vel: float = 0.0
    """Of the anchor body's angular velocity, rad/s."""
    body_pos: float = 0.0
    """Of the positions of all bodies, each on its own, m."""
    body_rot: float = 0.0
    """Of the components of all bodies' quaternions, besides `anchor_rot`."""
    body_lin_vel: float = 0.0
    """Of the linear velocities of all bodies, m/s."""
    body_ang_vel: float = 0.0
    """Of the angular velocities of all bodies, besides `anchor_ang_vel`, rad/s."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            check_widths(name, value)


class NoiseSource:
    """Adds noise to the states of N robots, in tensors that stay where they are.

    Args:
        config: How much noise.
        layout: Of the states.
        anchor: Index of the anchor body.
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    def __init__(
        self, config: ObservationNoise, layout: StateLayout, anchor: int, num_envs: int, device: torch.device
    ) -> None:
        widest = layout.empty(1, device)
        fields = layout.split(widest)
        for name in ("joint_pos", "joint_vel", "body_pos", "body_rot", "body_lin_vel", "body_ang_vel"):
            getattr(fields, name).fill_(getattr(config, name))
        fields.body_rot[:, anchor] += config.anchor_rot
        fields.body_ang_vel[:, anchor] += config.anchor_ang_vel
        self._layout = layout
        self._columns = widest[0].nonzero().flatten()
        self._widest = widest[0, self._columns]
        self._noise = layout.empty(num_envs, device)
        # Bodies whose quaternions must be normalised again.
        everywhere, nowhere = slice(None), slice(0)
        only_anchor = slice(anchor, anchor + 1) if config.anchor_rot else nowhere
        self._turned = everywhere if config.body_rot else only_anchor

    def draw(self, generator: torch.Generator, mask: Tensor | None = None) -> None:
        """Draw noise for all worlds, or where `mask` [N] is true."""
        shape = (len(self._noise), len(self._columns))
        drawn = (2.0 * torch.rand(shape, generator=generator, device=self._noise.device) - 1.0) * self._widest
        if mask is not None:
            drawn = torch.where(mask.unsqueeze(1), drawn, self._noise.index_select(1, self._columns))
        self._noise.index_copy_(1, self._columns, drawn)

    def add(self, state_rows: Tensor) -> Tensor:
        """Return states [N, D] with the noise of this step."""
        noisy = state_rows + self._noise
        rotation = self._layout.split(noisy).body_rot[:, self._turned]
        rotation.div_(rotation.norm(dim=-1, keepdim=True))
        return noisy
