# SPDX-License-Identifier: Apache-2.0
"""What keys mean to each task."""

from __future__ import annotations

import math
from typing import Protocol

from protomotions_cli.control.orders import Order, Point, goal_of
from protomotions_envs import HumanoidVectorEnv, rotations
from protomotions_envs.tasks import PathFollowerConfig, SteeringConfig
from protomotions_envs.tasks.path_follower.goal import PathFollowerGoal

SPEED_STEP = 0.25
"""What a key adds to the speed, m/s."""
TURN_STEP = 15.0
"""What a key adds to the direction, degrees."""
TARGET_STEP = 0.5
"""How far a key moves the target, m."""
_FAR = 1000.0
_SAME = {"up": "w", "down": "s", "left": "a", "right": "d"}


class Pilot(Protocol):
    """Turns keys into orders."""

    help: str
    """What the keys do."""

    def begin(self, env: HumanoidVectorEnv) -> None:
        """Start where a robot stands now."""
        ...

    def press(self, key: str) -> bool:
        """Take a key, and return whether it means anything."""
        ...

    def order(self, env: HumanoidVectorEnv) -> Order:
        """Return what the robot should do now."""
        ...

    def describe(self) -> str:
        """Return that in a few words."""
        ...


class Wheel:
    """A speed and a direction, for steering.

    Args:
        max_speed: Highest speed, m/s: what the policy was trained for.
    """

    help = "W/S faster/slower, A/D turn, space stop"

    def __init__(self, max_speed: float) -> None:
        self.max_speed = max_speed
        self.speed = 0.0
        """m/s."""
        self.direction = 0.0
        """Degrees from the world's x axis to the left."""

    def begin(self, env: HumanoidVectorEnv) -> None:
        """Stand still and look ahead."""
        cos, sin = rotations.heading(env.simulator.state.root_rot[:1])[0].tolist()
        self.speed, self.direction = 0.0, math.degrees(math.atan2(sin, cos))

    def press(self, key: str) -> bool:
        """Take a key; see `Pilot`."""
        match _SAME.get(key, key):
            case "w":
                self.speed = min(self.speed + SPEED_STEP, self.max_speed)
            case "s":
                self.speed = max(self.speed - SPEED_STEP, 0.0)
            case "a":
                self.direction += TURN_STEP
            case "d":
                self.direction -= TURN_STEP
            case "space":
                self.speed = 0.0
            case _:
                return False
        return True

    def order(self, env: HumanoidVectorEnv) -> Order:
        """Return speed and direction."""
        return Order(speed=self.speed, direction=self.direction)

    def describe(self) -> str:
        """Return speed and direction."""
        return f"{self.speed:.2f} m/s towards {self.direction % 360:.0f} deg"


class PathWheel(Wheel):
    """A straight path from where the old one is now, which a key bends, speeds up, slows down or ends."""

    def order(self, env: HumanoidVectorEnv) -> Order:
        """Return the path ahead; a path of one point, where it is now, to stand still."""
        goal = goal_of(env)
        if not isinstance(goal, PathFollowerGoal):
            raise TypeError(f"{type(goal).__name__} has no path")
        x, y, _ = goal.point[0].tolist()
        if self.speed == 0.0:
            return Order(path=((x, y),))
        angle = math.radians(self.direction)
        return Order(path=((x + _FAR * math.cos(angle), y + _FAR * math.sin(angle)),), speed=self.speed)


class Pointer:
    """A place on the ground, moved along the world's axes."""

    help = "W/S target along x, A/D target along y, space target here"

    def __init__(self) -> None:
        self.target: Point | None = None
        """Where to be; None for where the robot is."""
        self._here: Point = (0.0, 0.0)

    def begin(self, env: HumanoidVectorEnv) -> None:
        """Point where the robot stands."""
        self.target = None
        self.order(env)

    def press(self, key: str) -> bool:
        """Take a key; see `Pilot`."""
        steps = {"w": (1, 0), "s": (-1, 0), "a": (0, 1), "d": (0, -1)}
        key = _SAME.get(key, key)
        if key == "space":
            self.target = None
        elif key in steps:
            x, y = self.target or self._here
            self.target = (x + TARGET_STEP * steps[key][0], y + TARGET_STEP * steps[key][1])
        return key == "space" or key in steps

    def order(self, env: HumanoidVectorEnv) -> Order:
        """Return the target."""
        x, y = env.simulator.state.root_pos[0, :2].tolist()
        self._here = (x, y)
        if self.target is None:
            self.target = self._here
        return Order(target=self.target)

    def describe(self) -> str:
        """Return the target."""
        x, y = self.target or self._here
        return f"target at {x:.1f}, {y:.1f} m"


def pilot_for(env: HumanoidVectorEnv) -> Pilot:
    """Return what turns keys into the orders of an environment's task, one of `ORDERS`."""
    task = env.config.task
    if isinstance(task, SteeringConfig):
        return Wheel(task.commands.max_speed)
    return PathWheel(task.paths.max_speed) if isinstance(task, PathFollowerConfig) else Pointer()
