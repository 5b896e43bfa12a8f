# SPDX-License-Identifier: Apache-2.0
"""Action distributions against torch.distributions, and what the environment is given."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch.distributions import Categorical, Independent, Normal, kl_divergence

from protomotions_algos.common.distributions import build_distribution
from protomotions_algos.errors import AlgorithmError


def random(*shape):
    """Numbers that are the same in each run."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_gaussian_agrees_with_torch():
    """Log density, entropy and divergence of an independent normal."""
    distribution = build_distribution(spaces.Box(-1, 1, (3,)), initial_std=0.5)
    old = distribution(random(4, 3)).detach()
    with torch.no_grad():
        distribution.log_std.copy_(torch.tensor([0.1, -0.7, 0.4]))
    new = distribution(random(4, 3) + 0.3).detach()
    reference_old, reference_new = (
        Independent(Normal(mean, log_std.exp()), 1) for mean, log_std in (p.chunk(2, dim=-1) for p in (old, new))
    )
    actions = random(4, 3) * 2.0
    torch.testing.assert_close(distribution.log_prob(new, actions), reference_new.log_prob(actions))
    torch.testing.assert_close(distribution.entropy(new), reference_new.entropy())
    torch.testing.assert_close(distribution.divergence(old, new), kl_divergence(reference_old, reference_new))
    assert distribution.divergence(old, old).abs().max() < 1e-6


def test_categorical_agrees_with_torch():
    """Log probability, entropy and divergence of two choices at once."""
    distribution = build_distribution(spaces.MultiDiscrete([2, 3]))
    old, new = distribution(random(5, 5)), distribution(random(5, 5) * 2.0)
    references = [[Categorical(logits=part) for part in p.split([2, 3], dim=-1)] for p in (old, new)]
    actions = torch.tensor([[0, 0], [1, 1], [0, 2], [1, 0], [1, 2]])
    log_prob = sum(one.log_prob(actions[:, k]) for k, one in enumerate(references[1]))
    torch.testing.assert_close(distribution.log_prob(new, actions), log_prob)
    torch.testing.assert_close(distribution.entropy(new), sum(one.entropy() for one in references[1]))
    divergence = sum(kl_divergence(a, b) for a, b in zip(*references, strict=True))
    torch.testing.assert_close(distribution.divergence(old, new), divergence)


def test_gaussian_samples_have_the_moments():
    """20,000 draws come within 5 standard errors of mean 6 * 0.5 = 3 and standard deviation 0.5."""
    distribution = build_distribution(spaces.Box(-np.inf, np.inf, (1,)), initial_std=0.5)
    parameters = distribution(torch.full((20_000, 1), 6.0)).detach()
    samples = distribution.sample(parameters, torch.Generator().manual_seed(1))
    assert samples.mean().item() == pytest.approx(3.0, abs=5 * 0.5 / np.sqrt(20_000))
    assert samples.std().item() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(40_000))


def test_categorical_samples_have_the_frequencies():
    """20,000 draws come within 5 standard errors of 0.2, 0.3, 0.5."""
    probabilities = torch.tensor([0.2, 0.3, 0.5])
    distribution = build_distribution(spaces.Discrete(3))
    parameters = distribution(probabilities.log().expand(20_000, 3))
    samples = distribution.sample(parameters, torch.Generator().manual_seed(1))
    frequencies = samples[:, 0].bincount(minlength=3) / 20_000
    assert (frequencies - probabilities).abs().max() < 5 * np.sqrt(0.25 / 20_000)


def test_samples_follow_the_generator():
    """The same generator state gives the same actions."""
    for space in (spaces.Box(-1, 1, (2,)), spaces.Discrete(4)):
        distribution = build_distribution(space)
        parameters = distribution(random(6, distribution.num_outputs))
        one, other = (distribution.sample(parameters, torch.Generator().manual_seed(5)) for _ in range(2))
        assert torch.equal(one, other)


def test_actions_sent_are_inside_the_box():
    """Bounds differ by element, and an infinite one doesn't bind."""
    space = spaces.Box(np.array([-1.0, -np.inf], dtype=np.float32), np.array([2.0, np.inf], dtype=np.float32))
    distribution = build_distribution(space)
    assert distribution.to_environment(torch.tensor([[-5.0, -50.0], [5.0, 50.0]])).tolist() == [
        [-1.0, -50.0],
        [2.0, 50.0],
    ]


def test_actions_sent_have_the_shape_of_the_space():
    """A matrix of actions, a number counted from the space's start, and a row of numbers."""
    box = build_distribution(spaces.Box(-1, 1, (2, 3)))
    assert box.to_environment(torch.zeros(4, 6)).shape == (4, 2, 3)
    assert build_distribution(spaces.Discrete(3, start=7)).to_environment(torch.tensor([[0], [2]])).tolist() == [7, 9]
    several = build_distribution(spaces.MultiDiscrete([2, 3], start=[1, 5]))
    assert several.to_environment(torch.tensor([[0, 2]])).tolist() == [[1, 7]]


def test_means_are_in_units_of_the_initial_deviation():
    """An output of 2 means 0.3 where actions begin with a deviation of 0.15; a loaded policy keeps its unit."""
    saved, loaded = (build_distribution(spaces.Box(-1, 1, (1,)), initial_std=std) for std in (0.15, 0.5))
    assert saved.mode(saved(torch.tensor([[2.0]]))).item() == pytest.approx(0.3)
    loaded.load_state_dict(saved.state_dict())
    assert loaded.mode(loaded(torch.tensor([[2.0]]))).item() == pytest.approx(0.3)


def test_modes():
    """The mean of a Gaussian, the likeliest categories."""
    box = build_distribution(spaces.Box(-1, 1, (1,)))
    assert box.mode(box(torch.tensor([[0.3]]))).item() == pytest.approx(0.3)
    several = build_distribution(spaces.MultiDiscrete([2, 3]))
    assert several.mode(several(torch.tensor([[0.0, 1.0, 5.0, 2.0, 3.0]]))).tolist() == [[1, 0]]


def test_standard_deviation_keeps_its_floor():
    """After a step that shrank it too far it is put back."""
    distribution = build_distribution(spaces.Box(-1, 1, (1,)), initial_std=0.5, min_std=0.2)
    with torch.no_grad():
        distribution.log_std.fill_(-9.0)
    distribution.constrain()
    assert distribution.spread().item() == pytest.approx(0.2)


def test_standard_deviation_keeps_under_its_ceiling():
    """Once one is set; categories have none and don't mind."""
    distribution = build_distribution(spaces.Box(-1, 1, (1,)), initial_std=0.5)
    distribution.constrain()
    assert distribution.spread().item() == pytest.approx(0.5)
    distribution.limit_spread(0.3)
    distribution.constrain()
    assert distribution.spread().item() == pytest.approx(0.3)
    choices = build_distribution(spaces.Discrete(2))
    choices.limit_spread(0.3)
    choices.constrain()


def test_fixed_standard_deviation_has_no_gradient():
    """learn_std=False leaves nothing to learn in the distribution."""
    distribution = build_distribution(spaces.Box(-1, 1, (1,)), learn_std=False)
    assert not distribution.log_std.requires_grad


def test_unknown_action_space():
    """The message says what is expected."""
    with pytest.raises(AlgorithmError, match="expected Box, Discrete or a flat MultiDiscrete"):
        build_distribution(spaces.MultiBinary(3))
