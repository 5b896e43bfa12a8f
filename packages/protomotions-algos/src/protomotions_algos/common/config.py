# SPDX-License-Identifier: Apache-2.0
"""Settings that every on-policy algorithm has."""

from __future__ import annotations

from dataclasses import dataclass

from protomotions_algos.common.networks import ACTIVATIONS
from protomotions_algos.common.validation import require, require_known


@dataclass(frozen=True)
class OnPolicyConfig:
    """Settings of collection, networks' inputs, precision and the training loop.

    Raises:
        AlgorithmError: A value is out of its range.
    """

    num_steps: int = 24
    """Steps per world in one rollout; an epoch is one rollout and what is learned from it."""
    batch_size: int | None = None
    """Samples per minibatch; must divide num_steps times the number of worlds. None: a quarter of the rollout."""
    num_mini_epochs: int = 5
    """Times that each sample of a rollout is used."""
    learning_rate: float = 3e-4
    """Adam's step size for the actor."""
    max_grad_norm: float = 1.0
    """Bound of the gradient's norm, for each network on its own; 0 is none."""
    hidden_units: tuple[int, ...] = (256, 256)
    """Sizes of the actor's hidden layers."""
    activation: str = "elu"
    """Between hidden layers: elu, gelu, relu, silu or tanh."""
    initial_std: float = 1.0
    """Standard deviation of a Gaussian policy at the start, in units of the action."""
    min_std: float = 0.0
    """Lower bound of that standard deviation while learning."""
    learn_std: bool = True
    """Whether the standard deviation is learned or stays as it is."""
    final_std: float | None = None
    """Upper bound of it after `final_std_steps`, to which the bound falls from `initial_std` by equal factors; None for
    no bound. Policies that keep their noise come to rely on it, and evaluations go without."""
    final_std_steps: int = 100_000_000
    """Environment steps after which `final_std` is reached."""
    actor_inputs: tuple[str, ...] | None = None
    """Parts of a dictionary observation that the actor sees; None for all."""
    normalize_observations: bool = True
    """Whether the inputs of networks are scaled by running mean and standard deviation."""
    observation_clip: float = 5.0
    """Bound of scaled inputs, in standard deviations."""
    bfloat16: bool = False
    """Whether networks compute in bfloat16; weights, losses and optimisers stay in float32."""
    tf32: bool = True
    """Whether CUDA multiplies float32 matrices in TensorFloat-32."""
    graph: bool = True
    """Whether updates on a GPU are replayed as CUDA graphs; False runs the same operations one by one."""
    compile: bool = False
    """Whether networks go through torch.compile; the first epoch then takes a minute longer."""
    eval_every: int = 100
    """Epochs between evaluations; 0 is never."""
    eval_length: int | None = None
    """Steps after which an evaluation episode is cut; None plays it to its end, whole clips for instance."""
    save_every: int = 20
    """Epochs between checkpoints."""

    def __post_init__(self) -> None:
        for name in ("hidden_units", "actor_inputs"):
            self._as_tuple(name)
        for name in ("num_steps", "num_mini_epochs", "save_every", "final_std_steps"):
            require(getattr(self, name) >= 1, name, getattr(self, name), "at least 1")
        for name in ("learning_rate", "initial_std", "observation_clip"):
            require(getattr(self, name) > 0.0, name, getattr(self, name), "above 0")
        for name in ("max_grad_norm", "min_std", "eval_every"):
            require(getattr(self, name) >= 0, name, getattr(self, name), "0 or above")
        for name in ("eval_length", "batch_size"):
            value = getattr(self, name)
            require(value is None or value >= 1, name, value, "at least 1, or None")
        require(self.initial_std >= self.min_std, "initial_std", self.initial_std, f"min_std ({self.min_std}) or above")
        low, final, high = self.min_std, self.final_std, self.initial_std
        between = f"above 0, between min_std ({low}) and initial_std ({high}), or None"
        require(final is None or (final > 0.0 and low <= final <= high), "final_std", final, between)
        require(all(size >= 1 for size in self.hidden_units), "hidden_units", self.hidden_units, "sizes of at least 1")
        require_known("activation", self.activation, list(ACTIVATIONS))

    def _as_tuple(self, name: str) -> None:
        """Turn a list, as YAML gives, into a tuple."""
        value = getattr(self, name)
        if isinstance(value, list):
            object.__setattr__(self, name, tuple(value))
