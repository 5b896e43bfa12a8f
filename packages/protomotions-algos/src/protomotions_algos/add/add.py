# SPDX-License-Identifier: Apache-2.0
"""Adversarial differential discriminators: AMP that tells differences from a reference apart from no difference."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_algos.add.config import ADDConfig
from protomotions_algos.amp.amp import AMP
from protomotions_algos.common.inputs import NetworkInput


class ADD(AMP):
    """Adversarial differential discriminators (Zhang et al. 2025, arXiv:2505.04961) on AMP.

    The discriminator sees the difference between a reference and the state. Its only positive sample is the zero
    vector, so the environment gives no demonstrations, and the reward weighs the errors against one another by itself.

    Args:
        env: Vector environment whose observation has parts that are zero where the reference is met.
        config: Settings.
        device: Where networks and rollouts live.
        seed: Decides the first weights, the actions drawn and the environment's first seed.

    Raises:
        AlgorithmError: The environment or a setting doesn't fit; nothing was stepped.
    """

    config: ADDConfig  # ty: ignore[incompatible-mutable-override]
    uses_demonstrations = False
    # At a single positive sample the gradient could be small while the discriminator is steep all around it.
    penalized_samples = "policy"

    def build_discriminator_input(self) -> NetworkInput:
        """Return what scales the differences without shifting them: no difference stays zero."""
        return self.build_input(self.config.discriminator_inputs, "discriminator_inputs", centered=False)

    def positive_samples(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the zero vector, [1, D]."""
        return torch.zeros_like(batch["discriminator_inputs"][:1])
