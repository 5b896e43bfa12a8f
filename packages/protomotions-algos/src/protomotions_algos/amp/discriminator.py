# SPDX-License-Identifier: Apache-2.0
"""The discriminator between demonstrations and policy, the pieces of its loss, and the reward it gives."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

from protomotions_algos.common.networks import build_mlp
from protomotions_algos.ppo.losses import masked_mean

_LEAST_DOUBT = 1e-4
"""Lower bound of 1 - sigma(D) in the reward, which so stays below 9.2."""


class Discriminator(nn.Module):
    """Maps features [B, D] to logits [B]; above 0 means a demonstration.

    It computes in float32 and is never compiled: its gradient penalty needs second derivatives.

    Args:
        num_features: D.
        hidden_units: Sizes of the trunk's layers.
        activation: After each of them.
        generator: Decides the first weights. The logits begin near 0, that is, undecided.
    """

    def __init__(
        self,
        num_features: int,
        hidden_units: Sequence[int],
        *,
        activation: str = "relu",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        layers = build_mlp(num_features, hidden_units, 1, activation=activation, output_gain=0.01, generator=generator)
        self.trunk = layers[:-1]
        self.logit = layers[-1]

    def forward(self, features: Tensor) -> Tensor:
        """Return logits [B] for scaled features [B, D]."""
        return self.logit(self.trunk(features))[:, 0]

    def decay(self, every_layer: float, logit: float) -> Tensor:
        """Return the sum of the squared weights, a scalar: times `every_layer`, and the last layer's times `logit`."""
        squares = [layer.weight.square().sum() for layer in (*self.trunk, self.logit) if isinstance(layer, nn.Linear)]
        return every_layer * torch.stack(squares).sum() + logit * squares[-1]


def style_reward(logits: Tensor) -> Tensor:
    """Return -log(max(1 - sigma(D), 1e-4)), the shape of the logits (Peng et al. 2021, section 5)."""
    return softplus(logits).clamp(max=-math.log(_LEAST_DOUBT))


def classification_loss(
    demonstrations: Tensor, policy: Tensor, replay: Tensor | None = None, valid: Tensor | None = None
) -> Tensor:
    """Return the binary cross-entropy of logits, half of it for demonstrations, half for the policy, a scalar.

    Args:
        demonstrations: Logits of demonstrations, [K].
        policy: Logits of states that the policy has just visited, [B].
        replay: Logits of states that it visited earlier, [M]; they count as much as the new ones.
        valid: Which of the policy's states count, [B]; None for all.
    """
    negatives = masked_mean(softplus(policy), valid)
    if replay is not None:
        negatives = 0.5 * (negatives + softplus(replay).mean())
    return 0.5 * (softplus(-demonstrations).mean() + negatives)


def gradient_penalty(logits: Tensor, features: Tensor, valid: Tensor | None = None) -> Tensor:
    """Return the mean of |dD/dx|^2, a scalar to differentiate further (Mescheder et al. 2018, arXiv:1801.04406, eq. 9).

    Args:
        logits: D, [B], computed from `features`.
        features: Scaled inputs x of the discriminator, [B, F], that require gradients.
        valid: Which rows count, [B]; None for all.
    """
    (gradients,) = torch.autograd.grad(logits.sum(), features, create_graph=True)
    return masked_mean(gradients.square().sum(dim=1), valid)


def figures(logits: Mapping[str, Tensor], valid: Tensor | None = None) -> dict[str, Tensor]:
    """Return mean logits and the shares classified rightly of "demonstrations" [K] and "policy" [B], as scalars."""
    demonstrations, policy = logits["demonstrations"], logits["policy"]
    return {
        "logit_demonstrations": demonstrations.mean(),
        "logit_policy": masked_mean(policy, valid),
        "accuracy_demonstrations": (demonstrations > 0.0).float().mean(),
        "accuracy_policy": masked_mean((policy < 0.0).float(), valid),
    }
