# SPDX-License-Identifier: Apache-2.0
"""Joint angles for goals: exactly where they can be reached, within limits where not, clear of what is in the way."""

import mujoco
import numpy as np
import pytest

pytest.importorskip("mink")

import mink

from protomotions_envs.motions import forward_kinematics
from protomotions_envs.motions.quaternions import from_rotation_vector
from protomotions_envs.motions.retargeting.clearance import (
    CLEARANCE,
    ClearanceLimit,
    ClearanceTask,
    add_ground,
    keep_watch,
)
from protomotions_envs.motions.retargeting.frames import matrices, quaternions
from protomotions_envs.motions.retargeting.goals import Goals, followed
from protomotions_envs.motions.retargeting.ik import Solver
from protomotions_envs.motions.retargeting.landmarks import find_landmarks
from protomotions_envs.motions.retargeting.pose_task import PoseTask
from protomotions_envs.robots import load_robot

ROBOT = load_robot("g1")
POINTS = find_landmarks(ROBOT)
LEFT_ELBOW, LEFT_WRIST, RIGHT_WRIST = 6, 8, 9


def goals_at(coordinates: np.ndarray) -> Goals:
    """Return the goals that a motion [T, 7 + J] of the G1 reaches, with all positions and three frames counting."""
    positions, rotations = forward_kinematics(ROBOT, coordinates[:, :3], coordinates[:, 3:7], coordinates[:, 7:])
    points = followed(POINTS)
    bodies = ROBOT.body_indices(tuple(point.body for point in points))
    frames = matrices(rotations[:, bodies])
    places = positions[:, bodies] + np.stack([frames[:, i] @ p.local for i, p in enumerate(points)], axis=1)
    turned = frames @ np.stack([point.turn for point in points])
    costs = np.zeros_like(places)
    costs[:, [0, 1, 4, 5]] = 1.0
    return Goals(places, turned, np.ones(places.shape[:2]), costs)


def standing(frames: int = 1, **joints: float) -> np.ndarray:
    """Return generalised positions in the default pose, but for some joints, [T, 7 + J]."""
    angles = ROBOT.default_joint_pos.copy()
    for name, angle in joints.items():
        angles[ROBOT.joint_names.index(name)] = angle
    row = np.concatenate(([0.0, 0.0, ROBOT.config.default_root_height, 1.0, 0.0, 0.0, 0.0], angles))
    return np.tile(row, (frames, 1))


def test_derivative_of_the_pose_task():
    """At its goals the error is 0, and its derivative that of finite differences."""
    spec = ROBOT.make_spec()
    for point in followed(POINTS):
        spec.body(point.body).add_site(name=point.name, pos=point.local, quat=quaternions(point.turn))
    model = spec.compile()
    task = PoseTask(model, [point.name for point in followed(POINTS)], goals_at(standing()))
    configuration = mink.Configuration(model, standing()[0])
    np.testing.assert_allclose(task.compute_error(configuration), 0.0, atol=1e-9)
    jacobian = task.compute_jacobian(configuration)
    for column in range(0, model.nv, 4):
        step = np.zeros(model.nv)
        step[column] = 1e-6
        configuration.update(standing()[0])
        configuration.integrate_inplace(step, 1.0)
        np.testing.assert_allclose(task.compute_error(configuration) / 1e-6, jacobian[:, column], atol=1e-5)


def test_goals_that_can_be_reached():
    """A second of arms and legs moving at once comes back within 2 mm, from a start far away."""
    phase = np.linspace(0.0, np.pi, 51)
    coordinates = standing(51)
    for name, amplitude in (("left_knee_joint", 0.5), ("right_hip_yaw_joint", 0.4), ("waist_pitch_joint", 0.3)):
        coordinates[:, 7 + ROBOT.joint_names.index(name)] += amplitude * np.sin(phase)
    for name, amplitude in (("left_shoulder_pitch_joint", -1.5), ("right_elbow_joint", -0.9)):
        coordinates[:, 7 + ROBOT.joint_names.index(name)] += amplitude * np.sin(phase)
    coordinates[:, 3:7] = from_rotation_vector(np.outer(np.sin(phase), [0.1, 0.2, 1.5]))
    goals = goals_at(coordinates)
    found, reached = Solver(ROBOT, POINTS).solve(goals, 50.0)
    errors = np.linalg.norm(reached - goals.positions, axis=-1)
    errors[:, 1] = 0.0
    assert errors.mean() < 0.002
    assert np.abs(found - coordinates)[5:-5].max() < 0.1


