# SPDX-License-Identifier: Apache-2.0
"""Which of its skills a policy shows: a latent that is held, or the way from one to another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from protomotions_algos.ase import ASE, ASEConfig, slerp
from protomotions_algos.ase.sphere import draw_on_sphere
from protomotions_cli.algorithms import AgentConfig
from protomotions_cli.control.control import Stage, Wish
from protomotions_cli.errors import UsageError


class Latents:
    """Lets a policy go by one latent, or go over from one to another while a playback lasts.

    Args:
        start: Latent at the start, [D].
        end: Latent at the end, [D]; None for the same.
    """

    seconds: float | None = None
    """A skill has no length of its own."""

    def __init__(self, start: Tensor, end: Tensor | None = None) -> None:
        self._start = start
        self._end = start if end is None else end

    def tell(self, stage: Stage, time: float, *, begins: bool) -> Wish:
        """Hold the latent of this moment; see `Control`."""
        agent = stage.agent
        if not isinstance(agent, ASE):
            raise TypeError(f"{type(agent).__name__} has no latents")
        agent.hold_latents(slerp(self._start, self._end, min(time / stage.seconds, 1.0)))
        return Wish.GO_ON


def read_latent(text: str, config: AgentConfig, flag: str) -> Tensor:
    """Return the latent that a text means: a seed to draw it with, or a .npy file that holds it, [D] of unit length.

    Args:
        text: What was given.
        config: Settings of the algorithm.
        flag: What gave it, for messages.

    Raises:
        UsageError: The algorithm has no latents, or the text means none of its size.
    """
    if not isinstance(config, ASEConfig):
        raise UsageError(f"{flag} is for policies of the algorithm 'ase'; this one is of {config.algorithm!r}")
    if text.isdecimal():
        return draw_on_sphere(1, config.latent_dim, torch.Generator().manual_seed(int(text)))[0]
    latent = torch.from_numpy(_read_array(Path(text), flag))
    if latent.shape != (config.latent_dim,):
        raise UsageError(f"{flag} {text}: expected {config.latent_dim} numbers, got shape {list(latent.shape)}")
    length = float(latent.norm())
    if not 0.0 < length < float("inf"):
        raise UsageError(f"{flag} {text}: a latent must be finite and not zero, so that it has a direction")
    return latent / length


def _read_array(path: Path, flag: str) -> np.ndarray:
    try:
        return np.load(path, allow_pickle=False).astype(np.float32)
    except (OSError, ValueError, EOFError, AttributeError) as error:
        raise UsageError(f"{flag} {path}: expected a seed, such as 7, or a .npy file of numbers") from error
