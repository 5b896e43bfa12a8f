# SPDX-License-Identifier: Apache-2.0
"""Action distributions: Gaussian for Box spaces, categorical for Discrete and MultiDiscrete.

A distribution turns the outputs of a network into a tensor of parameters [N, P]; all else are functions of parameters
and actions, so that a rollout can store the parameters and compare them with newer ones.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod

import numpy as np
import torch
from gymnasium import Space, spaces
from torch import Tensor, nn

from protomotions_algos.errors import AlgorithmError


class ActionDistribution(nn.Module, ABC):
    """A family of distributions over the actions of one space."""

    num_outputs: int
    """Outputs that the network must have."""
    num_parameters: int
    """P, numbers that describe the distribution of one world."""
    action_shape: tuple[int, ...]
    """Shape of one stored action."""
    action_dtype: torch.dtype
    """Type of stored actions."""

    @abstractmethod
    def forward(self, outputs: Tensor) -> Tensor:
        """Return parameters [N, P] for network outputs [N, num_outputs]."""

    @abstractmethod
    def sample(self, parameters: Tensor, generator: torch.Generator) -> Tensor:
        """Draw actions [N, *action_shape]."""

    @abstractmethod
    def mode(self, parameters: Tensor) -> Tensor:
        """Return the most probable actions [N, *action_shape]."""

    @abstractmethod
    def log_prob(self, parameters: Tensor, actions: Tensor) -> Tensor:
        """Return the log density of actions, [N]."""

    @abstractmethod
    def entropy(self, parameters: Tensor) -> Tensor:
        """Return the entropy, nats, [N]."""

    @abstractmethod
    def divergence(self, old: Tensor, new: Tensor) -> Tensor:
        """Return the Kullback-Leibler divergence KL(old || new), nats, [N]."""

    @abstractmethod
    def to_environment(self, actions: Tensor) -> Tensor:
        """Return actions as the environment's space has them, [N, ...]."""

    @abstractmethod
    def constrain(self) -> None:
        """Put the distribution's own parameters back into their bounds after an optimiser step."""

    def limit_spread(self, limit: float) -> None:
        """Draw actions at most so widely, as a standard deviation, once the next `constrain` is through."""

    @abstractmethod
    def spread(self) -> Tensor:
        """Return one number for the logs that says how widely actions are drawn."""


class DiagonalGaussian(ActionDistribution):
    """Independent normal distributions whose standard deviations don't depend on the observation.

    The network's outputs are means in units of the initial standard deviation: a step of the weights then changes the
    policy by as much whatever the scale of the actions, and one learning rate suits all scales.

    Actions are stored as drawn and clipped to the space on their way to the environment; probabilities are those of
    the unclipped actions.

    Args:
        space: A Box.
        initial_std: Standard deviation at the start, in units of the action.
        min_std: Lower bound while learning.
        learn_std: Whether the standard deviation is learned.
    """

    def __init__(self, space: spaces.Box, *, initial_std: float, min_std: float, learn_std: bool) -> None:
        super().__init__()
        size = math.prod(space.shape)
        self.num_outputs = size
        self.num_parameters = 2 * size
        self.action_shape = (size,)
        self.action_dtype = torch.float32
        self._space_shape = space.shape
        self.log_std = nn.Parameter(torch.full((size,), math.log(initial_std)), requires_grad=learn_std)
        self._bounded = bool(np.isfinite(space.low).any() or np.isfinite(space.high).any())
        self.register_buffer("mean_unit", torch.tensor(initial_std))
        # Tensors, so that updates which are replayed as CUDA graphs see the upper one change.
        lowest = math.log(min_std) if min_std > 0.0 else -math.inf
        self.register_buffer("min_log_std", torch.tensor(lowest), persistent=False)
        self.register_buffer("max_log_std", torch.tensor(math.inf), persistent=False)
        self.register_buffer("low", torch.as_tensor(space.low, dtype=torch.float32).clone(), persistent=False)
        self.register_buffer("high", torch.as_tensor(space.high, dtype=torch.float32).clone(), persistent=False)

    mean_unit: Tensor
    min_log_std: Tensor
    max_log_std: Tensor
    low: Tensor
    high: Tensor

    def forward(self, outputs: Tensor) -> Tensor:
        """Return means and log standard deviations side by side, [N, 2A]."""
        return torch.cat([self.mean_unit * outputs, self.log_std.expand_as(outputs)], dim=-1)

    def sample(self, parameters: Tensor, generator: torch.Generator) -> Tensor:
        """Draw actions [N, A], not clipped."""
        mean, log_std = parameters.chunk(2, dim=-1)
        noise = torch.randn(mean.shape, generator=generator, device=mean.device)
        return torch.addcmul(mean, log_std.exp(), noise)

    def mode(self, parameters: Tensor) -> Tensor:
        """Return the means [N, A]."""
        return parameters.chunk(2, dim=-1)[0]

    def log_prob(self, parameters: Tensor, actions: Tensor) -> Tensor:
        """Return the log density of unclipped actions, [N]."""
        mean, log_std = parameters.chunk(2, dim=-1)
        scaled = (actions - mean) * (-log_std).exp()
        return -(0.5 * scaled.square() + log_std).sum(dim=-1) - 0.5 * math.log(2.0 * math.pi) * self.num_outputs

    def entropy(self, parameters: Tensor) -> Tensor:
        """Return the sum over actions of log sigma + log(2 pi e) / 2, [N]."""
        log_std = parameters.chunk(2, dim=-1)[1]
        return log_std.sum(dim=-1) + 0.5 * math.log(2.0 * math.pi * math.e) * self.num_outputs

    def divergence(self, old: Tensor, new: Tensor) -> Tensor:
        """Return KL(old || new), nats, [N]."""
        old_mean, old_log_std = old.chunk(2, dim=-1)
        new_mean, new_log_std = new.chunk(2, dim=-1)
        squares = (2.0 * old_log_std).exp() + (old_mean - new_mean).square()
        terms = new_log_std - old_log_std + 0.5 * squares * (-2.0 * new_log_std).exp() - 0.5
        return terms.sum(dim=-1)

    def to_environment(self, actions: Tensor) -> Tensor:
        """Return actions [N, *space.shape] inside the space's bounds."""
        shaped = actions.unflatten(-1, self._space_shape) if len(self._space_shape) != 1 else actions
        return torch.clamp(shaped, self.low, self.high) if self._bounded else shaped

    def constrain(self) -> None:
        """Keep the standard deviation within its bounds."""
        with torch.no_grad():
            self.log_std.clamp_(min=self.min_log_std, max=self.max_log_std)

    def limit_spread(self, limit: float) -> None:
        """Set the upper bound of the standard deviation."""
        self.max_log_std.fill_(math.log(limit))

    def spread(self) -> Tensor:
        """Return the mean standard deviation."""
        return self.log_std.detach().exp().mean()


