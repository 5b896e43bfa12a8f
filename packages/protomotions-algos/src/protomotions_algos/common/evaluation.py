# SPDX-License-Identifier: Apache-2.0
"""Judges a policy by its mean episode return, in any vector environment."""

from __future__ import annotations

import math

import torch
from gymnasium.vector import VectorEnv
from torch import Tensor

from protomotions_algos.common.environments import EnvironmentView
from protomotions_algos.common.protocols import Policy


class ReturnEvaluator:
    """Plays whole episodes and reports their mean return as the score.

    Each world plays the same number of episodes, from a common start to its first end, so that short episodes don't
    count more often than long ones.

    Args:
        env: An environment of its own, or the training environment, which must begin anew afterwards.
        episodes: Least number of episodes; rounded up to a multiple of the number of worlds.
        max_steps: Steps after which an episode is cut and counted as it is; None waits for its end.
        seed: Seed of the first reset, the same for each evaluation.
        device: Where the policy's networks live.
    """

    def __init__(
        self,
        env: VectorEnv,
        *,
        episodes: int = 100,
        max_steps: int | None = None,
        seed: int = 0,
        device: str | torch.device = "cpu",
    ) -> None:
        self.view = EnvironmentView(env, torch.device(device))
        self.rounds = math.ceil(episodes / env.num_envs)
        self.max_steps = max_steps
        self.seed = seed

    def __call__(self, policy: Policy) -> dict[str, float]:
        """Return score, the mean return, its spread, the mean length and the number of episodes."""
        played = [self._round(policy, self.seed if number == 0 else None) for number in range(self.rounds)]
        returns = torch.cat([returns for returns, _ in played])
        lengths = torch.cat([lengths for _, lengths in played])
        return {
            "score": float(returns.mean()),
            "episode_return": float(returns.mean()),
            "episode_return_std": float(returns.std(correction=0)),
            "episode_length": float(lengths.mean()),
            "episodes": float(returns.numel()),
        }

    def _round(self, policy: Policy, seed: int | None) -> tuple[Tensor, Tensor]:
        """Play one episode in each world; returns and lengths, [N] each."""
        observation = self.view.reset(seed)
        returns = torch.zeros(self.view.num_envs, device=self.view.device)
        lengths = torch.zeros_like(returns)
        playing = torch.ones_like(returns, dtype=torch.bool)
        steps = 0
        while playing.any() and (self.max_steps is None or steps < self.max_steps):
            step = self.view.step(policy(observation))
            returns += step.reward * playing
            lengths += playing
            playing = playing & ~step.done
            observation = step.observation
            steps += 1
        return returns, lengths
