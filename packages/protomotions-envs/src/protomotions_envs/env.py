# SPDX-License-Identifier: Apache-2.0
"""One humanoid, as a Gymnasium environment of numpy arrays."""

from __future__ import annotations

from collections.abc import Mapping

import gymnasium
import numpy as np
from torch import Tensor

from protomotions_envs.config import EnvConfig, merge_settings
from protomotions_envs.vector_env import HumanoidVectorEnv
from protomotions_envs.worlds import Observation


class HumanoidEnv(gymnasium.Env):
    """One simulated humanoid with something to do: `HumanoidVectorEnv` with one world, in numpy.

    Tasks, spaces, rewards, starts and ends are those of `HumanoidVectorEnv`; observations are one vector unless
    `flatten=False`.

    Args:
        render_mode: `rgb_array` or None.
        flatten: Give observations as one vector instead of a dictionary of named parts.
        config: Settings; the defaults of `EnvConfig` if None.
        settings: Fields of `EnvConfig` to replace.
    """

    metadata: dict[str, object] = {"render_modes": ["rgb_array"], "render_fps": 50}  # noqa: RUF012  (Gymnasium's)

    def __init__(
        self,
        *,
        render_mode: str | None = None,
        flatten: bool = True,
        config: EnvConfig | None = None,
        **settings: object,
    ) -> None:
        # Compiling takes longer than most that is done with one robot.
        fixed = {"render_mode": render_mode, "flatten": flatten, "autoreset_mode": "disabled", "compile": False}
        self.vector_env = HumanoidVectorEnv(1, config=merge_settings(config, {**settings, **fixed}))
        self.observation_space = self.vector_env.single_observation_space
        self.action_space = self.vector_env.single_action_space
        self.render_mode = render_mode
        self.metadata = {**type(self).metadata, "render_fps": self.vector_env.metadata["render_fps"]}

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, object] | None = None
    ) -> tuple[np.ndarray | dict[str, np.ndarray], dict[str, object]]:
        """Start a new episode; see `HumanoidVectorEnv.reset`."""
        super().reset(seed=seed)
        observation, info = self.vector_env.reset(seed=seed, options=options)
        return _first(observation), {"broken": bool(info["broken"])}

    def step(
        self, action: np.ndarray
    ) -> tuple[np.ndarray | dict[str, np.ndarray], float, bool, bool, dict[str, object]]:
        """Advance by one control step with an action [J]."""
        observation, reward, terminated, truncated, info = self.vector_env.step(np.asarray(action)[None])
        terms = {name: float(term) for name, term in info["reward_terms"].items()}
        details = {"broken": bool(info["broken"]), "reward_terms": terms}
        return _first(observation), float(reward), bool(terminated), bool(truncated), details

    def render(self) -> np.ndarray | None:
        """Return a picture, uint8 [height, width, 3]; None without a render mode."""
        pictures = self.vector_env.render() if self.render_mode else None
        return pictures[0] if pictures else None

    def close(self) -> None:
        """Free the simulator and the renderer."""
        self.vector_env.close()


def _first(observation: Observation) -> np.ndarray | dict[str, np.ndarray]:
    if isinstance(observation, Tensor):
        return observation[0].numpy(force=True).copy()
    return {name: part[0].numpy(force=True).copy() for name, part in observation.items()}
