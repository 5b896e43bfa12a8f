# SPDX-License-Identifier: Apache-2.0
"""Latents of a policy in use: held as in training, or fixed by whoever uses it."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from protomotions_algos.ase.latents import HeldLatents
from protomotions_algos.errors import AlgorithmError


class PlayingLatents:
    """The latents that `act` goes by, for any number of worlds; training has its own.

    Args:
        size: D, dimensions of the latents.
        steps: Fewest and most steps that a latent is held.
        generator: Draws latents and times; its device is theirs.
    """

    def __init__(self, size: int, steps: tuple[int, int], generator: torch.Generator) -> None:
        self.size = size
        self.steps = steps
        self.generator = generator
        self._fixed: Tensor | None = None
        self._held: HeldLatents | None = None

    def fix(self, latents: Tensor | None) -> None:
        """Hold these latents, [D] or [N', D], scaled to unit length, until further notice; None draws again.

        Raises:
            AlgorithmError: The shape is another one, or a latent has no direction.
        """
        self._held = None
        self._fixed = None if latents is None else self._checked(latents)

    def next(self, num_worlds: int) -> Tensor:
        """Return the latents for the coming step of N' worlds, [N', D], and let their time pass.

        Raises:
            AlgorithmError: Latents are fixed for another number of worlds.
        """
        if self._fixed is not None:
            return self._for_worlds(self._fixed, num_worlds)
        if self._held is None or self._held.values.shape[0] != num_worlds:
            self._held = HeldLatents(num_worlds, self.size, self.steps, self.generator)
        latents = self._held.values.clone()
        self._held.advance()
        return latents

    def _for_worlds(self, fixed: Tensor, num_worlds: int) -> Tensor:
        """Return fixed latents as [N', D]."""
        if fixed.ndim == 2 and fixed.shape[0] != num_worlds:
            raise AlgorithmError(
                f"latents are held for {fixed.shape[0]} worlds, but the observation is of {num_worlds}; "
                "hold one latent for each world, or one for all"
            )
        return fixed.expand(num_worlds, self.size)

    def _checked(self, latents: Tensor) -> Tensor:
        """Return latents of unit length on the device."""
        if latents.ndim not in (1, 2) or latents.shape[-1] != self.size:
            raise AlgorithmError(
                f"latents have shape {tuple(latents.shape)}, expected ({self.size},) for all worlds alike "
                f"or (worlds, {self.size})"
            )
        latents = latents.to(self.generator.device, torch.float32)
        lengths = latents.norm(dim=-1)
        if not bool((lengths.isfinite() & (lengths > 0.0)).all()):
            raise AlgorithmError(
                "a latent is zero or not finite, so it has no direction; give each a length above zero"
            )
        return F.normalize(latents, dim=-1)
