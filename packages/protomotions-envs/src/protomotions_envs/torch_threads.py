# SPDX-License-Identifier: Apache-2.0
"""How many threads PyTorch takes for the small tensors of a step."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import torch

WORTH_SHARING = 4096
"""Number of worlds from which on a second thread pays."""


@contextmanager
def threads_for(num_envs: int, device: torch.device) -> Generator[None]:
    """Let PyTorch compute on one thread while few worlds are stepped on the CPU.

    Tensors of a few hundred worlds are too small to share: threads lose more time in waiting for one another than they
    gain, and while they wait they take the cores from the physics.
    """
    before = torch.get_num_threads()
    alone = device.type == "cpu" and num_envs < WORTH_SHARING and before > 1
    if alone:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        if alone:
            torch.set_num_threads(before)
