# SPDX-License-Identifier: Apache-2.0
"""The reward of motion tracking: a weighted sum of terms."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from protomotions_envs.tasks.mimic.config import MimicRewards, Tracking
from protomotions_envs.terms import rewards
from protomotions_envs.terms.tracking_errors import TrackingErrors

TRACKING: dict[str, Callable[[TrackingErrors], Tensor]] = {
    "body_position": rewards.body_position,
    "relative_body_position": rewards.relative_body_position,
    "body_rotation": rewards.body_rotation,
    "body_velocity": rewards.body_velocity,
    "body_angular_velocity": rewards.body_angular_velocity,
    "root_position": rewards.root_position,
    "root_rotation": rewards.root_rotation,
    "root_height": rewards.root_height,
}
"""Terms of the form exp(-scale * squared error)."""


class RewardTerms:
    """Computes the weighted terms whose weight isn't zero.

    Args:
        config: Weights and scales.
        feet: Indices of the foot bodies, [F].
    """

    def __init__(self, config: MimicRewards, feet: Tensor) -> None:
        self._config = config
        self._feet = feet
        settings: dict[str, Tracking] = {name: getattr(config, name) for name in TRACKING}
        self._tracking = tuple(name for name, term in settings.items() if term.weight)
        column = torch.tensor([[settings[name].weight, settings[name].scale] for name in self._tracking])
        self._weight, self._scale = column.reshape(-1, 2, 1).to(feet.device).unbind(1)

    def __call__(self, errors: TrackingErrors) -> dict[str, Tensor]:
        """Return the terms, [N] each, of how far the robots are from their references."""
        terms: dict[str, Tensor] = {}
        if self._tracking:
            squares = torch.stack([TRACKING[name](errors) for name in self._tracking])
            closeness = self._weight * torch.exp(-self._scale * squares)
            terms.update(zip(self._tracking, closeness.unbind(), strict=True))
        mismatch = self._config.contact_mismatch
        if mismatch.weight:
            missed = rewards.contact_mismatch(errors, self._feet)
            terms["contact_mismatch"] = -mismatch.weight * missed.clamp(max=mismatch.limit)
        return terms
