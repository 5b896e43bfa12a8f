# SPDX-License-Identifier: Apache-2.0
"""Running moments against numpy's moments of all data at once."""

import numpy as np
import pytest
import torch

from protomotions_algos.common.normalization import ReturnScaler, RunningNormalizer


def test_moments_of_batches_are_those_of_all_rows():
    """Three batches of unequal size and far from zero give the mean and variance of their union."""
    rows = torch.randn(60, 3, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 5.0, 0.1]) + 1000.0
    normalizer = RunningNormalizer(3)
    for batch in (rows[:10], rows[10:40], rows[40:]):
        normalizer(batch, observe=True)
        normalizer.commit()
    np.testing.assert_allclose(normalizer.mean.numpy(), rows.double().mean(0).numpy(), rtol=1e-7)
    np.testing.assert_allclose(normalizer.var.numpy(), rows.double().var(0, correction=0).numpy(), rtol=1e-3)
    assert normalizer.count == 60


def test_scaling_by_hand():
    """With mean 2 and variance 4 the value 6 becomes (6 - 2) / sqrt(4 + 0.01^2)."""
    normalizer = RunningNormalizer(1)
    normalizer(torch.tensor([[0.0], [4.0]]), observe=True)
    normalizer.commit()
    assert normalizer(torch.tensor([[6.0]])).item() == pytest.approx(4.0 / np.sqrt(4.0001), abs=1e-6)


def test_values_are_clipped():
    """Outliers stop at the bound on both sides."""
    normalizer = RunningNormalizer(1, clip=5.0)
    assert normalizer(torch.tensor([[80.0], [-80.0]]))[:, 0].tolist() == [5.0, -5.0]


def test_a_constant_column_stays_finite():
    """A column that never changes becomes zero, and a small change of it isn't blown up past 1 / min_std."""
    normalizer = RunningNormalizer(1)
    normalizer(torch.full((8, 1), 3.0), observe=True)
    normalizer.commit()
    assert normalizer(torch.tensor([[3.0], [3.01]]))[:, 0].tolist() == pytest.approx([0.0, 1.0], abs=1e-4)


def test_observing_changes_nothing_before_commit():
    """All of a rollout is scaled alike."""
    normalizer = RunningNormalizer(1, min_std=0.0)
    first = normalizer(torch.tensor([[1.0], [3.0]]), observe=True)
    second = normalizer(torch.tensor([[1.0], [7.0]]), observe=True)
    # The first rows' mean is the reference until the moments are known.
    assert first[:, 0].tolist() == [-1.0, 1.0]
    assert second[:, 0].tolist() == [-1.0, 5.0]
    normalizer.commit()
    # Mean 3 and variance (4 + 0 + 4 + 16) / 4.
    assert normalizer(torch.tensor([[9.0]])).item() == pytest.approx(6.0 / np.sqrt(6.0))


def test_commit_without_rows_changes_nothing():
    """The moments stay those of the start."""
    normalizer = RunningNormalizer(2)
    normalizer.commit()
    assert normalizer.count == 0
    assert normalizer.var.tolist() == [1.0, 1.0]


def test_state_dict_round_trip():
    """A loaded normalizer scales as the saved one did and forgets what was pending."""
    saved = RunningNormalizer(2)
    saved(torch.tensor([[1.0, 2.0], [3.0, 8.0]]), observe=True)
    saved.commit()
    loaded = RunningNormalizer(2)
    loaded(torch.ones(5, 2), observe=True)
    loaded.load_state_dict(saved.state_dict())
    rows = torch.tensor([[2.0, 1.0]])
    assert torch.equal(loaded(rows), saved(rows))
    assert loaded.pending_count == 0


def test_input_rows_are_left_alone():
    """The environment's own buffer isn't scaled in place."""
    rows = torch.tensor([[4.0]])
    RunningNormalizer(1, clip=1.0)(rows, observe=True)
    assert rows.item() == 4.0


def test_return_scaler_by_hand():
    """Returns 1, 1.5, 1 (after an end) have variance 1/18, and rewards are divided by its root."""
    scaler = ReturnScaler(1, gamma=0.5)
    rewards = torch.ones(3, 1)
    scaled = scaler(rewards, torch.tensor([[False], [True], [False]]))
    assert scaled[:, 0].tolist() == pytest.approx([1.0 / np.sqrt(1.0 / 18.0 + 1e-4)] * 3, rel=1e-5)
    assert scaler.running.item() == 1.0
    scaler.restart()
    assert scaler.running.item() == 0.0
