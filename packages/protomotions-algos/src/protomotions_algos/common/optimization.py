# SPDX-License-Identifier: Apache-2.0
"""Adam that clips gradients and leaves the parameters alone when a gradient isn't finite."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class StepReport:
    """What an optimiser step met, as tensors []."""

    gradient_norm: Tensor
    """Norm before clipping; zero where it wasn't finite."""
    skipped: Tensor
    """1 where the gradient wasn't finite, so that nothing was changed; else 0."""


class GuardedAdam:
    """Adam (Kingma and Ba 2014, arXiv:1412.6980) with gradient clipping and a guard, without waiting for the device.

    Args:
        parameters: What to learn.
        learning_rate: Base step size; `scale` multiplies it.
        max_grad_norm: Bound of the gradient's norm over all parameters; 0 is none.
    """

    def __init__(self, parameters: Iterable[nn.Parameter], learning_rate: float, max_grad_norm: float) -> None:
        self.parameters = [parameter for parameter in parameters if parameter.requires_grad]
        self.learning_rate = learning_rate
        self.max_grad_norm = max_grad_norm
        # As a tensor the rate can follow a measured divergence without a transfer to the host.
        device = self.parameters[0].device
        rate = torch.tensor(learning_rate, device=device)
        self._capturable = device.type == "cuda"
        self._adam = torch.optim.Adam(self.parameters, lr=rate, fused=True, capturable=self._capturable)

    @property
    def current_rate(self) -> Tensor:
        """Adam's step size now, []."""
        return self._adam.param_groups[0]["lr"]

    def zero_grad(self) -> None:
        """Drop the gradients."""
        self._adam.zero_grad(set_to_none=True)

    def step(self) -> StepReport:
        """Clip the gradients and apply them, unless one isn't finite."""
        norm = nn.utils.get_total_norm([p.grad for p in self.parameters if p.grad is not None])
        if self.max_grad_norm > 0.0:
            nn.utils.clip_grads_with_norm_(self.parameters, self.max_grad_norm, norm)
        # False for NaN too, in fewer operations than isfinite.
        skipped = (~(norm < math.inf)).float()
        # The fused kernels skip the whole step where found_inf is set, as they do for torch.amp.GradScaler.
        self._adam.found_inf = skipped  # ty: ignore[missing-attribute]
        self._adam.step()
        return StepReport(norm.nan_to_num(0.0, 0.0, 0.0), skipped)

    def set_scale(self, scale: Tensor) -> None:
        """Make the step size `learning_rate` times the tensor `scale` []."""
        self.current_rate.copy_(scale * self.learning_rate)

    def state_dict(self) -> dict[str, object]:
        """Return the moments and step counts."""
        return self._adam.state_dict()

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from the moments of another run, at this run's own learning rate."""
        rate = self.current_rate
        self._adam.load_state_dict(dict(state))
        # These are this run's, whatever device the other one ran on.
        self._adam.param_groups[0].update(lr=rate, capturable=self._capturable)


class AdaptiveLearningRate:
    """Lets the learning rates of some optimisers follow a measured KL divergence, all by the same factor.

    The factor falls by 1.5 above twice the desired divergence and rises by 1.5 below half of it: the rule that Schulman
    et al. 2017, eq. 8, give for a penalty, applied to the step size. No value leaves the device.

    Args:
        optimizers: Those whose rates are multiplied.
        desired_kl: Divergence per update, nats.
        lowest: Lower bound of the factor.
        highest: Upper bound of the factor.
    """

    def __init__(self, optimizers: Iterable[GuardedAdam], desired_kl: float, *, lowest: float, highest: float) -> None:
        self.optimizers = tuple(optimizers)
        self.desired_kl = desired_kl
        self.lowest = lowest
        self.highest = highest
        self.scale = torch.ones((), device=self.optimizers[0].parameters[0].device)

    def follow(self, divergence: Tensor) -> None:
        """Adapt to a divergence []; one that isn't finite changes nothing."""
        lowered = torch.where(divergence > 2.0 * self.desired_kl, self.scale / 1.5, self.scale)
        scale = torch.where(divergence < 0.5 * self.desired_kl, self.scale * 1.5, lowered)
        self.set(scale.clamp(self.lowest, self.highest))

    def set(self, scale: Tensor) -> None:
        """Multiply the optimisers' own rates by `scale` []."""
        self.scale.copy_(scale)
        for optimizer in self.optimizers:
            optimizer.set_scale(scale)
