# SPDX-License-Identifier: Apache-2.0
"""Tasks by name."""

from __future__ import annotations

import torch

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.robots.robot import Robot
from protomotions_envs.tasks.free.config import StyleConfig
from protomotions_envs.tasks.free.task import FreeTask
from protomotions_envs.tasks.goal import Goal
from protomotions_envs.tasks.mimic.config import MimicConfig
from protomotions_envs.tasks.mimic.task import MimicTask
from protomotions_envs.tasks.path_follower.config import PathFollowerConfig
from protomotions_envs.tasks.path_follower.goal import PathFollowerGoal
from protomotions_envs.tasks.steering.config import SteeringConfig
from protomotions_envs.tasks.steering.goal import SteeringGoal
from protomotions_envs.tasks.target.config import TargetConfig
from protomotions_envs.tasks.target.goal import TargetGoal
from protomotions_envs.tasks.task import Task

__all__ = [
    "TASKS",
    "MimicConfig",
    "PathFollowerConfig",
    "SteeringConfig",
    "StyleConfig",
    "TargetConfig",
    "TaskConfig",
    "make_task",
]

TaskConfig = MimicConfig | StyleConfig | SteeringConfig | PathFollowerConfig | TargetConfig
"""Settings of a task; `name` tells them apart."""

TASKS: dict[str, type[TaskConfig]] = {
    "mimic": MimicConfig,
    "style": StyleConfig,
    "steering": SteeringConfig,
    "path_follower": PathFollowerConfig,
    "target": TargetConfig,
}
"""Default settings of each task by the name that `gym.make(..., task=...)` takes."""


def make_task(
    config: TaskConfig, robot: Robot, library: MotionLibrary | None, num_envs: int, device: torch.device
) -> Task:
    """Return the task that the settings describe.

    Raises:
        MotionError: It needs clips and `library` is None.
        ProtoMotionsError: A setting doesn't fit.
    """
    if isinstance(config, MimicConfig):
        return MimicTask(config, robot, _required(library, config), num_envs, device)
    if config.needs_motion:
        _required(library, config)
    return FreeTask(config, robot, library, _goal(config, robot, num_envs, device), num_envs, device)


def _required(library: MotionLibrary | None, config: TaskConfig) -> MotionLibrary:
    if library is None:
        raise MotionError(f"The {config.name} task needs clips; give some with motion_file (--motion-file)")
    return library


def _goal(config: TaskConfig, robot: Robot, num_envs: int, device: torch.device) -> Goal | None:
    if isinstance(config, SteeringConfig):
        return SteeringGoal(config, robot.control_dt, robot.anchor_index, num_envs, device)
    if isinstance(config, PathFollowerConfig):
        return PathFollowerGoal(config, robot, num_envs, device)
    if isinstance(config, TargetConfig):
        return TargetGoal(config, robot.control_dt, num_envs, device)
    return None
