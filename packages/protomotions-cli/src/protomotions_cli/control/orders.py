# SPDX-License-Identifier: Apache-2.0
"""What a robot can be told, in a user's words, and how that reaches the goals of tasks."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_cli.errors import UsageError
from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.tasks import TaskConfig
from protomotions_envs.tasks.free.task import FreeTask
from protomotions_envs.tasks.goal import Goal

Point = tuple[float, float]
"""Horizontal position in the world frame, m."""

ORDERS: dict[str, tuple[str, ...]] = {
    "steering": ("speed", "direction", "facing"),
    "path_follower": ("path", "speed"),
    "target": ("target",),
}
"""What can be told in each task."""


@dataclass(frozen=True)
class Order:
    """What a robot is told; None leaves a thing as it is."""

    speed: float | None = None
    """How fast to go, m/s."""
    direction: float | None = None
    """Where to go, degrees from the world's x axis to the left."""
    facing: float | None = None
    """Where to look, degrees like `direction`; None where that is given: the same."""
    target: Point | None = None
    """Where to be."""
    path: tuple[Point, ...] | None = None
    """Points to go through, in a straight line from each to the next."""

    def then(self, later: Order) -> Order:
        """Return what holds after a later order."""
        given = {name: value for name, value in vars(later).items() if value is not None}
        if "direction" in given:
            # Who is told to turn looks where he goes, unless he is told otherwise.
            given.setdefault("facing", None)
        return dataclasses.replace(self, **given)


def check_task(task: TaskConfig, flag: str) -> None:
    """Raise UsageError unless robots can be told something in a task."""
    if task.name not in ORDERS:
        raise UsageError(f"{flag} is for the tasks {', '.join(ORDERS)}; the task {task.name!r} takes no commands")


def goal_of(env: HumanoidVectorEnv) -> Goal:
    """Return what robots of a task in `ORDERS` are asked for."""
    task = env.task
    if not isinstance(task, FreeTask) or task.goal is None:
        raise TypeError(f"the task {env.config.task.name!r} has no goal")
    return task.goal


def give(env: HumanoidVectorEnv, order: Order) -> None:
    """Tell all robots of an environment what to do."""
    wanted: dict[str, Tensor | float] = {}
    if order.speed is not None:
        wanted["speed"] = order.speed
    if order.direction is not None:
        wanted["direction"] = math.radians(order.direction)
    if order.facing is not None:
        wanted["facing"] = math.radians(order.facing)
    if order.target is not None:
        wanted["position"] = torch.tensor(order.target)
    if order.path is not None:
        wanted["waypoints"] = torch.tensor(order.path)
    env.command(**wanted)
