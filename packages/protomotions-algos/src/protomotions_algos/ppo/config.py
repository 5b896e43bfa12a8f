# SPDX-License-Identifier: Apache-2.0
"""Settings of proximal policy optimisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from protomotions_algos.common.config import OnPolicyConfig
from protomotions_algos.common.validation import require, require_known


@dataclass(frozen=True)
class PPOConfig(OnPolicyConfig):
    """Settings of proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347).

    Raises:
        AlgorithmError: A value is out of its range.
    """

    algorithm: Literal["ppo"] = "ppo"
    """Name of the algorithm, by which settings in a file are told apart."""
    critic_learning_rate: float = 1e-3
    """Adam's step size for the critic."""
    critic_hidden_units: tuple[int, ...] = (256, 256)
    """Sizes of the critic's hidden layers."""
    critic_inputs: tuple[str, ...] | None = None
    """Parts of a dictionary observation that the critic sees; None for all."""
    gamma: float = 0.99
    """Discount per step."""
    gae_lambda: float = 0.95
    """Decay of the advantage sum, between bootstrapping (0) and the whole return (1)."""
    truncation_value: Literal["final", "previous"] = "final"
    """What a truncated episode was still worth: the value of its "final" observation, or of the "previous" one, the
    last that was acted on. The former is what the step led to. But where all episodes are cut off in states that none
    goes on from, as at the end of a clip, the critic can't learn what those are worth: it bootstraps from its own
    guess, which drifts."""
    clip: float = 0.2
    """Half-width of the probability-ratio clip."""
    clip_value_loss: bool = False
    """Whether a value may move by at most `clip`, in units of the return, within an epoch."""
    value_coef: float = 1.0
    """Weight of the value loss."""
    entropy_coef: float = 0.0
    """Weight of the entropy bonus."""
    normalize_advantages: bool = True
    """Whether the advantages of a rollout get zero mean and unit variance."""
    normalize_rewards: bool = False
    """Whether rewards are divided by the running standard deviation of the discounted return."""
    desired_kl: float | None = None
    """KL divergence per update, nats, that the actor's learning rate follows by factors of 1.5; None keeps it fixed."""
    min_learning_rate: float = 1e-5
    """Lower bound of the actor's adapted learning rate."""
    max_learning_rate: float = 1e-2
    """Upper bound of the actor's adapted learning rate."""

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("critic_hidden_units", "critic_inputs"):
            self._as_tuple(name)
        for name in ("critic_learning_rate", "clip", "value_coef", "min_learning_rate"):
            require(getattr(self, name) > 0.0, name, getattr(self, name), "above 0")
        for name in ("gamma", "gae_lambda"):
            require(0.0 <= getattr(self, name) <= 1.0, name, getattr(self, name), "between 0 and 1")
        require_known("truncation_value", self.truncation_value, ["final", "previous"])
        require(self.entropy_coef >= 0.0, "entropy_coef", self.entropy_coef, "0 or above")
        require(self.desired_kl is None or self.desired_kl > 0.0, "desired_kl", self.desired_kl, "above 0, or None")
        if self.desired_kl is not None:
            low, high = self.min_learning_rate, self.max_learning_rate
            expected = f"between min_learning_rate ({low}) and max_learning_rate ({high}) where desired_kl is set"
            require(low <= self.learning_rate <= high, "learning_rate", self.learning_rate, expected)
        sizes = self.critic_hidden_units
        require(all(size >= 1 for size in sizes), "critic_hidden_units", sizes, "sizes of at least 1")
