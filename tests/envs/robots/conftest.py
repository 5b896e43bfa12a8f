# SPDX-License-Identifier: Apache-2.0
"""Robots on a floor, shared by the tests of robots."""

from collections.abc import Callable

import mujoco
import numpy as np
import pytest

from protomotions_envs.robots import Robot


def _on_floor(robot: Robot) -> tuple[mujoco.MjModel, mujoco.MjData]:
    spec = robot.make_spec()
    spec.worldbody.add_geom(name="floor", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1])
    model = spec.compile()
    data = mujoco.MjData(model)
    data.qpos[:] = [0, 0, robot.config.default_root_height, 1, 0, 0, 0, *robot.default_joint_pos]
    data.ctrl[:] = robot.default_joint_pos
    mujoco.mj_forward(model, data)
    return model, data


@pytest.fixture
def on_floor() -> Callable[[Robot], tuple[mujoco.MjModel, mujoco.MjData]]:
    """Place a robot in its default pose and height on a floor, its drives holding that pose."""
    return _on_floor


@pytest.fixture
def rng() -> np.random.Generator:
    """Seeded random numbers."""
    return np.random.default_rng(0)
