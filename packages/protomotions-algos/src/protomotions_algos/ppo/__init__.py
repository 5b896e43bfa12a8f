# SPDX-License-Identifier: Apache-2.0
"""Proximal policy optimisation."""

from protomotions_algos.ppo.config import PPOConfig
from protomotions_algos.ppo.ppo import PPO

__all__ = ["PPO", "PPOConfig"]
