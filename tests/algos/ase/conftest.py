# SPDX-License-Identifier: Apache-2.0
"""A small environment with demonstrations of several ways to behave."""

from __future__ import annotations

from collections.abc import Callable

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv

from protomotions_algos.ase import ASE, ASEConfig


class DriftEnv(VectorEnv):
    """Points that fly over a plane, with demonstrations of flight in four directions.

    "state" is the velocity [N, 2], "style" the velocities before and after the last step [N, 4]. Actions [N, 2] times
    0.4 are added to the velocity. There is no task: the reward is zero.

    The demonstrator flies east, north, west or south at 0.6. Episodes start in a moment of a demonstration, so that
    flying on as before is always in style: style alone gives no reason to listen to a latent.
    """

    SPEED = 0.6
    GAIN = 0.4
    TOP_SPEED = 1.5

    def __init__(self, num_envs: int = 8, mode: AutoresetMode = AutoresetMode.SAME_STEP, limit: int = 30) -> None:
        self.metadata = {"autoreset_mode": mode}
        self.num_envs = num_envs
        self.limit = limit
        self.single_observation_space = spaces.Dict(
            {"state": spaces.Box(-np.inf, np.inf, (2,)), "style": spaces.Box(-np.inf, np.inf, (4,))}
        )
        self.single_action_space = spaces.Box(-1.0, 1.0, (2,))
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, num_envs)
        self.generator = torch.Generator()
        self.ending = torch.zeros(num_envs, dtype=torch.bool)

    def reset(self, *, seed=None, options=None):
        """Let the points fly as the demonstrator does."""
        if seed is not None:
            self.generator.manual_seed(seed)
        self.before, self.velocity = self._start()
        self.steps = torch.randint(0, self.limit, (self.num_envs,), generator=self.generator)
        self.resetting = torch.zeros(self.num_envs, dtype=torch.bool)
        return self._observe(), {}

    def step(self, actions):
        """Fly on."""
        fresh = self.resetting
        moved = (self.velocity + self.GAIN * actions).clamp(-self.TOP_SPEED, self.TOP_SPEED)
        self.before, self.velocity = self.velocity, moved
        self._begin(fresh)
        self.steps = self.steps + ~fresh
        terminated = self.ending & ~fresh
        truncated = (self.steps >= self.limit) & ~terminated & ~fresh
        self.ending = torch.zeros_like(self.ending)
        done, info = terminated | truncated, {}
        if self.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP:
            self.resetting = done
        else:
            info = {"final_obs": self._observe(), "_final_obs": done}
            self._begin(done)
        return self._observe(), torch.zeros(self.num_envs), terminated, truncated, info

    def end_episodes(self, mask):
        """Let episodes terminate in the next step."""
        self.ending = self.ending | mask

    def sample_demonstrations(self, count, generator):
        """Draw moments of flight, with a little noise."""
        before, after = self._moments(count, generator)
        style = torch.cat([before, after], dim=1)
        return {"state": after, "style": style + 0.03 * torch.randn(style.shape, generator=generator)}

    def directions(self):
        """Which of the four directions each point flies in now, within 20 degrees, [N]; -1 is none."""
        angle = torch.atan2(self.velocity[:, 1], self.velocity[:, 0])
        quarter = torch.round(angle / (np.pi / 2))
        straight = (angle - quarter * np.pi / 2).abs() < 0.35
        return torch.where(straight, torch.remainder(quarter, 4.0), -1.0).long()

    def _start(self):
        return self._moments(self.num_envs, self.generator)

    def _begin(self, where):
        """Begin new episodes in some worlds."""
        before, velocity = self._start()
        self.before = torch.where(where[:, None], before, self.before)
        self.velocity = torch.where(where[:, None], velocity, self.velocity)
        self.steps = torch.where(where, 0, self.steps)

    def _moments(self, count, generator):
        """Velocities before and after a step of the demonstrator, which are the same."""
        angle = torch.randint(0, 4, (count,), generator=generator) * np.pi / 2
        velocity = self.SPEED * torch.stack([angle.cos(), angle.sin()], dim=1)
        return velocity, velocity

    def _observe(self):
        return {"state": self.velocity.clone(), "style": torch.cat([self.before, self.velocity], dim=1)}


@pytest.fixture
def drift_env() -> type[DriftEnv]:
    """An environment with style and no task."""
    return DriftEnv


@pytest.fixture
def small_ase() -> Callable[..., ASE]:
    """A function that makes an ASE with tiny networks for an environment."""

    def make(env: VectorEnv, *, seed: int = 0, **settings: object) -> ASE:
        networks = ("hidden_units", "critic_hidden_units", "discriminator_hidden_units", "encoder_hidden_units")
        sizes = {"num_steps": 8, "num_mini_epochs": 2, "replay_size": 100, "latent_dim": 3, "latent_steps": (1, 6)}
        return ASE(env, ASEConfig(**{**sizes, **dict.fromkeys(networks, (8,)), **settings}), seed=seed)

    return make
