# SPDX-License-Identifier: Apache-2.0
"""The MuJoCo world around a robot: ground, touch sensors of the feet, solver settings."""

from __future__ import annotations

import mujoco

from protomotions_envs.robots.robot import Robot

SOLVER_ITERATIONS = 10
LINE_SEARCH_ITERATIONS = 20


def world_spec(robot: Robot) -> mujoco.MjSpec:
    """Return the robot on flat ground at z = 0, with one contact sensor per foot body, in the order of the feet.

    A sensor holds the number of contacts between its foot and the ground in the last physics step.
    """
    spec = robot.make_spec()
    spec.worldbody.add_geom(name="ground", type=mujoco.mjtGeom.mjGEOM_PLANE, size=[0, 0, 1], rgba=[0.6, 0.65, 0.7, 1])
    spec.option.iterations = SOLVER_ITERATIONS
    spec.option.ls_iterations = LINE_SEARCH_ITERATIONS
    # Broken worlds are found, reported and reset by the environment, not silently put back by the engine.
    spec.option.disableflags |= mujoco.mjtDisableBit.mjDSBL_AUTORESET
    for body in robot.foot_bodies:
        spec.add_sensor(
            name=f"{body}_touch",
            type=mujoco.mjtSensor.mjSENS_CONTACT,
            objtype=mujoco.mjtObj.mjOBJ_BODY,
            objname=body,
            reftype=mujoco.mjtObj.mjOBJ_GEOM,
            refname="ground",
            # Data: found; reduction: none; number of contacts: 1.
            intprm=[1 << int(mujoco.mjtConDataField.mjCONDATA_FOUND), 0, 1],
        )
    return spec
