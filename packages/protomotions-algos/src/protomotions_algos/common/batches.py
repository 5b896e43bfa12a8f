# SPDX-License-Identifier: Apache-2.0
"""The size of minibatches."""

from __future__ import annotations

from protomotions_algos.errors import AlgorithmError


def minibatch_size(batch_size: int | None, num_steps: int, num_envs: int) -> int:
    """Return the samples per minibatch; None asks for a quarter of the rollout, or the next size that divides it.

    Raises:
        AlgorithmError: The size doesn't divide the rollout; the message names the nearest that do.
    """
    total = num_steps * num_envs
    if batch_size is None:
        return max(size for size in divisors(total) if size * 4 <= max(total, 4))
    if total % batch_size == 0:
        return batch_size
    below = max((size for size in divisors(total) if size < batch_size), default=None)
    above = min((size for size in divisors(total) if size > batch_size), default=None)
    nearest = " or ".join(str(size) for size in (below, above) if size is not None)
    raise AlgorithmError(
        f"batch_size {batch_size} doesn't divide a rollout of {num_steps} steps x {num_envs} environments = {total} "
        f"samples; use {nearest}, or change num_steps or the number of environments"
    )


def divisors(number: int) -> list[int]:
    """Return all divisors of a positive number in rising order."""
    small = [n for n in range(1, int(number**0.5) + 1) if number % n == 0]
    return sorted({*small, *(number // n for n in small)})
