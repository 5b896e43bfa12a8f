# SPDX-License-Identifier: Apache-2.0
"""Latents that worlds act under: drawn from the unit sphere and held for a while."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from protomotions_algos.ase.sphere import draw_on_sphere


class HeldLatents:
    """One latent per world, each held for a random number of steps whatever happens to the episode.

    A policy whose latent changes within an episode learns to go over from any skill to any other (ASE, Peng et al.
    2022, arXiv:2205.01906). Nothing here waits for the device.

    Args:
        num_worlds: N, number of worlds.
        size: D, dimensions of the sphere's space.
        steps: Fewest and most steps that a latent is held; all numbers between are equally likely.
        generator: Draws latents and times; its device is theirs.
    """

    def __init__(self, num_worlds: int, size: int, steps: tuple[int, int], generator: torch.Generator) -> None:
        self.steps = steps
        self.generator = generator
        self.values = torch.zeros(num_worlds, size, device=generator.device)
        """Latents that hold now, [N, D]."""
        self.remaining = torch.zeros(num_worlds, dtype=torch.long, device=generator.device)
        """Steps that each will be held for, the coming one included, [N]."""
        self.redraw()

    def redraw(self) -> None:
        """Draw all latents anew."""
        self.remaining.fill_(1)
        self.advance()

    def advance(self) -> None:
        """Let one step pass, and draw those anew whose time is over."""
        worlds, size = self.values.shape
        fewest, most = self.steps
        # All are drawn and few are taken: a fixed shape costs less than asking the device which ones are due.
        fresh = draw_on_sphere(worlds, size, self.generator)
        times = torch.randint(fewest, most + 1, (worlds,), generator=self.generator, device=self.generator.device)
        self.remaining -= 1
        due = self.remaining <= 0
        self.values.copy_(torch.where(due[:, None], fresh, self.values))
        self.remaining.copy_(torch.where(due, times, self.remaining))

    def state_dict(self) -> dict[str, Tensor]:
        """Return latents and times."""
        return {"values": self.values.clone(), "remaining": self.remaining.clone()}

    def load_state_dict(self, state: Mapping[str, Tensor]) -> None:
        """Continue from saved latents; those of another number of worlds are left, and drawn anew."""
        if state["values"].shape == self.values.shape:
            self.values.copy_(state["values"])
            self.remaining.copy_(state["remaining"])
        else:
            self.redraw()
