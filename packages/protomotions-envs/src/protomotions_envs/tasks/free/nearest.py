# SPDX-License-Identifier: Apache-2.0
"""Nearest neighbours among many points, in memory that doesn't grow with their number."""

from __future__ import annotations

import torch
from torch import Tensor

DISTANCES_AT_ONCE = 1 << 24
"""Entries of the matrix of distances that is in memory at a time."""


def nearest(
    points: Tensor,
    candidates: Tensor,
    *,
    groups: tuple[Tensor, Tensor] | None = None,
    distances_at_once: int = DISTANCES_AT_ONCE,
) -> tuple[Tensor, Tensor]:
    """Find the candidate nearest to each point.

    Args:
        points: [n, D].
        candidates: [m, D], at least one.
        groups: Numbers of points [n] and of candidates [m]; candidates of a point's own group are passed over, and
            there must be another.
        distances_at_once: Bounds the memory.

    Returns:
        Indices of the candidates, long, and Euclidean distances to them, [n] each.
    """
    step = max(1, distances_at_once // len(candidates))
    found = []
    for first in range(0, len(points), step):
        chunk = slice(first, first + step)
        distances = torch.cdist(points[chunk], candidates)
        if groups is not None:
            distances.masked_fill_(groups[0][chunk].unsqueeze(1) == groups[1], torch.inf)
        found.append(distances.argmin(1))
    index = torch.cat(found) if found else torch.zeros(0, dtype=torch.long, device=points.device)
    # Large matrices of distances are products of matrices, which lose small distances; these are exact.
    return index, (points - candidates[index]).norm(dim=1)
