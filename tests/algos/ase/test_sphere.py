# SPDX-License-Identifier: Apache-2.0
"""Points on the unit sphere."""

import math
from itertools import pairwise

import pytest
import torch

from protomotions_algos.ase.sphere import draw_on_sphere, slerp


@pytest.mark.parametrize("size", [2, 3, 64])
def test_draws_are_uniform(size):
    """Moments of a uniform point: E x = 0, E x x' = 1 / D, and E x^4 = 3 / (D (D + 2)) of each coordinate."""
    count = 20_000
    points = draw_on_sphere(count, size, torch.Generator().manual_seed(0))
    torch.testing.assert_close(points.norm(dim=1), torch.ones(count))
    # Five standard errors of the largest coordinate's mean.
    margin = 5.0 / math.sqrt(count * size)
    torch.testing.assert_close(points.mean(dim=0), torch.zeros(size), atol=margin, rtol=0.0)
    torch.testing.assert_close(points.T @ points / count, torch.eye(size) / size, atol=margin, rtol=0.0)
    fourth = 3.0 / (size * (size + 2))
    assert points.pow(4).mean().item() == pytest.approx(fourth, rel=0.03)


def test_slerp_on_a_quarter_circle():
    """From east to north: half of the way is north-east, a third is 30 degrees, and it goes on past the ends."""
    east, north = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 1.0])
    fractions = torch.tensor([0.0, 1 / 3, 0.5, 1.0, 2.0])
    angles = fractions * math.pi / 2
    expected = torch.stack([angles.cos(), angles.sin()], dim=1)
    torch.testing.assert_close(slerp(east, north, fractions), expected)
    torch.testing.assert_close(slerp(east, north, 0.5), torch.full((2,), math.sqrt(0.5)))


def test_slerp_moves_evenly():
    """Equal fractions are equal angles, for many pairs at once, and the ends are the points themselves."""
    generator = torch.Generator().manual_seed(1)
    start, end = draw_on_sphere(50, 16, generator), draw_on_sphere(50, 16, generator)
    path = torch.stack([slerp(start, end, fraction) for fraction in (0.0, 0.25, 0.5, 0.75, 1.0)])
    torch.testing.assert_close(path[0], start)
    torch.testing.assert_close(path[-1], end)
    whole = torch.acos((start * end).sum(dim=1))
    for one, following in pairwise(path):
        torch.testing.assert_close(torch.acos((one * following).sum(dim=1)), whole / 4, atol=1e-4, rtol=0.0)


def test_slerp_between_equal_and_opposite_points():
    """Equal points stay, opposite ones are joined by a half circle; nothing is NaN."""
    point = draw_on_sphere(6, 5, torch.Generator().manual_seed(2))
    torch.testing.assert_close(slerp(point, point, 0.3), point)
    half = slerp(point, -point, 0.5)
    torch.testing.assert_close(half.norm(dim=1), torch.ones(6))
    torch.testing.assert_close((half * point).sum(dim=1), torch.zeros(6), atol=1e-6, rtol=0.0)
    torch.testing.assert_close(slerp(point, -point, 1.0), -point)
