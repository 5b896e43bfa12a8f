# SPDX-License-Identifier: Apache-2.0
"""Settings of adversarial skill embeddings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from protomotions_algos.amp.config import AMPConfig
from protomotions_algos.common.validation import require


@dataclass(frozen=True)
class ASEConfig(AMPConfig):
    """Settings of adversarial skill embeddings (ASE, Peng et al. 2022, arXiv:2205.01906).

    Raises:
        AlgorithmError: A value is out of its range.
    """

    algorithm: Literal["ase"] = "ase"  # ty: ignore[incompatible-attribute-override]
    """Name of the algorithm, by which settings in a file are told apart."""
    style_weight: float = 0.5
    """Weight of the advantages of the style reward."""
    ending_threshold: float = 0.05
    """Style reward under which, for `ending_steps` steps in a row, an episode ends; 0 is never."""
    latent_dim: int = 64
    """Dimensions of the latents, which lie on the unit sphere."""
    latent_steps: tuple[int, int] = (1, 150)
    """Fewest and most steps that a latent is held, whether or not an episode ends; all between are equally likely."""
    mutual_information_weight: float = 0.5
    """Weight of the advantages of the mutual information reward, by which latents become recognisable."""
    diversity_weight: float = 0.01
    """Weight of the diversity loss, by which actions differ as much as their latents; 0 is none."""
    encoder_hidden_units: tuple[int, ...] = (1024, 512)
    """Sizes of the encoder's hidden layers."""
    encoder_learning_rate: float = 1e-4
    """Adam's step size for the encoder."""
    encoder_gradient_penalty: float = 0.0
    """Weight of the squared gradient of the encoder's answer by what it sees; 0 is none."""
    uniformity_weight: float = 0.0
    """Weight of the loss by which the encoder's answers to the policy and to demonstrations spread; 0 is none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("latent_steps", "encoder_hidden_units"):
            self._as_tuple(name)
        require(self.latent_dim >= 2, "latent_dim", self.latent_dim, "at least 2")
        steps = self.latent_steps
        ordered = len(steps) == 2 and 1 <= steps[0] <= steps[1]
        require(ordered, "latent_steps", steps, "two numbers of steps, the first at least 1 and not above the second")
        require(self.encoder_learning_rate > 0.0, "encoder_learning_rate", self.encoder_learning_rate, "above 0")
        for name in (
            "mutual_information_weight",
            "diversity_weight",
            "encoder_gradient_penalty",
            "uniformity_weight",
        ):
            require(getattr(self, name) >= 0.0, name, getattr(self, name), "0 or above")
        sizes = self.encoder_hidden_units
        require(all(size >= 1 for size in sizes), "encoder_hidden_units", sizes, "sizes of at least 1")
