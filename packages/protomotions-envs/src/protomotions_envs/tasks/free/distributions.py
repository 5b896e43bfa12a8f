# SPDX-License-Identifier: Apache-2.0
"""How far distributions of numbers are apart."""

from __future__ import annotations

import torch
from torch import Tensor


def wasserstein(first: Tensor, second: Tensor, first_weight: Tensor, second_weight: Tensor) -> Tensor:
    """Return the 1-Wasserstein distances of weighted samples, column by column, exact, in the unit of the samples, [D].

    In one dimension it is the area between the distribution functions, integral |F(x) - G(x)| dx (Vallender 1974): the
    least mean way by which one distribution can be moved into the other.

    Args:
        first: Samples, [n, D].
        second: Samples, [m, D].
        first_weight: Their weights, 0 or more, with a positive sum, [n].
        second_weight: The same of the others, [m].
    """
    values, order = torch.cat((first, second)).sort(dim=0)
    mass = torch.cat((_shares(first_weight), -_shares(second_weight)))
    return (values.diff(dim=0) * mass[order].cumsum(0)[:-1].abs()).sum(0)


def _shares(weight: Tensor) -> Tensor:
    # Single precision would lose the weights of single samples among a hundred thousand.
    weight = weight.double()
    return weight / weight.sum()
