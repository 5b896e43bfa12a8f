# SPDX-License-Identifier: Apache-2.0
"""The shape and the first weights of MLPs."""

import pytest
import torch
from torch import nn

from protomotions_algos.common.networks import build_mlp
from protomotions_algos.errors import AlgorithmError


def test_layers():
    """Sizes and activations in order; none after the last layer."""
    network = build_mlp(5, (4, 3), 2, activation="tanh")
    assert [type(layer) for layer in network] == [nn.Linear, nn.Tanh, nn.Linear, nn.Tanh, nn.Linear]
    assert [tuple(layer.weight.shape) for layer in network[::2]] == [(4, 5), (3, 4), (2, 3)]


def test_orthogonal_weights_and_gains():
    """Rows of hidden layers are orthogonal with norm sqrt(2), those of the last have the given norm; biases are 0."""
    network = build_mlp(6, (4,), 2, output_gain=0.01, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(network[0].weight @ network[0].weight.T, 2.0 * torch.eye(4), atol=1e-5, rtol=0.0)
    torch.testing.assert_close(network[2].weight @ network[2].weight.T, 1e-4 * torch.eye(2), atol=1e-8, rtol=0.0)
    assert not any(layer.bias.any() for layer in (network[0], network[2]))


def test_generator_alone_decides_the_weights():
    """Weights repeat with the generator's seed, and the global random state is left as it was."""
    torch.manual_seed(7)
    before = torch.get_rng_state()
    one, other = (build_mlp(3, (4,), 2, generator=torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(one[0].weight, other[0].weight)
    assert torch.equal(torch.get_rng_state(), before)


def test_unknown_activation():
    """The message names the nearest."""
    with pytest.raises(AlgorithmError, match="did you mean 'relu'"):
        build_mlp(1, (), 1, activation="rellu")
