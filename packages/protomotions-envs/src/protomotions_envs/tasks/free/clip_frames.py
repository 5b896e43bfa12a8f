# SPDX-License-Identifier: Apache-2.0
"""The frames of clips that robots' moments are compared with."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs.motions import MotionLibrary
from protomotions_envs.tasks.free.nearest import nearest
from protomotions_envs.tasks.free.style_history import StyleHistory

MAX_FRAMES = 1 << 15
"""Frames that are compared; of larger libraries every second, third... frame of each clip is."""
MIN_SPREAD = 0.05
"""Least standard deviation that a feature is divided by, in its unit; some hardly change in any clip."""
_LOOKED_UP_AT_ONCE = 1 << 11


class ClipFrames:
    """Style features of the frames of all clips, and how alike they are.

    Scaled features have had the clips' mean taken off and are divided by the clips' standard deviation and the square
    root of their number, so that a distance of 1 is one standard deviation in every feature.

    Args:
        style: Computes the features.
        library: The clips.
        max_frames: Frames that are kept, at least one per clip.
    """

    def __init__(self, style: StyleHistory, library: MotionLibrary, max_frames: int = MAX_FRAMES) -> None:
        device = library.weights.device
        stride = -(-int(library.num_frames.sum()) // max_frames)
        kept = (library.num_frames + stride - 1) // stride
        self.clip = torch.repeat_interleave(torch.arange(library.num_motions, device=device), kept)
        """Which clip each frame belongs to, long, [m]."""
        place = torch.arange(len(self.clip), device=device) - (kept.cumsum(0) - kept)[self.clip]
        index = library.first_frame[self.clip] + stride * place
        self.features = torch.cat(
            [style.features(library.frames(part)).clone() for part in index.split(_LOOKED_UP_AT_ONCE)]
        )
        """Features of the frames, [m, F]."""
        self.expected_share = library.weights / library.weights.sum()
        """Share of each clip in random demonstrations, [M]."""
        self.weight = self.expected_share[self.clip] / kept[self.clip]
        """Share of each frame in random demonstrations, [m]."""
        column = self.weight.unsqueeze(1)
        self._mean = (column * self.features).sum(0)
        spread = (column * (self.features - self._mean).square()).sum(0).sqrt().clamp_min(MIN_SPREAD)
        self._scale = spread * self.features.shape[1] ** 0.5
        self.scaled = self.scale(self.features)
        """The features, scaled, [m, F]."""

    def scale(self, features: Tensor) -> Tensor:
        """Return features [n, F], scaled."""
        return (features - self._mean) / self._scale

    def nearest(self, scaled: Tensor) -> tuple[Tensor, Tensor]:
        """Return the clip of the frame nearest to scaled features [n, F], long, and the distance to it, [n] each."""
        index, distance = nearest(scaled, self.scaled)
        return self.clip[index], distance

    def clip_to_clip(self) -> float | None:
        """Return the mean distance of a frame to the nearest frame of another clip; None if there is only one clip."""
        if len(self.expected_share) < 2:
            return None
        _, distance = nearest(self.scaled, self.scaled, groups=(self.clip, self.clip))
        return float((self.weight * distance).sum())

    def pair_distance(self, pairs: int = 1 << 14, seed: int = 0) -> float:
        """Return the mean distance between two frames of random demonstrations, from so many pairs."""
        generator = torch.Generator(self.weight.device).manual_seed(seed)
        drawn = torch.multinomial(self.weight, 2 * pairs, replacement=True, generator=generator)
        first, second = self.scaled[drawn].chunk(2)
        return float((first - second).norm(dim=1).mean())
