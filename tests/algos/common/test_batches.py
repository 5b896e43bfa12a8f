# SPDX-License-Identifier: Apache-2.0
"""The size of minibatches."""

import pytest

from protomotions_algos.common.batches import divisors, minibatch_size
from protomotions_algos.errors import AlgorithmError


def test_divisors():
    """In rising order, squares once."""
    assert divisors(36) == [1, 2, 3, 4, 6, 9, 12, 18, 36]


@pytest.mark.parametrize(("steps", "envs", "expected"), [(24, 256, 1536), (5, 1, 1), (1, 3, 1), (7, 3, 3), (1, 1, 1)])
def test_a_quarter_where_nothing_is_said(steps, envs, expected):
    """A quarter of the rollout, or the next smaller size that divides it."""
    assert minibatch_size(None, steps, envs) == expected


def test_a_size_that_divides_is_kept():
    """The training guide's 16384 with 4096 worlds and 32 steps."""
    assert minibatch_size(16384, 32, 4096) == 16384


def test_a_size_that_does_not_divide():
    """The message names the nearest sizes on both sides."""
    with pytest.raises(AlgorithmError, match=r"24 steps x 256 environments = 6144 samples; use 3072 or 6144"):
        minibatch_size(4096, 24, 256)


def test_a_size_above_the_rollout():
    """The whole rollout is the nearest."""
    with pytest.raises(AlgorithmError, match="= 20 samples; use 20, or"):
        minibatch_size(64, 5, 4)
