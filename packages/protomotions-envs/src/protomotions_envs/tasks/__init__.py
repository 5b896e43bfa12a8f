# SPDX-License-Identifier: Apache-2.0
"""Tasks by name."""

from __future__ import annotations

from protomotions_envs.tasks.mimic.config import MimicConfig

__all__ = ["TASKS", "MimicConfig"]

TASKS = {"mimic": MimicConfig}
"""Default settings of each task by the name that `gym.make(..., task=...)` takes."""
