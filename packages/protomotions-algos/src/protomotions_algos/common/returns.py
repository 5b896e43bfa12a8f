# SPDX-License-Identifier: Apache-2.0
"""Advantage estimation with time limits treated as what they are: a cut in the data, not an end of the task."""

from __future__ import annotations

import torch
from torch import Tensor


def successor_values(values: Tensor, truncated: Tensor, final_values: Tensor | None) -> Tensor:
    """Return V of the state that each step really led to, [T, N].

    Args:
        values: V of the observation before each step and after the last, [T + 1, N].
        truncated: Episodes cut off in each step, [T, N].
        final_values: What counts instead where `truncated`, [T, N]: V(final_obs) for environments that reset in the
            same step, whose next observation belongs to another episode already. None for those that reset in the next
            step: there the observation that follows a truncation is the episode's last one.
    """
    following = values[1:]
    return following if final_values is None else torch.where(truncated, final_values, following)


def generalized_advantages(
    rewards: Tensor,
    values: Tensor,
    next_values: Tensor,
    terminated: Tensor,
    truncated: Tensor,
    *,
    gamma: float,
    gae_lambda: float,
) -> Tensor:
    """Return generalised advantage estimates, [T, N] (Schulman et al. 2015, arXiv:1506.02438, eq. 16).

    delta_t = r_t + gamma * V(s_{t+1}) * (1 - terminated_t) - V(s_t), and A_t = delta_t + gamma * lambda * A_{t+1}.
    Termination removes the value of what follows; the sum over later deltas stops at either kind of end.

    Args:
        rewards: [T, N].
        values: V of the observation before each step, [T, N].
        next_values: V of the state that each step led to, [T, N]; see `successor_values`.
        terminated: Ends by failure or success, bool, [T, N].
        truncated: Ends by time limit, bool, [T, N].
        gamma: Discount per step.
        gae_lambda: Decay of the sum, between bootstrapping (0) and the whole return (1).
    """
    deltas = rewards + gamma * next_values * (~terminated) - values
    decay = gamma * gae_lambda * (~(terminated | truncated))
    advantages = torch.empty_like(deltas)
    following = torch.zeros_like(deltas[0])
    for t in reversed(range(deltas.shape[0])):
        following = torch.addcmul(deltas[t], decay[t], following, out=advantages[t])
    return advantages
