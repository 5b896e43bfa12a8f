# SPDX-License-Identifier: Apache-2.0
"""Saving and restoring random states."""

import io
import random

import numpy as np
import torch

from protomotions_algos.common.random_states import global_random_states, restore_global_random_states


def draw():
    """Numbers from all global generators, with a cached Gaussian in numpy's and Python's."""
    return random.gauss(0.0, 1.0), np.random.standard_normal(), torch.rand(1).item(), random.random(), np.random.rand()


def test_generators_continue_where_they_were():
    """After restoring a state that went through a file, all generators repeat."""
    draw()
    file = io.BytesIO()
    torch.save(global_random_states(), file)
    expected = draw()
    assert draw() != expected
    file.seek(0)
    restore_global_random_states(torch.load(file, weights_only=True))
    assert draw() == expected
