# SPDX-License-Identifier: Apache-2.0
"""Small environments that the tests of the algorithms step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv

from protomotions_algos.ppo import PPO, PPOConfig


class PointEnv(VectorEnv):
    """Points on a line that should sit at zero: torch tensors, both autoreset modes.

    Observation: position [N, 1] and speed [N, 1]; action: acceleration; reward: 1 - |position|. An episode terminates
    beyond 2 and is truncated after `limit` steps.
    """

    def __init__(self, num_envs: int = 4, mode: AutoresetMode = AutoresetMode.SAME_STEP, limit: int = 12) -> None:
        self.metadata = {"autoreset_mode": mode}
        self.num_envs = num_envs
        self.limit = limit
        self.single_observation_space = spaces.Dict(
            {"position": spaces.Box(-np.inf, np.inf, (1,)), "speed": spaces.Box(-np.inf, np.inf, (1,))}
        )
        self.single_action_space = spaces.Box(-1.0, 1.0, (1,))
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, num_envs)
        self.generator = torch.Generator()
        self.seeds: list[int | None] = []

    def reset(self, *, seed=None, options=None):
        """Place the points at random."""
        self.seeds.append(seed)
        if seed is not None:
            self.generator.manual_seed(seed)
        self.state = self._start()
        self.steps = torch.zeros(self.num_envs)
        self.resetting = torch.zeros(self.num_envs, dtype=torch.bool)
        return self._observe(), {}

    def step(self, actions):
        """Push the points."""
        assert isinstance(actions, torch.Tensor)
        assert actions.abs().max() <= 1.0
        fresh = self.resetting
        speed = 0.9 * self.state[:, 1] + 0.2 * actions[:, 0]
        moved = torch.stack([self.state[:, 0] + 0.3 * speed, speed], dim=1)
        self.state = torch.where(fresh[:, None], self._start(), moved)
        self.steps = torch.where(fresh, 0.0, self.steps + 1.0)
        reward = torch.where(fresh, 0.0, 1.0 - self.state[:, 0].abs())
        terminated = (self.state[:, 0].abs() > 2.0) & ~fresh
        truncated = (self.steps >= self.limit) & ~terminated & ~fresh
        info = {"reward_terms": {"near": reward}, "broken": torch.zeros(self.num_envs, dtype=torch.bool)}
        done = terminated | truncated
        if self.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP:
            self.resetting = done
        else:
            info |= {"final_obs": self._observe(), "_final_obs": done}
            self.state = torch.where(done[:, None], self._start(), self.state)
            self.steps = torch.where(done, 0.0, self.steps)
        return self._observe(), reward, terminated, truncated, info

    def _start(self):
        return torch.rand(self.num_envs, 2, generator=self.generator) * 2.0 - 1.0

    def _observe(self):
        return {"position": self.state[:, :1].clone(), "speed": self.state[:, 1:].clone()}


class ScriptedEnv(VectorEnv):
    """One world that plays a script, whatever the actions: numpy or torch, either autoreset mode.

    Args:
        mode: When the world is reset.
        script: For each step: reward, terminated, truncated, next observation, final observation or None.
        first: Observation at the start.
        as_torch: Whether tensors are returned.
    """

    num_envs = 1
    single_observation_space = spaces.Box(-np.inf, np.inf, (1,))
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
        self.as_torch = as_torch
        self.time = 0

    def reset(self, *, seed=None, options=None):
        """Begin the script."""
        self.time = 0
        return self.array([[self.first]]), {}

    def step(self, actions):
        """Play the next line of the script."""
        reward, terminated, truncated, following, final = self.script[self.time % len(self.script)]
        self.time += 1
        info = {}
        if final is not None:
            rows = self.array([[final]])
            if not self.as_torch:
                objects = np.empty(1, dtype=object)
                objects[0] = rows[0]
                rows = objects
            info = {"final_obs": rows, "_final_obs": self.array([True])}
        return (
            self.array([[following]]),
            self.array([reward]),
            self.array([terminated]),
            self.array([truncated]),
            info,
        )


@pytest.fixture
def point_env() -> type[PointEnv]:
    """A torch environment that is quick to learn."""
    return PointEnv


@pytest.fixture
def scripted_env() -> type[ScriptedEnv]:
    """An environment whose every number the test decides."""
    return ScriptedEnv


@pytest.fixture
def small_ppo() -> Callable[..., PPO]:
    """A function that makes a PPO with tiny networks for an environment."""

    def make(env: VectorEnv, *, seed: int = 0, **settings: object) -> PPO:
        sizes = {"num_steps": 8, "num_mini_epochs": 2, "hidden_units": (8,), "critic_hidden_units": (8,)}
        return PPO(env, PPOConfig(**{**sizes, **settings}), seed=seed)

    return make


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    """Tiny tensors gain nothing from threads, and CI has few cores."""
    torch.set_num_threads(1)
