# SPDX-License-Identifier: Apache-2.0
"""Agents with tiny networks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from gymnasium.vector import VectorEnv

from protomotions_algos.amp import AMP, AMPConfig


@pytest.fixture
def small_amp() -> Callable[..., AMP]:
    """A function that makes an AMP with tiny networks for an environment."""

    def make(env: VectorEnv, *, seed: int = 0, **settings: object) -> AMP:
        sizes = {"num_steps": 8, "num_mini_epochs": 2, "hidden_units": (8,), "critic_hidden_units": (8,)}
        own = {"discriminator_hidden_units": (8,), "replay_size": 100}
        return AMP(env, AMPConfig(**{**sizes, **own, **settings}), seed=seed)

    return make
