# SPDX-License-Identifier: Apache-2.0
"""The pose from which every generated clip starts and in which it ends."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from protomotions_envs.robots.robot import Robot


@dataclass(frozen=True, eq=False)
class Stance:
    """A robot's default pose standing on flat ground."""

    soles: np.ndarray
    """Centres of the left and the right sole, m, [2, 3], at height 0."""
    com: np.ndarray
    """Centre of mass, m, [3]."""
    joint_pos: dict[str, float]
    """Joint angles by name, rad."""


def default_stance(robot: Robot) -> Stance:
    """Return the stance of a robot that has the sites `left_sole` and `right_sole`."""
    data = mujoco.MjData(robot.model)
    data.qpos[:] = [0, 0, robot.config.default_root_height, 1, 0, 0, 0, *robot.default_joint_pos]
    mujoco.mj_kinematics(robot.model, data)
    mujoco.mj_comPos(robot.model, data)
    soles = np.array([data.site(f"{side}_sole").xpos for side in ("left", "right")])
    soles[:, 2] = 0.0
    angles = dict(zip(robot.joint_names, map(float, robot.default_joint_pos), strict=True))
    return Stance(soles, data.subtree_com[1].copy(), angles)
