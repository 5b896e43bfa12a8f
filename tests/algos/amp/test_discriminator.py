# SPDX-License-Identifier: Apache-2.0
"""The discriminator's loss and reward, against numbers worked out by hand and finite differences."""

import math

import pytest
import torch

from protomotions_algos.amp.discriminator import (
    Discriminator,
    classification_loss,
    figures,
    gradient_penalty,
    style_reward,
)

# sigma(D) of these logits is 3/4, 1/5 and 1/2.
THREE_QUARTERS, ONE_FIFTH, HALF = math.log(3.0), -math.log(4.0), 0.0


def test_reward():
    """-log(1 - sigma(D)): log 4, log 1.25 and log 2; never above -log 1e-4, however sure the discriminator is."""
    rewards = style_reward(torch.tensor([THREE_QUARTERS, ONE_FIFTH, HALF, 80.0, -80.0]))
    expected = [math.log(4.0), math.log(1.25), math.log(2.0), 4.0 * math.log(10.0), 0.0]
    assert rewards.tolist() == pytest.approx(expected)


def test_classification_loss():
    """Half -log(3/4) for the demonstration, half -log(1 - 1/5) for the policy."""
    loss = classification_loss(torch.tensor([THREE_QUARTERS]), torch.tensor([ONE_FIFTH]))
    assert loss.item() == pytest.approx(0.5 * math.log(4 / 3) + 0.5 * math.log(5 / 4))


def test_classification_loss_with_replay():
    """Replay takes half of the policy's half, whatever the numbers of samples."""
    demonstrations, policy = torch.tensor([THREE_QUARTERS] * 3), torch.tensor([ONE_FIFTH] * 2)
    loss = classification_loss(demonstrations, policy, torch.tensor([HALF] * 5))
    assert loss.item() == pytest.approx(0.5 * math.log(4 / 3) + 0.25 * math.log(5 / 4) + 0.25 * math.log(2.0))


def test_classification_loss_of_valid_samples():
    """The policy's samples that aren't valid have no part, nor a gradient."""
    policy = torch.tensor([ONE_FIFTH, 7.0, HALF], requires_grad=True)
    loss = classification_loss(torch.tensor([HALF]), policy, None, torch.tensor([True, False, True]))
    assert loss.item() == pytest.approx(0.5 * math.log(2.0) + 0.25 * (math.log(5 / 4) + math.log(2.0)))
    loss.backward()
    # The derivative of softplus is sigma.
    assert policy.grad.tolist() == pytest.approx([0.25 / 5, 0.0, 0.25 / 2])


def test_gradient_penalty_of_a_quadratic():
    """D = x^2 + 3 y has the gradient (2 x, 3): the squared norms at (1, 5) and (2, 0) are 13 and 25."""
    features = torch.tensor([[1.0, 5.0], [2.0, 0.0]], requires_grad=True)
    logits = features[:, 0].square() + 3.0 * features[:, 1]
    assert gradient_penalty(logits, features).item() == 19.0
    logits = features[:, 0].square() + 3.0 * features[:, 1]
    assert gradient_penalty(logits, features, torch.tensor([False, True])).item() == 25.0


def test_gradient_penalty_against_finite_differences():
    """Value and gradient for a weight agree with central differences in float64."""
    network = Discriminator(3, (6, 5), activation="tanh", generator=torch.Generator().manual_seed(0)).double()
    points = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        network.logit.weight.mul_(100.0)
    width = 1e-5

    def by_differences():
        squares = torch.zeros(4, dtype=torch.float64)
        for axis in torch.eye(3, dtype=torch.float64):
            squares += ((network(points + width * axis) - network(points - width * axis)) / (2.0 * width)).square()
        return squares.mean()

    features = points.clone().requires_grad_()
    penalty = gradient_penalty(network(features), features)
    penalty.backward()
    weight = network.trunk[0].weight
    with torch.no_grad():
        assert penalty.item() == pytest.approx(by_differences().item(), rel=1e-6)
        weight[2, 1] += 1e-4
        above = by_differences()
        weight[2, 1] -= 2e-4
        slope = (above - by_differences()) / 2e-4
    assert weight.grad[2, 1].item() == pytest.approx(slope.item(), rel=1e-4)


def test_decay_of_weights():
    """All squares count once, those of the last layer a second time; biases don't."""
    network = Discriminator(2, (2,))
    with torch.no_grad():
        network.trunk[0].weight.copy_(torch.tensor([[1.0, 2.0], [0.0, 3.0]]))
        network.trunk[0].bias.fill_(100.0)
        network.logit.weight.copy_(torch.tensor([[2.0, 1.0]]))
    assert network.decay(0.1, 10.0).item() == pytest.approx(0.1 * (14.0 + 5.0) + 10.0 * 5.0)


def test_undecided_at_the_start():
    """Logits begin near zero for inputs of unit variance, so that no state is judged before it has been learned."""
    network = Discriminator(20, (64, 32), generator=torch.Generator().manual_seed(0))
    logits = network(torch.randn(100, 20, generator=torch.Generator().manual_seed(1)))
    assert logits.shape == (100,)
    assert logits.abs().max() < 0.3


def test_without_hidden_layers():
    """A discriminator may be linear."""
    network = Discriminator(2, ())
    with torch.no_grad():
        network.logit.weight.copy_(torch.tensor([[2.0, -1.0]]))
    assert network(torch.tensor([[1.0, 1.0], [0.0, 3.0]])).tolist() == [1.0, -3.0]


def test_figures():
    """Logits above zero are called demonstrations."""
    logits = {"demonstrations": torch.tensor([1.0, 3.0, -1.0]), "policy": torch.tensor([-2.0, 5.0, 1.0])}
    shown = {name: value.item() for name, value in figures(logits, torch.tensor([True, False, True])).items()}
    assert shown == pytest.approx(
        {
            "logit_demonstrations": 1.0,
            "logit_policy": -0.5,
            "accuracy_demonstrations": 2 / 3,
            "accuracy_policy": 0.5,
        }
    )
