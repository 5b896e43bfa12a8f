# SPDX-License-Identifier: Apache-2.0
"""How many threads PyTorch takes for the small tensors of a step."""

from __future__ import annotations

import torch

WORTH_SHARING = 4096
"""Number of worlds from which on a second thread pays."""


class SteppingThreads:
    """Lets PyTorch compute on one thread while few worlds are stepped on the CPU.

    Tensors of a few hundred worlds are too small to share: threads lose more time in waiting for one another than they
    gain, and while they wait they take the cores from the physics.

    Args:
        num_envs: Number of worlds.
        device: Where their tensors live.
    """

    def __init__(self, num_envs: int, device: torch.device) -> None:
        self._alone = device.type == "cpu" and num_envs < WORTH_SHARING
        self._before = 1

    def __enter__(self) -> None:
        """Take one thread only."""
        if self._alone:
            self._before = torch.get_num_threads()
            torch.set_num_threads(1)

    def __exit__(self, *raised: object) -> None:
        """Take as many as before."""
        if self._alone:
            torch.set_num_threads(self._before)
