# SPDX-License-Identifier: Apache-2.0
"""A robot with all joint angles zero: where its bodies and hinges are, by which it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import mujoco
import numpy as np

from protomotions_envs.robots.robot import Robot

# Hinges whose axes are parallel or don't meet have no one centre; this much of a pull to their anchors decides then.
_PULL = 1e-3


@dataclass(frozen=True, eq=False)
class Landmark:
    """A frame that moves with a body; in the zero pose its axes are those of the world."""

    name: str
    """For instance `left_knee`."""
    body: str
    """Name of the body."""
    local: np.ndarray
    """Where it is in the body's frame, m, [3]."""
    turn: np.ndarray
    """How its axes are turned in the body's frame, matrix [3, 3]."""


class ZeroPose:
    """A robot with all joint angles zero and its root at the origin, facing along x.

    Args:
        robot: The robot.
    """

    def __init__(self, robot: Robot) -> None:
        self.robot, self.model = robot, robot.model
        self.data = mujoco.MjData(self.model)
        self.data.qpos[:] = 0.0
        self.data.qpos[3] = 1.0
        mujoco.mj_kinematics(self.model, self.data)

    def chain(self, body: str) -> list[str]:
        """Return the bodies from the root to a body, both included."""
        names: list[str] = []
        index = self.robot.body_names.index(body)
        while index >= 0:
            names.insert(0, self.robot.body_names[index])
            index = self.robot.parents[index]
        return names

    def hinges(self, bodies: Sequence[str]) -> list[int]:
        """Return the hinges of bodies, as MuJoCo counts joints."""
        wanted = [self.model.body(body).id for body in bodies]
        return [joint for joint in range(1, self.model.njnt) if self.model.jnt_bodyid[joint] in wanted]

    def centre(self, bodies: Sequence[str], otherwise: np.ndarray) -> np.ndarray:
        """Return the point nearest to the axes of all hinges of bodies, m, [3]; `otherwise` if there are none."""
        matrix, vector = np.zeros((3, 3)), np.zeros(3)
        hinges = self.hinges(bodies)
        for joint in hinges:
            axis = self.data.xaxis[joint]
            across = (1.0 + _PULL) * np.eye(3) - np.outer(axis, axis)
            matrix += across
            vector += across @ self.data.xanchor[joint]
        return np.linalg.solve(matrix, vector) if hinges else otherwise

    def origin(self, body: str) -> np.ndarray:
        """Return where a body is, m, [3]."""
        return self.data.body(body).xpos.copy()

    def landmark(self, name: str, body: str, point: np.ndarray) -> Landmark:
        """Return a point given in the world as one of a body."""
        turn = self.turn(body).T
        return Landmark(name, body, turn @ (point - self.data.body(body).xpos), turn)

    def place(self, landmark: Landmark) -> np.ndarray:
        """Return where a landmark is in the world, m, [3]."""
        return self.data.body(landmark.body).xpos + self.turn(landmark.body) @ landmark.local

    def turn(self, body: str) -> np.ndarray:
        """Return how a body is turned in the world, matrix [3, 3]."""
        return self.data.body(body).xmat.reshape(3, 3).copy()
