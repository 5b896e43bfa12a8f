# SPDX-License-Identifier: Apache-2.0
"""Settings of adversarial differential discriminators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from protomotions_algos.amp.config import AMPConfig


@dataclass(frozen=True)
class ADDConfig(AMPConfig):
    """Settings of adversarial differential discriminators (Zhang et al. 2025, arXiv:2505.04961), those of AMP.

    Raises:
        AlgorithmError: A value is out of its range.
    """

    algorithm: Literal["add"] = "add"  # ty: ignore[incompatible-attribute-override]
    """Name of the algorithm, by which settings in a file are told apart."""
    discriminator_inputs: tuple[str, ...] | None = ("tracking_difference",)
    """Parts of a dictionary observation that hold differences from the reference; None for the whole observation."""
    gradient_penalty: float = 5.0
    """Weight of the squared gradient of the discriminator at the policy's differences."""
