# SPDX-License-Identifier: Apache-2.0
"""Shares of clips."""

import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.sharding import shard


def test_the_longest_goes_to_the_shortest_share():
    """7, then 5, then 4 to the 5, then 3 to the 7; worked out by hand."""
    lengths = [3, 7, 4, 5]
    assert shard(lengths, 0, 2) == [0, 1]
    assert shard(lengths, 1, 2) == [2, 3]


def test_shares_cover_every_clip_once_and_are_nearly_equal():
    """Eleven thousand clips of 10 to 500 frames over eight processes: no share differs by more than a clip."""
    lengths = [10 + (7919 * index) % 491 for index in range(11_000)]
    shares = [shard(lengths, rank, 8) for rank in range(8)]
    assert sorted(clip for share in shares for clip in share) == list(range(11_000))
    totals = [sum(lengths[clip] for clip in share) for share in shares]
    assert max(totals) - min(totals) <= 500


@pytest.mark.parametrize(("rank", "ranks", "words"), [(2, 2, "no share 2 of 2"), (-1, 2, "no share"), (0, 4, "3 clip")])
def test_impossible_shares_are_refused(rank, ranks, words):
    """The message says what is wrong."""
    with pytest.raises(MotionError, match=words):
        shard([5, 5, 5], rank, ranks)
