# SPDX-License-Identifier: Apache-2.0
"""A policy: a network whose outputs are read as a distribution over actions."""

from __future__ import annotations

from torch import Tensor, nn

from protomotions_algos.common.distributions import ActionDistribution


class StochasticPolicy(nn.Module):
    """Maps inputs [N, D] to the parameters [N, P] of an action distribution.

    Args:
        network: Maps [N, D] to [N, distribution.num_outputs].
        distribution: Reads those outputs, and may have parameters of its own.
    """

    def __init__(self, network: nn.Module, distribution: ActionDistribution) -> None:
        super().__init__()
        self.network = network
        self.distribution = distribution

    def forward(self, inputs: Tensor) -> Tensor:
        """Return distribution parameters [N, P] for inputs [N, D]."""
        return self.distribution(self.network(inputs))