class Categorical(ActionDistribution):
    """Independent choices, one for Discrete and several for MultiDiscrete.

    Args:
        choices: Number of categories of each choice.
        start: Value of each choice's first category.
        scalar: Whether the environment takes one number per world rather than a row.
    """

    def __init__(self, choices: list[int], start: list[int], *, scalar: bool) -> None:
        super().__init__()
        self.num_outputs = self.num_parameters = sum(choices)
        self.action_shape = (len(choices),)
        self.action_dtype = torch.int64
        self._choices = choices
        self._scalar = scalar
        self.register_buffer("start", torch.tensor(start, dtype=torch.int64), persistent=False)
        self.register_buffer("_spread", torch.zeros(()), persistent=False)

    start: Tensor
    _spread: Tensor

    def forward(self, outputs: Tensor) -> Tensor:
        """Return normalised log probabilities of all categories, [N, P]."""
        return torch.cat([part.log_softmax(dim=-1) for part in outputs.split(self._choices, dim=-1)], dim=-1)

    def sample(self, parameters: Tensor, generator: torch.Generator) -> Tensor:
        """Draw categories [N, K], counted from zero, by the Gumbel-max trick, which needs no check of the inputs."""
        uniform = torch.rand(parameters.shape, generator=generator, device=parameters.device)
        # The smallest float32 above zero keeps the logarithm finite.
        gumbel = -(-uniform.clamp(min=torch.finfo(torch.float32).tiny).log()).log()
        return self.mode(parameters + gumbel)

    def mode(self, parameters: Tensor) -> Tensor:
        """Return the likeliest categories [N, K], counted from zero."""
        return torch.stack([part.argmax(dim=-1) for part in parameters.split(self._choices, dim=-1)], dim=-1)

    def log_prob(self, parameters: Tensor, actions: Tensor) -> Tensor:
        """Return the log probability of all choices together, [N]."""
        parts = parameters.split(self._choices, dim=-1)
        chosen = [part.gather(-1, actions[:, k, None])[:, 0] for k, part in enumerate(parts)]
        return torch.stack(chosen).sum(dim=0)

    def entropy(self, parameters: Tensor) -> Tensor:
        """Return the entropy of all choices together, nats, [N]."""
        return -(parameters.exp() * parameters).sum(dim=-1)

    def divergence(self, old: Tensor, new: Tensor) -> Tensor:
        """Return KL(old || new), nats, [N]."""
        return (old.exp() * (old - new)).sum(dim=-1)

    def to_environment(self, actions: Tensor) -> Tensor:
        """Return the categories' values, [N] for Discrete, [N, K] for MultiDiscrete."""
        values = actions + self.start
        return values[:, 0] if self._scalar else values

    def constrain(self) -> None:
        """Do nothing: there are no parameters of its own."""

    def spread(self) -> Tensor:
        """Return zero: there is no standard deviation."""
        return self._spread


def build_distribution(
    space: Space, *, initial_std: float = 1.0, min_std: float = 0.0, learn_std: bool = True
) -> ActionDistribution:
    """Return the distribution for the action space of one world.

    Raises:
        AlgorithmError: The space is none of Box, Discrete, MultiDiscrete.
    """
    if isinstance(space, spaces.Box):
        return DiagonalGaussian(space, initial_std=initial_std, min_std=min_std, learn_std=learn_std)
    if isinstance(space, spaces.Discrete):
        return Categorical([int(space.n)], [int(space.start)], scalar=True)
    if isinstance(space, spaces.MultiDiscrete) and space.nvec.ndim == 1:
        return Categorical([int(n) for n in space.nvec], [int(n) for n in space.start], scalar=False)
    raise AlgorithmError(f"the action space is {space}; expected Box, Discrete or a flat MultiDiscrete")
