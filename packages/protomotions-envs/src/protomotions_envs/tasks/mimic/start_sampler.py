# SPDX-License-Identifier: Apache-2.0
"""Reference state initialisation that returns to where the policy fails."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs.motions import MotionLibrary
from protomotions_envs.tasks.mimic.config import MimicStart

FAILURE_LEAD_SECONDS = 0.3
"""A failure is blamed on the stretch of clip that lies this long before it."""


class StartSampler:
    """Draws the clip and frame at which episodes start.

    Clips are cut into bins. A bin is drawn in proportion to its share of clip time and clip weight, or, for a fraction
    of the episodes, to its decayed count of recent failures (adaptive sampling as in BeyondMimic, Liao et al. 2025,
    section 3). All shapes are fixed and nothing waits for the device.

    Args:
        library: The clips.
        config: Shares and bin length.
    """

    def __init__(self, library: MotionLibrary, config: MimicStart) -> None:
        self._config = config
        self._bin_frames = max(1, round(config.bin_seconds * library.fps))
        self._lead_frames = round(FAILURE_LEAD_SECONDS * library.fps)
        # The last frame of a clip can't be a start: there is nothing left to follow.
        startable = library.num_frames - 1
        bins_per_clip = (startable + self._bin_frames - 1) // self._bin_frames
        device = library.weights.device
        clip = torch.repeat_interleave(torch.arange(library.num_motions, device=device), bins_per_clip)
        self._first_bin = torch.cumsum(bins_per_clip, 0) - bins_per_clip
        index_in_clip = torch.arange(len(clip), device=device) - self._first_bin[clip]
        start = index_in_clip * self._bin_frames
        length = torch.minimum(startable[clip] - start, torch.full_like(start, self._bin_frames))
        # A row per bin, so that a lookup is a single gather: the place of its first frame, and its length.
        self._bins = torch.stack((clip, start, library.first_frame[clip], startable[clip], length), dim=1)
        share = library.weights[clip] * length / startable[clip]
        self._share = share / share.sum()
        self.failures = torch.zeros_like(self._share)
        """Decayed number of failures per bin."""

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """Draw starts.

        Returns:
            Clip, frame within it, global number of its first frame, and number of its last frame, long, [count, 4].
        """
        uniform = torch.rand(3, count, generator=generator, device=self._share.device)
        which, where, whether = uniform.unbind()
        cumulative = torch.cumsum(self._shares(), 0)
        chosen = torch.searchsorted(cumulative, which * cumulative[-1]).clamp_(max=len(self._bins) - 1)
        places, length = self._bins.index_select(0, chosen).split((4, 1), dim=1)
        frame = places[:, 1:2].add_((where.unsqueeze(1) * length).long())
        frame.masked_fill_((whether < self._config.start_fraction).unsqueeze(1), 0)
        return places

    def probabilities(self) -> Tensor:
        """Return the probability of each bin."""
        shares = self._shares()
        return shares / shares.sum()

    def _shares(self) -> Tensor:
        """Return what is proportional to the probability of each bin; as long as nothing failed, its share of time."""
        fraction, total = self._config.failure_fraction, self.failures.sum().clamp_min(1e-6)
        return torch.addcdiv(max(1.0 - fraction, 1e-6) * self._share, self.failures, total, value=fraction)

    def record(self, clip: Tensor, frame: Tensor, failed: Tensor) -> None:
        """Count the episodes that failed at these frames, [N] each, and let older failures fade."""
        blamed = (frame - self._lead_frames).clamp_min(0) // self._bin_frames
        self.failures.mul_(self._config.failure_decay)
        self.failures.index_add_(0, self._first_bin[clip] + blamed, failed.to(self.failures.dtype))
