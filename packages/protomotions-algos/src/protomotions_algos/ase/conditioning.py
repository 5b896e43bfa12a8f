# SPDX-License-Identifier: Apache-2.0
"""Observations and network inputs to which the latent is added."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import torch
from gymnasium import Space
from torch import Tensor

from protomotions_algos.common.environments import Step
from protomotions_algos.common.inputs import NetworkInput
from protomotions_algos.common.protocols import Observation
from protomotions_algos.errors import AlgorithmError

LATENT = "latent"
"""Name of the part of an observation that holds the latent."""


def with_latents(observation: Observation, latents: Tensor) -> Observation:
    """Return an observation of N worlds with the latents [N, D] as a part of it."""
    if not isinstance(observation, Mapping):
        raise AlgorithmError(f"the observation is a {type(observation).__name__}; expected the Dict of its space")
    return {**observation, LATENT: latents}


def count_worlds(observation: Observation) -> int:
    """Return N, the first axis of every part of an observation."""
    while isinstance(observation, Mapping):
        observation = next(iter(observation.values()))
    return len(observation)


def step_with_latents(step: Step, latents: Tensor) -> Step:
    """Return a step whose last observations of finished episodes have the latents [N, D] that it was made under."""
    if step.final is None:
        return step
    rows = step.final.rows
    held = latents if rows is None else latents[rows.to(latents.device)]
    return replace(step, final=replace(step.final, observation=with_latents(step.final.observation, held)))


class LatentInput(NetworkInput):
    """Encodes observations into rows [N, F + D]: the environment's parts, then the latent.

    The latent isn't scaled by running moments: it has unit variance once it is multiplied by the square root of its
    dimensions, at any time of the training.

    Args:
        space: Observation space of one world, without the latent.
        num_envs: N, number of worlds that are observed.
        keys: Parts of the observation, None for all.
        latent_dim: D, dimensions of the latents.
        device: Where the rows are wanted.
        purpose: Name of the setting that holds `keys`, for messages.
        normalize: Whether the environment's parts are scaled by running moments.
        clip: Bound of those scaled values.
    """

    def __init__(
        self,
        space: Space,
        num_envs: int,
        keys: tuple[str, ...] | None,
        *,
        latent_dim: int,
        device: torch.device,
        purpose: str,
        normalize: bool,
        clip: float,
    ) -> None:
        super().__init__(space, num_envs, keys, device=device, purpose=purpose, normalize=normalize, clip=clip)
        self.latent_dim = latent_dim
        self.num_features += latent_dim

    def forward(self, observation: Observation, observe: bool = False) -> Tensor:
        """Return rows [N, F + D] of an observation that has latents."""
        latents = torch.as_tensor(observation[LATENT])  # ty: ignore[invalid-argument-type]
        return torch.cat([super().forward(observation, observe), self.scaled(latents)], dim=-1)

    def scaled(self, latents: Tensor) -> Tensor:
        """Return latents [B, D] as a network sees them."""
        return math.sqrt(self.latent_dim) * latents

    def exchanged(self, rows: Tensor, latents: Tensor) -> Tensor:
        """Return encoded rows [B, F + D] with other latents [B, D]."""
        return torch.cat([rows[:, : -self.latent_dim], self.scaled(latents)], dim=-1)
