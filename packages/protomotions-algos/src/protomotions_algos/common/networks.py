# SPDX-License-Identifier: Apache-2.0
"""Multilayer perceptrons."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import nn

from protomotions_algos.common.validation import require_known

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "elu": nn.ELU,
    "gelu": nn.GELU,
    "relu": nn.ReLU,
    "silu": nn.SiLU,
    "tanh": nn.Tanh,
}
"""Names that the settings take."""


def build_mlp(
    num_inputs: int,
    hidden_units: Sequence[int],
    num_outputs: int,
    *,
    activation: str = "elu",
    output_gain: float = 1.0,
    generator: torch.Generator | None = None,
) -> nn.Sequential:
    """Return an MLP whose weights are orthogonal and whose biases are zero.

    Hidden layers have gain sqrt(2), the last one `output_gain` (Andrychowicz et al. 2020, arXiv:2006.05990, section
    3.2: a last policy layer about 100 times smaller makes the first actions independent of the observation).

    Raises:
        AlgorithmError: `activation` is unknown.
    """
    require_known("activation", activation, list(ACTIVATIONS))
    layers: list[nn.Module] = []
    for size in hidden_units:
        layers += [_linear(num_inputs, size, math.sqrt(2.0), generator), ACTIVATIONS[activation]()]
        num_inputs = size
    return nn.Sequential(*layers, _linear(num_inputs, num_outputs, output_gain, generator))


def _linear(num_inputs: int, num_outputs: int, gain: float, generator: torch.Generator | None) -> nn.Linear:
    """Return a linear layer with orthogonal weights (Saxe et al. 2013, arXiv:1312.6120)."""
    # Skipping torch's own initialisation leaves the global random state as it is.
    layer = nn.utils.skip_init(nn.Linear, num_inputs, num_outputs)
    nn.init.orthogonal_(layer.weight, gain, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer
