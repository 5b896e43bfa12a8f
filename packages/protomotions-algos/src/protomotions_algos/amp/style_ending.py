# SPDX-License-Identifier: Apache-2.0
"""Ends episodes that have left the style for good, such as those of a robot that lies on the ground."""

from __future__ import annotations

import torch
from torch import Tensor


class StyleEnding:
    """Counts the states out of style, one after another, of each world.

    Args:
        num_envs: N, number of worlds.
        threshold: Style reward below which a state is out of style.
        steps: Such states in a row that end an episode.
        device: Where rewards live.
    """

    def __init__(self, num_envs: int, threshold: float, steps: int, device: torch.device) -> None:
        self.threshold = threshold
        self.steps = steps
        self.counts = torch.zeros(num_envs, dtype=torch.long, device=device)

    def __call__(self, rewards: Tensor, over: Tensor) -> Tensor:
        """Return the worlds whose episode should end, bool [N].

        Args:
            rewards: Style rewards of the states that a step led to, [N].
            over: Worlds whose episode ended in this step, or that were only reset, [N]: they count from 0 again.
        """
        self.counts += 1
        self.counts *= (rewards < self.threshold) & ~over
        return self.counts >= self.steps

    def restart(self) -> None:
        """Count from 0 in all worlds."""
        self.counts.zero_()
