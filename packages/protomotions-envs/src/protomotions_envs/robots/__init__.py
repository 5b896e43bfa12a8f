# SPDX-License-Identifier: Apache-2.0
"""Robots: a robot is one MJCF file and one module of the facts that MJCF does not hold."""

from __future__ import annotations

from pathlib import Path

from protomotions_envs.errors import RobotError, did_you_mean
from protomotions_envs.robots import amp, g1, h1, h1_2, smpl
from protomotions_envs.robots.from_mjcf import config_from_mjcf
from protomotions_envs.robots.robot import JointDrive, Robot, RobotConfig

_CONFIGS: dict[str, RobotConfig] = {
    "amp": amp.CONFIG,
    "g1": g1.CONFIG,
    "h1": h1.CONFIG,
    "h1_2": h1_2.CONFIG,
    "smpl": smpl.CONFIG,
}


def robot_names() -> tuple[str, ...]:
    """Return the names of the built-in robots, sorted."""
    return tuple(sorted(_CONFIGS))


def load_robot(name_or_path: str | Path) -> Robot:
    """Return a built-in robot by name, or the robot of any MJCF file by path (anything that ends in .xml).

    Raises:
        RobotError: There is no such robot, or the file doesn't hold one.
    """
    name = str(name_or_path)
    if name in _CONFIGS:
        return Robot(_CONFIGS[name])
    if isinstance(name_or_path, Path) or name.endswith(".xml"):
        return Robot(config_from_mjcf(Path(name_or_path)))
    hint = did_you_mean(name, _CONFIGS)
    raise RobotError(f"Unknown robot {name!r}.{hint} Robots: {', '.join(robot_names())}, or a path to an MJCF file.")


__all__ = ["JointDrive", "Robot", "RobotConfig", "load_robot", "robot_names"]
