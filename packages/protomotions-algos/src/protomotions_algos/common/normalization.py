# SPDX-License-Identifier: Apache-2.0
"""Running moments: inputs of networks to zero mean and unit variance, rewards to returns of unit variance."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class RunningNormalizer(nn.Module):
    """Scales each column by the mean and variance of all rows observed so far.

    Rows that pass with `observe=True` are gathered and enter the moments at `commit`, so that all of a rollout is
    scaled alike. Sums are taken about the running mean and merged in float64 (Chan, Golub and
    LeVeque 1983, eq. 2.1).

    Args:
        num_features: D, number of columns.
        clip: Bound of the scaled values.
        min_std: Added in quadrature to the standard deviation, so that a constant column isn't blown up.
        centered: Whether the mean is taken away. Without, columns are divided by their root mean square about zero.
    """

    def __init__(self, num_features: int, *, clip: float = 5.0, min_std: float = 0.01, centered: bool = True) -> None:
        super().__init__()
        self.clip = clip
        self.min_std = min_std
        self.centered = centered
        self.register_buffer("mean", torch.zeros(num_features, dtype=torch.float64))
        self.register_buffer("var", torch.ones(num_features, dtype=torch.float64))
        self.register_buffer("count", torch.zeros((), dtype=torch.float64))
        self.register_buffer("shift", torch.zeros(num_features), persistent=False)
        self.register_buffer("scale", torch.ones(num_features), persistent=False)
        self.register_buffer("pending_sum", torch.zeros(num_features, dtype=torch.float64), persistent=False)
        self.register_buffer("pending_squares", torch.zeros(num_features, dtype=torch.float64), persistent=False)
        self.pending_count = 0
        self._fresh = centered
        self.register_load_state_dict_post_hook(lambda module, _: module.refresh())
        self.refresh()

    mean: Tensor
    var: Tensor
    count: Tensor
    shift: Tensor
    scale: Tensor
    pending_sum: Tensor
    pending_squares: Tensor

    def forward(self, rows: Tensor, observe: bool = False) -> Tensor:
        """Return scaled and clipped rows, [N, D] to [N, D]."""
        if observe and self._fresh:
            # Sums about zero would lose the variance of columns far from it, so the first rows set the reference.
            self.shift.copy_(rows.mean(dim=0))
            self._fresh = False
        centred = rows - self.shift
        if observe:
            self.pending_sum += centred.sum(dim=0)
            self.pending_squares += centred.square().sum(dim=0)
            self.pending_count += rows.shape[0]
        return centred.mul_(self.scale).clamp_(-self.clip, self.clip)

    def commit(self) -> None:
        """Merge what was observed since the last call into the moments."""
        added = self.pending_count
        if added == 0:
            return
        offset = self.pending_sum / added + (self.shift.double() - self.mean)
        batch_var = self.pending_squares / added - (self.pending_sum / added).square()
        total = self.count + added
        share = added / total
        self.var.copy_(
            (1.0 - share) * self.var + share * batch_var.clamp(min=0.0) + share * (1.0 - share) * offset.square()
        )
        self.mean.add_(share * offset)
        self.count.copy_(total)
        self.refresh()

    def refresh(self) -> None:
        """Recompute the float32 shift and scale from the moments and forget what is pending."""
        if self.centered:
            self.shift.copy_(self.mean)
        spread = self.var if self.centered else self.var + self.mean.square()
        self.scale.copy_((spread + self.min_std**2).rsqrt())
        self.pending_sum.zero_()
        self.pending_squares.zero_()
        self.pending_count = 0
        self._fresh = self._fresh and not bool(self.count)


class ReturnScaler(nn.Module):
    """Divides rewards by the running standard deviation of the discounted return (Engstrom et al. 2020, section 3).

    Args:
        num_envs: N, number of worlds.
        gamma: Discount per step.
    """

    def __init__(self, num_envs: int, gamma: float) -> None:
        super().__init__()
        self.gamma = gamma
        self.moments = RunningNormalizer(1)
        self.register_buffer("running", torch.zeros(num_envs), persistent=False)

    running: Tensor

    def forward(self, rewards: Tensor, done: Tensor) -> Tensor:
        """Observe a rollout and return its scaled rewards; both [T, N]."""
        for reward, ended in zip(rewards, done, strict=True):
            self.running.mul_(self.gamma).add_(reward)
            self.moments(self.running[:, None], observe=True)
            self.running.mul_(~ended)
        self.moments.commit()
        return rewards * self.moments.scale

    def restart(self) -> None:
        """Forget the returns of episodes that were given up."""
        self.running.zero_()
