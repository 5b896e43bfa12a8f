# SPDX-License-Identifier: Apache-2.0
"""Which clips each of several processes takes."""

from __future__ import annotations

from collections.abc import Sequence

from protomotions_envs.errors import MotionError


def shard(lengths: Sequence[int], rank: int, ranks: int) -> list[int]:
    """Return the clips of one process: shares are of nearly equal length, and together they are all clips, each once.

    Args:
        lengths: Frames of each clip.
        rank: Which process, from 0.
        ranks: Number of processes.

    Raises:
        MotionError: The rank is out of range, or there are fewer clips than processes.
    """
    if not 0 <= rank < ranks:
        raise MotionError(f"There is no share {rank} of {ranks}; shares count from 0")
    if len(lengths) < ranks:
        raise MotionError(f"{len(lengths)} clip(s) can't be shared by {ranks} processes; give each at least one")
    totals, mine = [0] * ranks, []
    # The longest first, each to the share that is the shortest so far.
    for clip in sorted(range(len(lengths)), key=lambda clip: -lengths[clip]):
        shortest = totals.index(min(totals))
        totals[shortest] += lengths[clip]
        if shortest == rank:
            mine.append(clip)
    return sorted(mine)
