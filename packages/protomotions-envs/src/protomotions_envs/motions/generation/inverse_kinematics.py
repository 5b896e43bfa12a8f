# SPDX-License-Identifier: Apache-2.0
"""From a plan to joint angles: soles exactly where planned, the centre of mass where the balance needs it."""

from __future__ import annotations

import mink
import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.generation.balance import com_over_pressure, measured_pressure
from protomotions_envs.motions.generation.plan import MotionPlan
from protomotions_envs.robots.robot import Robot

BALANCE_ROUNDS = 4
"""Times that the pressure point of the whole robot is measured and its error fed back to that of the point mass."""
ITERATIONS = 30
"""Most steps of inverse kinematics a frame."""
TOLERANCE = 1e-9
"""A frame is found when a step changes no coordinate by more, m or rad."""


def solve_plan(robot: Robot, plan: MotionPlan) -> np.ndarray:
    """Return the generalised positions that fulfil a plan, [T, 7 + J], as MuJoCo orders them.

    Raises:
        MotionError: Some frame can't be reached within the joint limits.
    """
    pressure = plan.pressure.copy()
    qpos = _solve_frames(robot, plan, com_over_pressure(pressure, plan.com_height, plan.fps))
    for _ in range(BALANCE_ROUNDS):
        # Swinging limbs and turns shift the reaction away from where that of a point mass acts.
        pressure += plan.pressure - measured_pressure(robot, qpos, plan.fps)
        qpos = _solve_frames(robot, plan, com_over_pressure(pressure, plan.com_height, plan.fps))
    return qpos


class _Solver:
    """The tasks of inverse kinematics for one robot; frames are solved in turn, each from the one before."""

    def __init__(self, robot: Robot) -> None:
        model = robot.model
        self.configuration = mink.Configuration(model)
        self.soles = [mink.FrameTask(f"{side}_sole", "site", 1.0, 1.0) for side in ("left", "right")]
        self.com = mink.ComTask(1.0)
        self.pelvis = mink.FrameTask("pelvis", "body", 0.0, 1.0)
        # The legs are left to the other tasks.
        cost = np.zeros(model.nv)
        cost[6:] = [0.0 if _is_leg(name) else 1.0 for name in robot.joint_names]
        self.posture = mink.PostureTask(model, cost)
        self.limits = [mink.ConfigurationLimit(model)]

    def solve(self) -> np.ndarray:
        """Return the generalised positions at which all tasks are fulfilled, [7 + J]."""
        tasks = [self.com, self.pelvis, self.posture]
        for _ in range(ITERATIONS):
            step = mink.solve_ik(
                self.configuration, tasks, 1.0, "daqp", damping=1e-9, limits=self.limits, constraints=self.soles
            )
            self.configuration.integrate_inplace(step, 1.0)
            if np.abs(step).max() < TOLERANCE:
                return self.configuration.q.copy()
        raise mink.NoSolutionFound("daqp")


def _solve_frames(robot: Robot, plan: MotionPlan, com: np.ndarray) -> np.ndarray:
    solver = _Solver(robot)
    start = np.concatenate(([0, 0, robot.config.default_root_height, 1, 0, 0, 0], robot.default_joint_pos))
    postures = np.tile(start, (len(com), 1))
    for name, angles in plan.joint_pos.items():
        postures[:, 7 + robot.joint_names.index(name)] = angles
    solver.configuration.update(start)
    frames = []
    for frame in range(len(com)):
        for side, sole in enumerate(solver.soles):
            pitch = mink.SO3.from_y_radians(plan.sole_pitch[frame, side])
            sole.set_target(mink.SE3.from_rotation_and_translation(pitch, plan.sole_pos[frame, side]))
        solver.com.set_target(np.append(com[frame], plan.com_height[frame]))
        rotation = mink.SO3.from_rpy_radians(*plan.pelvis_rpy[frame])
        solver.pelvis.set_target(mink.SE3.from_rotation(rotation))
        solver.posture.set_target(postures[frame])
        try:
            frames.append(solver.solve())
        except mink.NoSolutionFound as error:
            raise MotionError(f"Frame {frame} of {plan.name!r} is out of the robot's reach; ask for less") from error
    return np.array(frames)


def _is_leg(joint: str) -> bool:
    return any(part in joint for part in ("hip", "knee", "ankle"))
