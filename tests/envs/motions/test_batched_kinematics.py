# SPDX-License-Identifier: Apache-2.0
"""Batched kinematics against MuJoCo's, one frame after another."""

import mujoco
import numpy as np
import pytest
import torch

from protomotions_envs.motions.batched_kinematics import BatchedKinematics
from protomotions_envs.robots import load_robot, robot_names
from protomotions_envs.state import ResetState, StateLayout

HINGE_AWAY_FROM_THE_ORIGIN = """
<mujoco>
  <worldbody>
    <body name="trunk" pos="0 0 1">
      <freejoint/>
      <geom type="sphere" size="0.1"/>
      <body name="foot" pos="0.1 0 -0.5" euler="0 30 10">
        <joint name="first" axis="0 1 0" pos="0 0.02 0.1"/>
        <joint name="second" axis="1 0 1" pos="0.05 0 0"/>
        <geom type="sphere" size="0.05"/>
      </body>
    </body>
  </worldbody>
</mujoco>
"""


def random_states(model: mujoco.MjModel, count: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return coordinates in the order of `ResetState`, and MuJoCo's poses and velocities of all bodies."""
    data, rng = mujoco.MjData(model), np.random.default_rng(0)
    coordinates, bodies = [], [[], [], [], []]
    for _ in range(count):
        data.qpos[:], data.qvel[:] = rng.normal(size=model.nq), rng.normal(size=model.nv)
        data.qpos[3:7] /= np.linalg.norm(data.qpos[3:7])
        mujoco.mj_forward(model, data)
        velocities = np.zeros((model.nbody - 1, 6))
        for body, row in enumerate(velocities, start=1):
            mujoco.mj_objectVelocity(model, data, mujoco.mjtObj.mjOBJ_XBODY, body, row, 0)
        coordinates.append([*data.qpos, *data.qvel[:3], *velocities[0, :3], *data.qvel[6:]])
        for found, part in zip(
            bodies, (data.xpos[1:], data.xquat[1:], velocities[:, 3:], velocities[:, :3]), strict=True
        ):
            found.append(part.copy())
    return np.array(coordinates), [np.array(part) for part in bodies]


def check(robot) -> None:
    """Compare five random states."""
    coordinates, (position, rotation, linear, angular) = random_states(robot.model, 5)
    kinematics = BatchedKinematics(robot, "cpu")
    contact = torch.rand(5, robot.num_bodies)
    rows = kinematics.rows(ResetState(torch.tensor(coordinates, dtype=torch.float32)), contact)
    state = StateLayout(robot.num_joints, robot.num_bodies).split(rows)
    np.testing.assert_allclose(state.body_pos, position, atol=2e-6)
    np.testing.assert_allclose(np.abs((state.body_rot.numpy() * rotation).sum(-1)), 1.0, atol=2e-6)
    np.testing.assert_allclose(state.body_lin_vel, linear, atol=2e-5)
    np.testing.assert_allclose(state.body_ang_vel, angular, atol=2e-5)
    np.testing.assert_allclose(state.joint_pos, coordinates[:, 7 : 7 + robot.num_joints], atol=1e-6)
    assert torch.equal(state.body_contact, contact)


@pytest.mark.parametrize("name", robot_names())
def test_bodies_are_where_mujoco_has_them(name):
    """Poses and velocities of all bodies of every robot."""
    check(load_robot(name))


def test_hinges_may_be_away_from_the_bodys_origin(make_robot):
    """Two hinges of one body that pass its origin by, after a turned frame."""
    check(make_robot(HINGE_AWAY_FROM_THE_ORIGIN, "offset"))
