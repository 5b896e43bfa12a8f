# SPDX-License-Identifier: Apache-2.0
"""Points on the unit sphere: drawn at random, and on the way from one to another."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def draw_on_sphere(count: int, size: int, generator: torch.Generator) -> Tensor:
    """Return `count` points drawn uniformly from the unit sphere in `size` dimensions, [count, size].

    Normal numbers have no preferred direction (Muller 1959), so they need only be scaled to unit length.
    """
    return F.normalize(torch.randn(count, size, generator=generator, device=generator.device), dim=-1)


def slerp(start: Tensor, end: Tensor, fraction: float | Tensor) -> Tensor:
    """Return the points at a fraction of the shortest arc from `start` to `end`, [..., D] (Shoemake 1985).

    Between points opposite to each other all arcs are equally short; one of them is followed.

    Args:
        start: Points on the unit sphere, [..., D], D at least 2.
        end: Points on the unit sphere that broadcast with `start`.
        fraction: 0 gives `start`, 1 gives `end`; a number, or a tensor that broadcasts with [...].
    """
    fraction = torch.as_tensor(fraction, dtype=start.dtype, device=start.device)
    start, end = torch.broadcast_tensors(start, end)
    cosine = (start * end).sum(dim=-1, keepdim=True)
    sideways = end - cosine * start
    sine = sideways.norm(dim=-1, keepdim=True)
    # Where the two lie on one line, rounding alone would choose the direction and its length.
    direction = F.normalize(torch.where(sine > 1e-6, sideways, _perpendicular(start)), dim=-1)
    angle = torch.atan2(sine, cosine) * fraction[..., None]
    return F.normalize(angle.cos() * start + angle.sin() * direction, dim=-1)


def _perpendicular(points: Tensor) -> Tensor:
    """Return a vector at a right angle to each point of the unit sphere, [..., D]."""
    axis = F.one_hot(points.abs().argmin(dim=-1), points.shape[-1]).to(points.dtype)
    return axis - (axis * points).sum(dim=-1, keepdim=True) * points
