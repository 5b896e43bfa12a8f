# SPDX-License-Identifier: Apache-2.0
"""One world that plays a script, with a part that a discriminator looks at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv

RESET_STYLE = 50.0


class ScriptedStyleEnv(VectorEnv):
    """Gives what the script says, whatever the actions; the task's reward is zero.

    Args:
        mode: When the world is reset.
        script: For each step: style of the state reached, terminated, truncated, next state, final state or None.
        first: State at the start.
        as_torch: Whether tensors are returned.
    """

    num_envs = 1
    single_observation_space = spaces.Dict(
        {"state": spaces.Box(-np.inf, np.inf, (1,)), "style": spaces.Box(-np.inf, np.inf, (1,))}
    )
    single_action_space = spaces.Discrete(2)

    def __init__(
        self,
        mode: AutoresetMode,
        script: Sequence[tuple[float, bool, bool, float, float | None]],
        first: float,
        as_torch: bool,
    ) -> None:
        self.metadata = {"autoreset_mode": mode}
        self.script = script
        self.first = first
        self.array = torch.tensor if as_torch else np.array
        self.time = 0
        self.fresh = False

    def reset(self, *, seed=None, options=None):
        """Begin the script."""
        self.time = 0
        self.fresh = False
        return self._observe(self.first, RESET_STYLE), {}

    def step(self, actions):
        """Play the next line of the script; a state that begins an episode has the style `RESET_STYLE`."""
        style, terminated, truncated, following, final = self.script[self.time % len(self.script)]
        self.time += 1
        info, shown = {}, RESET_STYLE if self.fresh else style
        self.fresh = False
        if self.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP:
            self.fresh = terminated or truncated
        elif final is not None:
            info = {"final_obs": self._observe(final, style), "_final_obs": self.array([True])}
            shown = RESET_STYLE
        flags = self.array([terminated]), self.array([truncated])
        return self._observe(following, shown), self.array([0.0]), *flags, info

    def sample_demonstrations(self, count, generator):
        """Demonstrate the styles 1 and 2."""
        return {"style": torch.randint(1, 3, (count, 1), generator=generator).float()}

    def _observe(self, state, style):
        return {"state": self.array([[state]]), "style": self.array([[style]])}