def test_limits_and_speeds():
    """Goals beyond them: a knee asked to bend backwards, a wrist that goes a metre in a fiftieth of a second."""
    coordinates = standing(20, left_knee_joint=-1.0)
    goals = goals_at(coordinates)
    goals.positions[10:, LEFT_WRIST] += [1.0, 0.0, 1.0]
    found, _ = Solver(ROBOT, POINTS).solve(goals, 50.0)
    joints = found[:, 7:]
    assert (joints > ROBOT.joint_lower).all()
    assert (joints < ROBOT.joint_upper).all()
    assert (np.abs(np.diff(joints, axis=0)) * 50 < ROBOT.velocity_limit).all()
    assert joints[:, ROBOT.joint_names.index("left_knee_joint")].min() > 0.0


def test_elbows_do_not_overstretch():
    """A goal behind a straight arm is reached with the elbow bent as elbows do, not beyond straight."""
    goals = goals_at(standing(10, left_elbow_joint=2.0))
    found, _ = Solver(ROBOT, POINTS).solve(goals, 50.0)
    elbow = found[:, 7 + ROBOT.joint_names.index("left_elbow_joint")]
    assert elbow.max() < POINTS.straight_joints["left_elbow_joint"]


def lowest(found: np.ndarray, name: str) -> float:
    """Return how near the surface of a collision shape comes to the ground, m."""
    data, lowest = mujoco.MjData(ROBOT.model), np.inf
    for row in found:
        data.qpos[:] = row
        mujoco.mj_kinematics(ROBOT.model, data)
        shape = data.geom(name)
        radius, half = ROBOT.model.geom(name).size[:2]
        lowest = min(lowest, shape.xpos[2] - radius - half * abs(shape.xmat[8]))
    return float(lowest)


def test_hands_stay_out_of_the_ground():
    """A wrist whose goal is 20 cm below the ground goes to the ground."""
    goals = goals_at(standing(30))
    goals.positions[:, LEFT_WRIST] = [0.3, 0.2, -0.2]
    goals.positions[:, LEFT_ELBOW] = [0.2, 0.2, 0.0]
    found, _ = Solver(ROBOT, POINTS).solve(goals, 50.0)
    assert -0.002 < lowest(found, "left_hand") < 0.15


def test_hands_stay_out_of_the_body():
    """A wrist whose goal is in the middle of the trunk stays outside."""
    goals = goals_at(standing(30))
    goals.positions[:, RIGHT_WRIST] = [0.0, 0.0, 1.0]
    found, _ = Solver(ROBOT, POINTS).solve(goals, 50.0)
    data = mujoco.MjData(ROBOT.model)
    for row in found:
        data.qpos[:] = row
        mujoco.mj_kinematics(ROBOT.model, data)
        mujoco.mj_collision(ROBOT.model, data)
        assert data.ncon == 0


BALLS = """
<mujoco><worldbody>
  <body name="a" pos="0 0 {height}"><freejoint/><geom size="0.1"/>
    <body name="b" pos="0 0 1"><joint name="j" type="slide" axis="1 0 0"/><geom size="0.1"/></body>
    <body name="c" pos="{apart} 0 1"><joint name="k" type="slide" axis="0 1 0"/><geom size="0.1"/></body></body>
</worldbody></mujoco>
"""


def balls(height: float, apart: float) -> mink.Configuration:
    """Return a ball at a height that carries two others, a distance apart, of which the first slides along x."""
    spec = mujoco.MjSpec.from_string(BALLS.format(height=height, apart=apart))
    add_ground(spec, ())
    model = spec.compile()
    keep_watch(model)
    return mink.Configuration(model)


@pytest.mark.parametrize(
    ("height", "apart", "gaps"),
    [(0.105, 1.0, [-0.005]), (0.13, 1.0, [0.02]), (1.0, 0.21, [-0.01]), (1.0, 0.25, [0.03]), (1.0, 1.0, [])],
)
def test_clearance(height: float, apart: float, gaps: list[float]):
    """The ground is to be 1 cm away and each other body 2 cm; nearer ones are pushed, near ones may come so near."""
    configuration = balls(height, apart)
    error = ClearanceTask(1.0).compute_error(configuration)
    np.testing.assert_allclose(error, [-gap for gap in gaps if gap < 0], atol=1e-9)
    jacobian = ClearanceTask(1.0).compute_jacobian(configuration)
    limit = ClearanceLimit().compute_qp_inequalities(configuration, 0.1)
    # The rate of the gap: up for the ground, backwards for the ball that slides.
    rate = np.zeros(8)
    rate[2 if height < 1 else 6] = 1.0 if height < 1 else -1.0
    np.testing.assert_allclose(jacobian, [-rate for gap in gaps if gap < 0] or np.zeros((0, 8)), atol=1e-9)
    if gaps:
        np.testing.assert_allclose(limit.G, [-rate], atol=1e-9)
        np.testing.assert_allclose(limit.h, np.maximum(gaps, 0.0), atol=1e-9)
    else:
        assert limit.inactive
    assert CLEARANCE == 0.01
