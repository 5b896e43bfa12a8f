# SPDX-License-Identifier: Apache-2.0
"""The diversity loss: actions should differ as much as the latents that they come from."""

from __future__ import annotations

from torch import Tensor

_ACTION_BOUND = 1.0
_SMALLEST_DISTANCE = 1e-5


def diversity_loss(actions: Tensor, other_actions: Tensor, latents: Tensor, other_latents: Tensor) -> Tensor:
    """Return (1 - D_action / D_latent)^2 for each sample, [B] (ASE, Peng et al. 2022, arXiv:2205.01906, eq. 15).

    D_action is the mean squared difference of the most probable actions, which stands for the KL divergence of two
    Gaussians with the same standard deviation; D_latent is half of one minus the cosine, 0 for equal latents and 1 for
    opposite ones. Actions count within [-1, 1] only: beyond, they could differ without any effect.

    Args:
        actions: Most probable actions under `latents`, [B, A].
        other_actions: Most probable actions in the same states under `other_latents`, [B, A].
        latents: On the unit sphere, [B, D].
        other_latents: On the unit sphere, [B, D].
    """
    bounded, other = (given.clamp(-_ACTION_BOUND, _ACTION_BOUND) for given in (actions, other_actions))
    difference = (bounded - other).square().mean(dim=-1)
    distance = 0.5 * (1.0 - (latents * other_latents).sum(dim=-1))
    return (1.0 - difference / (distance + _SMALLEST_DISTANCE)).square()
