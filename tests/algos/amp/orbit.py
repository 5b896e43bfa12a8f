# SPDX-License-Identifier: Apache-2.0
"""A point mass in the plane whose demonstrations go round the origin; nothing about it is a robot."""

from __future__ import annotations

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv

RADIUS = 1.0
ANGULAR_SPEED = 1.5
TIME_STEP = 0.1


class OrbitEnv(VectorEnv):
    """Points in the plane; an action is the velocity wanted, at most 3 m/s an axis, and half of it takes effect.

    Observation: "state" and "style", both position and velocity [N, 4]. Demonstrations circle anticlockwise at `RADIUS`
    m and `ANGULAR_SPEED` rad/s. The task's reward is for being near the origin, 1 - |position|. An episode terminates
    3 m from the origin, is truncated after `limit` steps, and ends in the next step where `end_episodes` says so.
    """

    def __init__(self, num_envs: int = 4, mode: AutoresetMode = AutoresetMode.SAME_STEP, limit: int = 30) -> None:
        self.metadata = {"autoreset_mode": mode}
        self.num_envs = num_envs
        self.limit = limit
        parts = {"state": spaces.Box(-np.inf, np.inf, (4,)), "style": spaces.Box(-np.inf, np.inf, (3,))}
        self.single_observation_space = spaces.Dict(parts)
        self.single_action_space = spaces.Box(-1.0, 1.0, (2,))
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, num_envs)
        self.generator = torch.Generator()
        self.ending = torch.zeros(num_envs, dtype=torch.bool)
        self.ended = 0

    def reset(self, *, seed=None, options=None):
        """Place the points at random."""
        if seed is not None:
            self.generator.manual_seed(seed)
        self.state = self._start()
        self.steps = torch.zeros(self.num_envs)
        self.resetting = torch.zeros(self.num_envs, dtype=torch.bool)
        self.ending.zero_()
        return self._observe(), {}

    def step(self, actions):
        """Push the points."""
        fresh = self.resetting
        velocity = 0.5 * self.state[:, 2:] + 0.5 * 3.0 * actions
        moved = torch.cat([self.state[:, :2] + TIME_STEP * velocity, velocity], dim=1)
        self.state = torch.where(fresh[:, None], self._start(), moved)
        self.steps = torch.where(fresh, 0.0, self.steps + 1.0)
        radius = self.state[:, :2].norm(dim=1)
        terminated = ((radius > 3.0) | self.ending) & ~fresh
        truncated = (self.steps >= self.limit) & ~terminated & ~fresh
        reward = torch.where(fresh, 0.0, 1.0 - radius)
        self.ended += int(self.ending.sum())
        self.ending.zero_()
        done, info = terminated | truncated, {}
        if self.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP:
            self.resetting = done
        else:
            info = {"final_obs": self._observe(), "_final_obs": done}
            self.state = torch.where(done[:, None], self._start(), self.state)
            self.steps = torch.where(done, 0.0, self.steps)
        return self._observe(), reward, terminated, truncated, info

    def sample_demonstrations(self, count, generator):
        """Return points on the circle, moving as they should."""
        radius = RADIUS * (1.0 + 0.05 * torch.randn(count, generator=generator))
        inward = 0.05 * torch.randn(count, generator=generator)
        return {"style": torch.stack([radius, inward, ANGULAR_SPEED * radius], dim=1)}

    def end_episodes(self, mask):
        """Let episodes terminate in the next step."""
        self.ending = mask.clone()

    def _start(self):
        return torch.rand(self.num_envs, 4, generator=self.generator) * 2.0 - 1.0

    def _observe(self):
        position, velocity = self.state[:, :2], self.state[:, 2:]
        radius = position.norm(dim=1)
        outward = position / radius.clamp(min=1e-3)[:, None]
        onward = torch.stack([-outward[:, 1], outward[:, 0]], dim=1)
        style = torch.stack([radius, (velocity * outward).sum(dim=1), (velocity * onward).sum(dim=1)], dim=1)
        return {"state": self.state.clone(), "style": style}


def orbit_figures(policy, *, steps=60, skip=30):
    """Play 64 points and return mean radius (m) and mean angular speed (rad/s) after the first `skip` steps."""
    env = OrbitEnv(64, limit=steps + 1)
    observation, _ = env.reset(seed=11)
    radii, speeds = [], []
    for step in range(steps):
        observation, *_ = env.step(policy(observation))
        if step >= skip:
            x, y, vx, vy = observation["state"].unbind(dim=1)
            radii.append((x.square() + y.square()).sqrt())
            speeds.append((x * vy - y * vx) / (x.square() + y.square()).clamp(min=1e-3))
    return torch.stack(radii), torch.stack(speeds)
