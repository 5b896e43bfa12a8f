# SPDX-License-Identifier: Apache-2.0
"""Losses of proximal policy optimisation, one value per sample."""

from __future__ import annotations

import torch
from torch import Tensor


def clipped_surrogate_loss(log_ratio: Tensor, advantages: Tensor, clip: float) -> Tensor:
    """Return -min(r A, clip(r, 1 - clip, 1 + clip) A), [B] (Schulman et al. 2017, eq. 7).

    Args:
        log_ratio: log pi_new(a|s) - log pi_old(a|s), [B].
        advantages: A, [B].
        clip: Half-width of the interval around 1 in which the ratio r counts.
    """
    ratio = log_ratio.exp()
    return -torch.minimum(ratio * advantages, ratio.clamp(1.0 - clip, 1.0 + clip) * advantages)


def value_loss(values: Tensor, returns: Tensor, old_values: Tensor, clip: float | None) -> Tensor:
    """Return (V - R)^2, [B]; with `clip` the worse of it and the same for V kept within `clip` of the old value.

    The clipped form is that of Schulman's implementation; Engstrom et al. 2020 (arXiv:2005.12729), section 3, eq. 2.
    """
    squares = (values - returns).square()
    if clip is None:
        return squares
    limited = old_values + (values - old_values).clamp(-clip, clip)
    return torch.maximum(squares, (limited - returns).square())


def masked_mean(values: Tensor, valid: Tensor | None) -> Tensor:
    """Return the mean of values [B] where `valid` [B], or of all; zero where none is valid."""
    if valid is None:
        return values.mean()
    return torch.where(valid, values, 0.0).sum() / valid.sum().clamp(min=1)


def normalized(advantages: Tensor, valid: Tensor | None) -> Tensor:
    """Return advantages with zero mean and unit standard deviation over the valid samples."""
    mean = masked_mean(advantages, valid)
    variance = masked_mean((advantages - mean).square(), valid)
    return (advantages - mean) / (variance.sqrt() + 1e-8)
