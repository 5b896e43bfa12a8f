# SPDX-License-Identifier: Apache-2.0
"""Joint angles at which a robot's points are where they shall be, frame after frame."""

from __future__ import annotations

import mink
import mujoco
import numpy as np

from protomotions_envs.motions.retargeting.clearance import ClearanceLimit, ClearanceTask, add_ground, keep_watch
from protomotions_envs.motions.retargeting.frames import quaternions
from protomotions_envs.motions.retargeting.goals import Goals, followed, goals_near
from protomotions_envs.motions.retargeting.landmarks import RobotLandmarks
from protomotions_envs.motions.retargeting.pose_task import PoseTask
from protomotions_envs.motions.smoothing import smoothed, smoothed_rotations
from protomotions_envs.robots.robot import Robot

FIRST_ITERATIONS, ITERATIONS, LAST_ITERATIONS = 100, 4, 2
"""Steps in the first frame, in each other frame, and in each frame after smoothing."""
CLEARANCE_COST = 20.0
"""Per metre that shapes are too near each other."""
POSTURE_COST, MINOR_POSTURE_COST, SMOOTH_POSTURE_COST = 0.02, 0.5, 1.0
"""Per radian away from the default pose: of joints that move the landmarks, of the others, and after smoothing."""
SMOOTHING = 0.025
"""Standard deviation of the average that takes noise and corners off the found motion, s."""
SPEED = 0.9
"""Share of the motors' speeds that a motion may use."""
_MARGIN = 1e-3
_DAMPING = 1e-3


class Solver:
    """Inverse kinematics of one robot.

    Args:
        robot: The robot.
        landmarks: Its points.
    """

    def __init__(self, robot: Robot, landmarks: RobotLandmarks) -> None:
        self._points = followed(landmarks)
        model = self._model = _model_with_sites(robot, landmarks)
        self._configuration = mink.Configuration(model)
        self._bounds = mink.ConfigurationLimit(model)
        self._speeds = mink.VelocityLimit(
            model, dict(zip(robot.joint_names, SPEED * robot.velocity_limit, strict=True))
        )
        minor = [name not in landmarks.main_joints for name in robot.joint_names]
        self._posture_costs = np.where(minor, MINOR_POSTURE_COST, POSTURE_COST)
        self._default = self._within_limits(robot.default_joint_pos)

    def solve(self, goals: Goals, fps: float) -> tuple[np.ndarray, np.ndarray]:
        """Return smooth generalised positions [T, 7 + J] that reach the goals, and the landmarks' places, m, [T, n, 3].

        Each frame is solved from the one before within the motors' speeds. Noise and corners are then averaged away,
        and the feet, which that moves, brought back.

        Raises:
            mink.NoSolutionFound: The numbers are beyond the solver.
        """
        found = self._follow(goals, fps)
        width = SMOOTHING * fps
        root_pos, root_rot = smoothed(found[:, :3], width), smoothed_rotations(found[:, 3:7], width)
        joint_pos = self._within_limits(smoothed(found[:, 7:], width))
        smooth = np.concatenate((root_pos, root_rot, joint_pos), axis=1)
        return self._bring_back_feet(smooth, goals_near(smooth, goals))

    def _follow(self, goals: Goals, fps: float) -> np.ndarray:
        pose, posture = self._tasks(goals, self._posture_costs)
        start = np.concatenate((goals.positions[0, 0], quaternions(goals.frames[0, 0]), self._default))
        posture.set_target(start)
        self._configuration.update(start)
        found = np.empty((len(goals.positions), len(start)))
        for frame, row in enumerate(found):
            pose.set_frame(frame)
            for _ in range(ITERATIONS if frame else FIRST_ITERATIONS):
                # All steps of a frame together stay within the motors' speeds.
                self._step([pose, posture], [self._bounds, self._speeds], 1.0 / (fps * ITERATIONS))
            row[:] = self._configuration.q
        return found

    def _bring_back_feet(self, smooth: np.ndarray, goals: Goals) -> tuple[np.ndarray, np.ndarray]:
        pose, posture = self._tasks(goals, np.full(self._model.nv - 6, SMOOTH_POSTURE_COST))
        found, reached = np.empty_like(smooth), np.empty_like(goals.positions)
        for frame, coordinates in enumerate(smooth):
            pose.set_frame(frame)
            posture.set_target(coordinates)
            self._configuration.update(coordinates)
            for _ in range(LAST_ITERATIONS):
                self._step([pose, posture], [self._bounds], 1.0)
            found[frame], reached[frame] = self._configuration.q, pose.places(self._configuration)
        return found, reached

    def _tasks(self, goals: Goals, posture_costs: np.ndarray) -> tuple[PoseTask, mink.PostureTask]:
        pose = PoseTask(self._model, [point.name for point in self._points], goals)
        return pose, mink.PostureTask(self._model, np.concatenate((np.zeros(6), posture_costs)))

    def _step(self, tasks: list[mink.Task], limits: list[mink.Limit], dt: float) -> None:
        tasks, limits = [*tasks, ClearanceTask(CLEARANCE_COST)], [*limits, ClearanceLimit()]
        velocity = mink.solve_ik(self._configuration, tasks, dt, "daqp", damping=_DAMPING, limits=limits)
        self._configuration.integrate_inplace(velocity, dt)

    def _within_limits(self, joint_pos: np.ndarray) -> np.ndarray:
        """Return joint angles [..., J] with those outside their limits on them."""
        limited = self._model.jnt_limited[1:].astype(bool)
        lower, upper = np.where(limited[:, None], self._model.jnt_range[1:], [-np.inf, np.inf]).T
        return np.clip(joint_pos, lower, upper)


def _model_with_sites(robot: Robot, landmarks: RobotLandmarks) -> mujoco.MjModel:
    """Return the robot on a ground with a site per landmark and limits that are a little narrower."""
    spec = robot.make_spec()
    for point in followed(landmarks):
        spec.body(point.body).add_site(name=point.name, pos=point.local, quat=quaternions(point.turn))
    add_ground(spec, robot.foot_bodies)
    model = spec.compile()
    keep_watch(model)
    _forbid_overstretching(model, landmarks)
    # Files hold angles as float32, which may round outwards.
    margin = np.minimum(_MARGIN, np.ptp(model.jnt_range, axis=1) / 4)
    model.jnt_range += margin[:, None] * [1.0, -1.0]
    return model


def _forbid_overstretching(model: mujoco.MjModel, landmarks: RobotLandmarks) -> None:
    """Let knees and elbows bend only to the side to which they bend further.

    A limb that may bend either way reaches most points in two ways and would jump between them.
    """
    for name, straight in landmarks.straight_joints.items():
        limits = model.jnt_range[model.joint(name).id]
        bent = 1 if limits[1] - straight > straight - limits[0] else 0
        limits[1 - bent] = np.clip(straight, *limits)
