# SPDX-License-Identifier: Apache-2.0
"""Losses and rewards of ASE against numbers worked out by hand."""

import math

import pytest
import torch

from protomotions_algos.ase.diversity import diversity_loss
from protomotions_algos.ase.encoder import (
    LatentEncoder,
    encoder_gradient_penalty,
    encoder_losses,
    mutual_information_rewards,
    uniformity_loss,
)
from protomotions_algos.ase.sphere import draw_on_sphere


def small_encoder(num_features=3, latent_dim=2):
    """An encoder with one hidden layer."""
    generator = torch.Generator().manual_seed(0)
    return LatentEncoder(num_features, (8,), latent_dim, activation="tanh", generator=generator)


def test_losses_and_rewards_by_hand():
    """Right, opposite, at a right angle, and at 60 degrees."""
    latents = torch.tensor([[1.0, 0.0]]).expand(4, 2)
    directions = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.5, math.sqrt(0.75)]])
    torch.testing.assert_close(encoder_losses(directions, latents), torch.tensor([-1.0, 1.0, 0.0, -0.5]))
    torch.testing.assert_close(mutual_information_rewards(directions, latents), torch.tensor([1.0, 0.0, 0.5, 0.75]))


def test_rewards_are_bounded():
    """Between 0 and 1 whatever the encoder says, with any leading axes."""
    generator = torch.Generator().manual_seed(1)
    directions = small_encoder()(100.0 * torch.randn(4000, 3, generator=generator))
    torch.testing.assert_close(directions.norm(dim=1), torch.ones(4000))
    rewards = mutual_information_rewards(
        directions.view(40, 100, 2), draw_on_sphere(4000, 2, generator).view(40, 100, 2)
    )
    assert rewards.shape == (40, 100)
    assert -1e-6 <= rewards.min() < 0.01
    assert 0.99 < rewards.max() <= 1.0 + 1e-6


def test_minimising_the_loss_is_maximum_likelihood():
    """On the circle the loss differs from -log of the von Mises density with k = 1 by the same number everywhere."""
    generator = torch.Generator().manual_seed(2)
    directions, latents = draw_on_sphere(50, 2, generator), draw_on_sphere(50, 2, generator)
    means, angles = (torch.atan2(points[:, 1], points[:, 0]) for points in (directions, latents))
    log_density = torch.distributions.VonMises(means, torch.ones(50)).log_prob(angles)
    constants = encoder_losses(directions, latents) + log_density
    torch.testing.assert_close(constants, constants[:1].expand(50))


def test_uniformity_by_hand():
    """Two opposite points: squared distance 4. Four points of a cross: distances 2, 2, 4 for each."""
    opposite = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    assert uniformity_loss(opposite).item() == pytest.approx(-4.0)
    cross = torch.cat([opposite, opposite.flip(1)])
    expected = math.log((2.0 * math.exp(-2.0) + math.exp(-4.0)) / 3.0)
    assert uniformity_loss(cross).item() == pytest.approx(expected)
    assert uniformity_loss(opposite[:1].expand(5, 2)).item() == pytest.approx(0.0, abs=1e-6)


def test_gradient_penalty_against_finite_differences():
    """The squared norm of d(mu . z)/dx, one column at a time, in float64; and it has gradients itself."""
    encoder = small_encoder().double()
    generator = torch.Generator().manual_seed(3)
    # The encoder answers in float32, so the steps are large and the tolerance is that of central differences.
    features, latents = torch.randn(5, 3, generator=generator).double(), draw_on_sphere(5, 2, generator)
    expected = torch.zeros(5)
    for column in range(3):
        offset = torch.zeros(3, dtype=torch.float64)
        offset[column] = 1e-2
        ahead, behind = ((encoder(features + way * offset) * latents).sum(dim=1) for way in (1.0, -1.0))
        expected += ((ahead - behind) / 2e-2).square()
    penalties = encoder_gradient_penalty(encoder, features, latents)
    torch.testing.assert_close(penalties.float(), expected, rtol=1e-2, atol=1e-3)
    penalties.mean().backward()
    assert encoder.network[0].weight.grad.abs().sum() > 0.0


def test_diversity_by_hand():
    """Opposite latents (distance 1) and latents at a right angle (distance 1/2)."""
    latents = torch.tensor([[1.0, 0.0]]).expand(3, 2)
    others = torch.tensor([[-1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]])
    actions = torch.tensor([[0.5, 0.0], [0.0, 0.0], [0.6, 0.2]])
    other_actions = torch.tensor([[-0.5, 0.0], [0.0, 0.0], [0.0, 0.0]])
    # Mean squared differences 0.5, 0 and 0.2 over distances 1, 1 and 0.5.
    expected = torch.tensor([(1.0 - 0.5) ** 2, 1.0, (1.0 - 0.4) ** 2])
    torch.testing.assert_close(diversity_loss(actions, other_actions, latents, others), expected, rtol=1e-4, atol=0.0)


def test_diversity_counts_actions_within_their_bounds():
    """Means of 1 and 5 are the same action to the environment, and have no gradient beyond the bound."""
    latents, others = torch.tensor([[1.0, 0.0]]), torch.tensor([[-1.0, 0.0]])
    actions = torch.tensor([[5.0]], requires_grad=True)
    loss = diversity_loss(actions, torch.tensor([[1.0]]), latents, others)
    assert loss.item() == pytest.approx(1.0)
    loss.sum().backward()
    assert actions.grad.item() == 0.0


def test_diversity_of_equal_latents_is_finite():
    """A fresh latent that happens to be the old one."""
    latents = torch.tensor([[1.0, 0.0]])
    assert diversity_loss(torch.zeros(1, 2), torch.zeros(1, 2), latents, latents).item() == pytest.approx(1.0)
    assert diversity_loss(torch.zeros(1, 2), torch.full((1, 2), 0.01), latents, latents).isfinite().all()
