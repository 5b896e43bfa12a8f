# SPDX-License-Identifier: Apache-2.0
"""Scaling without shifting: zero stays zero."""

import pytest
import torch

from protomotions_algos.common.normalization import RunningNormalizer


def test_root_mean_square():
    """Columns are divided by the root of their mean square about zero, over all rows observed."""
    normalizer = RunningNormalizer(2, min_std=0.0, clip=100.0, centered=False)
    for rows in ([[3.0, 10.0], [-4.0, 10.0]], [[5.0, 10.0]]):
        normalizer(torch.tensor(rows), observe=True)
        normalizer.commit()
    scaled = normalizer(torch.tensor([[1.0, 1.0], [0.0, 0.0]]))
    # (9 + 16 + 25) / 3 and 100.
    assert scaled[0].tolist() == pytest.approx([(3 / 50) ** 0.5, 0.1])
    assert scaled[1].tolist() == [0.0, 0.0]


def test_before_the_first_commit():
    """Rows pass as they are, also while they are observed; a centring normaliser would take their mean away."""
    normalizer = RunningNormalizer(1, min_std=0.0, centered=False)
    assert normalizer(torch.tensor([[2.0], [0.0]]), observe=True).tolist() == [[2.0], [0.0]]


def test_round_trip():
    """A loaded normaliser scales like the saved one."""
    one, other = (RunningNormalizer(1, centered=False) for _ in range(2))
    one(torch.tensor([[3.0], [5.0]]), observe=True)
    one.commit()
    other.load_state_dict(one.state_dict())
    rows = torch.tensor([[0.0], [2.0]])
    assert torch.equal(one(rows), other(rows))
    assert other(rows)[0] == 0.0
