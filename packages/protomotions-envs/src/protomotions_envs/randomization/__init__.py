# SPDX-License-Identifier: Apache-2.0
"""Domain randomisation: worlds that differ, and disturbances, shared by all tasks."""

from protomotions_envs.randomization.commands import CommandErrors
from protomotions_envs.randomization.config import BEYONDMIMIC, EVERYTHING, PRESETS, RandomizationConfig
from protomotions_envs.randomization.observation_noise import ObservationNoise
from protomotions_envs.randomization.physics import PhysicsRanges
from protomotions_envs.randomization.pushes import Pushes

__all__ = [
    "BEYONDMIMIC",
    "EVERYTHING",
    "PRESETS",
    "CommandErrors",
    "ObservationNoise",
    "PhysicsRanges",
    "Pushes",
    "RandomizationConfig",
]
