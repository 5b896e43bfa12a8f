# SPDX-License-Identifier: Apache-2.0
"""The centre of mass and the point of the ground where its reaction acts (the zero moment point)."""

from __future__ import annotations

import mujoco
import numpy as np

from protomotions_envs.robots.robot import Robot

GRAVITY = 9.81
REST_FRAMES = 3
"""Frames at either end in which the centre of mass has neither speed nor acceleration."""


def com_over_pressure(pressure: np.ndarray, height: np.ndarray, fps: float) -> np.ndarray:
    """Return the horizontal path of a point mass whose reaction acts as nearly as possible where it shall, m, [T, 2].

    The point mass at height z obeys x - z / (g + z'') x'' = p (Kajita et al. 2003). It is to be at rest over the
    pressure point at both ends, which the equation alone does not allow, so that p is met in the least squares sense:
    before the first step the pressure goes the other way for a moment, as it does in people.

    Args:
        pressure: The pressure point p, m, [T, 2].
        height: Of the point mass, m, [T].
        fps: Frames per second.
    """
    lift = np.gradient(np.gradient(height, 1 / fps), 1 / fps)
    coupling = (height / (GRAVITY + lift))[1:-1] * fps**2
    frames = len(height)
    equation = np.zeros((frames - 2, frames))
    row = np.arange(frames - 2)
    equation[row, row] = equation[row, row + 2] = -coupling
    equation[row, row + 1] = 1.0 + 2.0 * coupling
    com = np.empty_like(pressure)
    com[:REST_FRAMES], com[-REST_FRAMES:] = pressure[0], pressure[-1]
    resting = np.r_[:REST_FRAMES, frames - REST_FRAMES : frames]
    known = equation[:, resting] @ com[resting]
    free = slice(REST_FRAMES, frames - REST_FRAMES)
    com[free] = np.linalg.lstsq(equation[:, free], pressure[1:-1] - known, rcond=None)[0]
    return com


def measured_pressure(robot: Robot, qpos: np.ndarray, fps: float) -> np.ndarray:
    """Return where the ground's reaction must act for the whole robot to move so, m, [T, 2].

    Inverse dynamics gives the force and moment on the root that the motion needs; the pressure point is where the
    force alone gives that moment about both horizontal axes.

    Args:
        robot: The robot.
        qpos: Generalised positions of MuJoCo, [T, 7 + J].
        fps: Frames per second.
    """
    model, data = robot.model, mujoco.MjData(robot.model)
    velocity = _differences(model, qpos, fps)
    acceleration = np.gradient(velocity, 1 / fps, axis=0)
    points = np.empty((len(qpos), 2))
    for frame, point in enumerate(points):
        data.qpos[:], data.qvel[:], data.qacc[:] = qpos[frame], velocity[frame], acceleration[frame]
        mujoco.mj_inverse(model, data)
        force = data.qfrc_inverse[:3]
        # The root's moment is in its own frame and about its origin.
        moment = data.body(1).xmat.reshape(3, 3) @ data.qfrc_inverse[3:6] + np.cross(data.body(1).xpos, force)
        point[:] = -moment[1] / force[2], moment[0] / force[2]
    return points


def centre_of_mass(robot: Robot, qpos: np.ndarray) -> np.ndarray:
    """Return the centre of mass in each frame, m, [T, 3]."""
    data = mujoco.MjData(robot.model)
    points = np.empty((len(qpos), 3))
    for frame, point in enumerate(points):
        data.qpos[:] = qpos[frame]
        mujoco.mj_kinematics(robot.model, data)
        mujoco.mj_comPos(robot.model, data)
        point[:] = data.subtree_com[1]
    return points


def _differences(model: mujoco.MjModel, qpos: np.ndarray, fps: float) -> np.ndarray:
    """Return generalised velocities by central differences, [T, 6 + J], at rest at both ends."""
    velocity = np.zeros((len(qpos), model.nv))
    for frame in range(1, len(qpos) - 1):
        mujoco.mj_differentiatePos(model, velocity[frame], 2 / fps, qpos[frame - 1], qpos[frame + 1])
    return velocity
