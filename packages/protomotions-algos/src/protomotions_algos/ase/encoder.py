# SPDX-License-Identifier: Apache-2.0
"""The encoder: guesses from what the discriminator sees which latent the policy acted under."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from protomotions_algos.common.networks import build_mlp


class LatentEncoder(nn.Module):
    """Maps what the discriminator sees, [B, F], to the mean direction of a von Mises-Fisher distribution, [B, D].

    The density of a latent z on the unit sphere is proportional to exp(k mu . z), with a fixed concentration k (ASE,
    Peng et al. 2022, arXiv:2205.01906, section 5). The network is its own: in the paper it shares the discriminator's
    trunk, but then one optimiser and one batch would have to serve both.

    Args:
        num_features: F, size of the discriminator's input.
        hidden_units: Sizes of the hidden layers.
        latent_dim: D, dimensions of the latents.
        activation: Between hidden layers.
        generator: Draws the first weights.
    """

    def __init__(
        self,
        num_features: int,
        hidden_units: Sequence[int],
        latent_dim: int,
        *,
        activation: str,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.network = build_mlp(num_features, hidden_units, latent_dim, activation=activation, generator=generator)

    def forward(self, features: Tensor) -> Tensor:
        """Return directions of unit length, [B, D] float32."""
        return F.normalize(self.network(features).float(), dim=-1)


def encoder_losses(directions: Tensor, latents: Tensor) -> Tensor:
    """Return -mu . z for each sample, [B]: the negative log likelihood but for its constants (ASE, eq. 13).

    Args:
        directions: mu, the encoder's outputs, [B, D].
        latents: z that the policy acted under, [B, D].
    """
    return -(directions * latents).sum(dim=-1)


def mutual_information_rewards(directions: Tensor, latents: Tensor) -> Tensor:
    """Return (1 + mu . z) / 2, [...], between 0 for the opposite latent and 1 for the right one.

    log q(z|s, s'), which ASE rewards, is k mu . z but for a constant; scale and shift make it as large as a
    probability, so that its weight means the same for any k.

    Args:
        directions: mu, the encoder's outputs, [..., D].
        latents: z that the policy acted under, [..., D].
    """
    return 0.5 * (1.0 + (directions * latents).sum(dim=-1))


def uniformity_loss(directions: Tensor) -> Tensor:
    """Return log mean exp(-||mu_i - mu_j||^2) over pairs i != j, a scalar; lower is more evenly spread.

    The Gaussian potential of Wang and Isola 2020 (arXiv:2005.10242, eq. 2) with t = 1. Two opposite points have -4.

    Args:
        directions: Points on the unit sphere, [B, D], B at least 2.
    """
    count = directions.shape[0]
    # On the unit sphere the squared distance is 2 - 2 cos.
    potentials = (2.0 * directions @ directions.T - 2.0).exp()
    others = potentials.sum() - potentials.diagonal().sum()
    return (others / (count * (count - 1))).log()


def encoder_gradient_penalty(encoder: LatentEncoder, features: Tensor, latents: Tensor) -> Tensor:
    """Return ||d(mu . z)/d features||^2 for each sample, [B], that can be differentiated itself.

    Args:
        encoder: The network.
        features: What the discriminator sees, [B, F].
        latents: z that the policy acted under, [B, D].
    """
    features = features.detach().requires_grad_(True)
    agreement = (encoder(features) * latents).sum()
    (gradient,) = torch.autograd.grad(agreement, features, create_graph=True)
    return gradient.square().sum(dim=-1)
