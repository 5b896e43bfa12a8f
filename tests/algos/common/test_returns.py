# SPDX-License-Identifier: Apache-2.0
"""Advantages against numbers worked out by hand."""

import pytest
import torch

from protomotions_algos.common.returns import generalized_advantages, successor_values

OFF = [False, False, False]


def column(*values):
    """One world's series as [T, 1]."""
    return torch.tensor(values)[:, None]


def advantages(rewards, values, next_values, terminated, truncated, gamma=0.5, gae_lambda=0.5):
    """GAE of one world as a list."""
    result = generalized_advantages(
        column(*rewards),
        column(*values),
        column(*next_values),
        column(*terminated),
        column(*truncated),
        gamma=gamma,
        gae_lambda=gae_lambda,
    )
    return result[:, 0].tolist()


def test_gae_without_ends():
    """Deltas 1, 2, 4 with gamma*lambda = 1/4: A2 = 4, A1 = 2 + 1 = 3, A0 = 1 + 0.75 = 1.75."""
    # delta_t = r + 0.5 * V' - V: 1 + 2 - 2, 3 + 3 - 4, 6 + 4 - 6.
    assert advantages([1.0, 3.0, 6.0], [2.0, 4.0, 6.0], [4.0, 6.0, 8.0], OFF, OFF) == [1.75, 3.0, 4.0]


def test_termination_removes_the_value_of_what_follows():
    """At t = 1 delta = 3 - 4 = -1 and the sum restarts: A1 = -1, A0 = 1 - 0.25."""
    result = advantages([1.0, 3.0, 6.0], [2.0, 4.0, 6.0], [4.0, 6.0, 8.0], [False, True, False], OFF)
    assert result == [0.75, -1.0, 4.0]


def test_truncation_keeps_the_value_of_what_follows():
    """At t = 1 delta = 3 + 0.5 * 10 - 4 = 4, and the sum restarts all the same: A0 = 1 + 1."""
    result = advantages([1.0, 3.0, 6.0], [2.0, 4.0, 6.0], [4.0, 10.0, 8.0], OFF, [False, True, False])
    assert result == [2.0, 4.0, 4.0]


def test_both_at_once_counts_as_termination():
    """A world that fails on its last step has no future."""
    result = advantages([3.0], [4.0], [10.0], [True], [True])
    assert result == [-1.0]


def test_lambda_one_gives_the_discounted_return():
    """With lambda = 1 and zero values: 1 + 0.5 * 2 + 0.25 * 4 + 0.125 * 16 = 5."""
    assert advantages([1.0, 2.0, 4.0], [0.0] * 3, [0.0, 0.0, 16.0], OFF, OFF, 0.5, 1.0)[0] == 5.0


def test_worlds_do_not_mix():
    """Two worlds together give what each gives alone."""
    torch.manual_seed(0)
    rewards, values, following = torch.randn(3, 5, 2).unbind(0)
    terminated = torch.zeros(5, 2, dtype=torch.bool)
    terminated[2, 0] = True
    truncated = torch.zeros(5, 2, dtype=torch.bool)
    truncated[3, 1] = True
    arguments = (rewards, values, following, terminated, truncated)
    together = generalized_advantages(*arguments, gamma=0.9, gae_lambda=0.8)
    for n in range(2):
        alone = generalized_advantages(*(a[:, n : n + 1] for a in arguments), gamma=0.9, gae_lambda=0.8)
        torch.testing.assert_close(together[:, n : n + 1], alone)


@pytest.mark.parametrize(("final", "expected"), [(None, [2.0, 3.0]), (column(7.0, 9.0), [2.0, 9.0])])
def test_successor_values(final, expected):
    """Values shift by one step; a same-step reset puts V(final_obs) where an episode was cut off."""
    result = successor_values(column(1.0, 2.0, 3.0), column(False, True), final)
    assert result[:, 0].tolist() == expected
