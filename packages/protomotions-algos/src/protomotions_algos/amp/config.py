# SPDX-License-Identifier: Apache-2.0
"""Settings of adversarial motion priors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from protomotions_algos.common.networks import ACTIVATIONS
from protomotions_algos.common.validation import require, require_known
from protomotions_algos.ppo.config import PPOConfig


@dataclass(frozen=True)
class AMPConfig(PPOConfig):
    """Settings of adversarial motion priors (Peng et al. 2021, arXiv:2104.02180) on top of PPO's.

    `actor_inputs` and `critic_inputs` are by default all parts of a dictionary observation but the discriminator's.

    Raises:
        AlgorithmError: A value is out of its range.
    """

    algorithm: Literal["amp"] = "amp"  # ty: ignore[incompatible-attribute-override]
    """Name of the algorithm, by which settings in a file are told apart."""
    discriminator_inputs: tuple[str, ...] | None = ("style",)
    """Parts of a dictionary observation that the discriminator sees; None for the whole observation."""
    discriminator_hidden_units: tuple[int, ...] = (1024, 512)
    """Sizes of the discriminator's hidden layers."""
    discriminator_activation: str = "relu"
    """Between them: elu, gelu, relu, silu or tanh. Those with kinks learn narrow distributions sooner."""
    discriminator_learning_rate: float = 1e-4
    """Adam's step size for the discriminator."""
    discriminator_batch_size: int | None = None
    """Samples of each kind that the discriminator sees per minibatch. None: as many as PPO, at most 4,096."""
    task_weight: float = 0.0
    """Weight of the advantage of the environment's own reward; a reward without weight has no critic."""
    style_weight: float = 1.0
    """Weight of the advantage of the style reward."""
    style_reward_scale: float = 1.0
    """Factor of the style reward, which lies between 0 and 9.2 before."""
    gradient_penalty: float = 5.0
    """Weight of the squared gradient of the discriminator at the demonstrations."""
    logit_decay: float = 0.01
    """Weight of the squared weights of the discriminator's last layer."""
    discriminator_weight_decay: float = 1e-4
    """Weight of the squared weights of all its layers."""
    replay_size: int = 200_000
    """Earlier states of the policy that the discriminator keeps seeing; 0 for none. Checkpoints hold them, 2 bytes a
    feature."""
    ending_threshold: float = 0.0
    """Style reward below which a state counts as out of style; 0 never ends an episode."""
    ending_steps: int = 10
    """States out of style, one after another, that end an episode."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("discriminator_inputs", "discriminator_hidden_units"):
            self._as_tuple(name)
        for name in ("discriminator_learning_rate", "style_reward_scale"):
            require(getattr(self, name) > 0.0, name, getattr(self, name), "above 0")
        for name in ("task_weight", "style_weight", "gradient_penalty", "logit_decay", "discriminator_weight_decay"):
            require(getattr(self, name) >= 0.0, name, getattr(self, name), "0 or above")
        for name in ("replay_size", "ending_threshold"):
            require(getattr(self, name) >= 0, name, getattr(self, name), "0 or above")
        batch, sizes = self.discriminator_batch_size, self.discriminator_hidden_units
        require(batch is None or batch >= 1, "discriminator_batch_size", batch, "at least 1, or None")
        require(self.ending_steps >= 1, "ending_steps", self.ending_steps, "at least 1")
        require_known("discriminator_activation", self.discriminator_activation, list(ACTIVATIONS))
        require(all(size >= 1 for size in sizes), "discriminator_hidden_units", sizes, "sizes of at least 1")
