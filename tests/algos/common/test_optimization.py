# SPDX-License-Identifier: Apache-2.0
"""The guarded optimiser and the adaptive learning rate."""

import pytest
import torch
from torch import nn

from protomotions_algos.common.optimization import AdaptiveLearningRate, GuardedAdam


def parameter(*values):
    """One parameter to learn."""
    return nn.Parameter(torch.tensor(values))


def step(optimizer, weights, gradient):
    """Apply one gradient and return the report."""
    weights.grad = torch.tensor(gradient)
    return optimizer.step()


def test_agrees_with_torch_adam():
    """Without clipping five steps are those of torch.optim.Adam."""
    ours, theirs = parameter(1.0, -2.0), parameter(1.0, -2.0)
    guarded = GuardedAdam([ours], 0.1, max_grad_norm=0.0)
    plain = torch.optim.Adam([theirs], lr=0.1)
    for scale in (1.0, -3.0, 0.2, 5.0, 1.0):
        step(guarded, ours, [scale, 2.0 * scale])
        theirs.grad = torch.tensor([scale, 2.0 * scale])
        plain.step()
    torch.testing.assert_close(ours, theirs)


def test_gradients_are_clipped_to_the_norm():
    """(3, 4) has norm 5; clipped to 1 it is (0.6, 0.8), and the report has the norm before."""
    weights = parameter(0.0, 0.0)
    report = step(GuardedAdam([weights], 0.1, max_grad_norm=1.0), weights, [3.0, 4.0])
    assert report.gradient_norm.item() == pytest.approx(5.0)
    assert weights.grad.tolist() == pytest.approx([0.6, 0.8], abs=1e-5)


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_bad_gradients_change_nothing(bad):
    """Weights and moments stay; the next good gradient acts as if the bad one had not been."""
    skipping, untouched = parameter(1.0, 1.0), parameter(1.0, 1.0)
    one, other = (GuardedAdam([weights], 0.1, max_grad_norm=1.0) for weights in (skipping, untouched))
    step(one, skipping, [1.0, 1.0])
    report = step(one, skipping, [bad, 1.0])
    assert report.skipped.item() == 1.0
    assert report.gradient_norm.item() == 0.0
    assert step(one, skipping, [1.0, -1.0]).skipped.item() == 0.0
    step(other, untouched, [1.0, 1.0])
    step(other, untouched, [1.0, -1.0])
    assert torch.equal(skipping, untouched)


def test_parameters_that_are_not_learned_are_left_out():
    """A frozen parameter isn't handed to Adam."""
    frozen = nn.Parameter(torch.zeros(1), requires_grad=False)
    assert len(GuardedAdam([frozen, parameter(1.0)], 0.1, 1.0).parameters) == 1


def test_loaded_moments_keep_the_own_rate():
    """A resumed run continues the moments at the rate that its settings say."""
    weights = parameter(1.0)
    saved = GuardedAdam([weights], 0.1, 1.0)
    step(saved, weights, [1.0])
    loaded = GuardedAdam([weights], 0.5, 1.0)
    loaded.load_state_dict(saved.state_dict())
    assert loaded.current_rate.item() == 0.5
    assert loaded.state_dict()["state"][0]["exp_avg"].item() == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("divergence", "expected"), [(0.05, 1 / 1.5), (0.001, 1.5), (0.01, 1.0), (float("nan"), 1.0), (0.021, 1 / 1.5)]
)
def test_rate_follows_the_divergence(divergence, expected):
    """Above twice 0.01 it falls, below half of it it rises, between them and for NaN it stays."""
    optimizers = [GuardedAdam([parameter(1.0)], rate, 1.0) for rate in (0.1, 0.2)]
    adaptive = AdaptiveLearningRate(optimizers, 0.01, lowest=0.1, highest=10.0)
    adaptive.follow(torch.tensor(divergence))
    assert [o.current_rate.item() for o in optimizers] == pytest.approx([0.1 * expected, 0.2 * expected])


def test_rate_stays_in_its_bounds():
    """Twenty steps in either direction end at the bounds."""
    optimizer = GuardedAdam([parameter(1.0)], 0.1, 1.0)
    adaptive = AdaptiveLearningRate([optimizer], 0.01, lowest=0.5, highest=2.0)
    for divergence, bound in ((1.0, 0.05), (0.0, 0.2)):
        for _ in range(20):
            adaptive.follow(torch.tensor(divergence))
        assert optimizer.current_rate.item() == pytest.approx(bound)
