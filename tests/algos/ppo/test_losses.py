# SPDX-License-Identifier: Apache-2.0
"""PPO's losses against numbers worked out by hand."""

import math

import pytest
import torch

from protomotions_algos.ppo.losses import clipped_surrogate_loss, masked_mean, normalized, value_loss


@pytest.mark.parametrize(
    ("ratio", "advantage", "expected"),
    [
        (1.0, 2.0, -2.0),
        # Above 1.2 a good action gains no more; a bad one still loses all of it.
        (1.5, 2.0, -2.4),
        (1.5, -2.0, 3.0),
        # Below 0.8 a bad action is not pushed further; a good one still is.
        (0.5, -2.0, 1.6),
        (0.5, 2.0, -1.0),
    ],
)
def test_clipped_surrogate(ratio, advantage, expected):
    """The worse of the plain and the clipped objective, for a clip of 0.2."""
    loss = clipped_surrogate_loss(torch.tensor([math.log(ratio)]), torch.tensor([advantage]), 0.2)
    assert loss.item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("value", "target", "clip", "expected"),
    [
        (3.0, 5.0, None, 4.0),
        # The old value is 2, so 3 counts as 2.5: (2.5 - 5)^2 is the worse one.
        (3.0, 5.0, 0.5, 6.25),
        # Moving past the bound away from the target: (1 - 5)^2 is the worse one.
        (1.0, 5.0, 0.5, 16.0),
        (2.2, 5.0, 0.5, 7.84),
    ],
)
def test_value_loss(value, target, clip, expected):
    """Squared error, with or without the clip around the old value."""
    loss = value_loss(torch.tensor([value]), torch.tensor([target]), torch.tensor([2.0]), clip)
    assert loss.item() == pytest.approx(expected)


def test_masked_mean():
    """Invalid samples don't count, not even those that aren't numbers; without valid ones the mean is zero."""
    values = torch.tensor([1.0, math.nan, 5.0])
    assert masked_mean(values, torch.tensor([True, False, True])).item() == 3.0
    assert masked_mean(values, torch.zeros(3, dtype=torch.bool)).item() == 0.0
    assert masked_mean(values[[0, 2]], None).item() == 3.0


def test_normalized_advantages():
    """Mean 2 and standard deviation 1 of the valid ones 1 and 3."""
    result = normalized(torch.tensor([1.0, 100.0, 3.0]), torch.tensor([True, False, True]))
    assert result[[0, 2]].tolist() == pytest.approx([-1.0, 1.0])
    assert normalized(torch.full((3,), 4.0), None).tolist() == [0.0, 0.0, 0.0]
