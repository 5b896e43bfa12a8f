# SPDX-License-Identifier: Apache-2.0
"""A point mass that should follow a moving reference; nothing about it is a robot."""

from __future__ import annotations

import math

import gymnasium
import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, VectorEnv

TIME_STEP = 0.1
REFERENCE_SPEED = 1.0


class ChaseEnv(VectorEnv):
    """Points in the plane; an action is the velocity wanted, at most 3 m/s an axis, and half of it takes effect.

    The reference goes round the origin at 1 m and `REFERENCE_SPEED` rad/s from a random phase. Observation: "state",
    position and velocity of point and reference [N, 8], and "tracking_difference", reference minus point [N, 4]. The
    task's reward is zero. An episode terminates 2 m from the reference and is truncated after `limit` steps.
    """

    def __init__(self, num_envs: int = 4, mode: AutoresetMode = AutoresetMode.SAME_STEP, limit: int = 30) -> None:
        self.metadata = {"autoreset_mode": mode}
        self.num_envs = num_envs
        self.limit = limit
        parts = {"state": spaces.Box(-np.inf, np.inf, (8,)), "tracking_difference": spaces.Box(-np.inf, np.inf, (4,))}
        self.single_observation_space = spaces.Dict(parts)
        self.single_action_space = spaces.Box(-1.0, 1.0, (2,))
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, num_envs)
        self.generator = torch.Generator()

    def reset(self, *, seed=None, options=None):
        """Place points and references at random."""
        if seed is not None:
            self.generator.manual_seed(seed)
        self.state = torch.zeros(self.num_envs, 4)
        self.phase = torch.zeros(self.num_envs)
        self.steps = torch.zeros(self.num_envs)
        self.resetting = torch.zeros(self.num_envs, dtype=torch.bool)
        self._start(torch.ones(self.num_envs, dtype=torch.bool))
        return self._observe(), {}

    def step(self, actions):
        """Move points and references."""
        fresh = self.resetting
        velocity = 0.5 * self.state[:, 2:] + 0.5 * 3.0 * actions
        self.state = torch.cat([self.state[:, :2] + TIME_STEP * velocity, velocity], dim=1)
        self.phase = self.phase + TIME_STEP * REFERENCE_SPEED
        self.steps = self.steps + 1.0
        self._start(fresh)
        distance = (self._reference() - self.state)[:, :2].norm(dim=1)
        terminated = (distance > 2.0) & ~fresh
        truncated = (self.steps >= self.limit) & ~terminated & ~fresh
        done, info = terminated | truncated, {}
        if self.metadata["autoreset_mode"] is AutoresetMode.NEXT_STEP:
            self.resetting = done
        else:
            info = {"final_obs": self._observe(), "_final_obs": done}
            self._start(done)
        return self._observe(), torch.zeros(self.num_envs), terminated, truncated, info

    def _start(self, mask):
        start = torch.rand(self.num_envs, 4, generator=self.generator) * 2.0 - 1.0
        phase = 2.0 * math.pi * torch.rand(self.num_envs, generator=self.generator)
        self.phase = torch.where(mask, phase, self.phase)
        self.state = torch.where(mask[:, None], 0.5 * start + self._reference(), self.state)
        self.steps = torch.where(mask, 0.0, self.steps)

    def _reference(self):
        cos, sin = self.phase.cos(), self.phase.sin()
        return torch.stack([cos, sin, -REFERENCE_SPEED * sin, REFERENCE_SPEED * cos], dim=1)

    def _observe(self):
        reference = self._reference()
        return {"state": torch.cat([self.state, reference], dim=1), "tracking_difference": reference - self.state}


def tracking_errors(policy, *, steps=40, skip=20):
    """Play 64 points and return the distances to the reference, m, and of the velocities, m/s, after `skip` steps."""
    env = ChaseEnv(64, limit=steps + 1)
    observation, _ = env.reset(seed=11)
    errors = []
    for step in range(steps):
        observation, *_ = env.step(policy(observation))
        if step >= skip:
            errors.append(observation["tracking_difference"])
    position, velocity = torch.cat(errors).split(2, dim=1)
    return position.norm(dim=1), velocity.norm(dim=1)
