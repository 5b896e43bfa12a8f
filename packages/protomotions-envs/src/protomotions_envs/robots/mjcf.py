# SPDX-License-Identifier: Apache-2.0
"""Reading MJCF files and keeping only the robot of what they hold."""

from __future__ import annotations

from pathlib import Path

import mujoco

from protomotions_envs.errors import RobotError


def read_mjcf(path: Path) -> mujoco.MjSpec:
    """Return the editable model of a file as it is.

    Raises:
        RobotError: The file is missing or MuJoCo can't parse it.
    """
    if not path.is_file():
        raise RobotError(f"No such robot model: {path}")
    try:
        return mujoco.MjSpec.from_file(str(path))
    except ValueError as error:
        raise RobotError(f"{path.name} is not a readable MJCF model: {_one_line(error)}") from error


def compile_mjcf(spec: mujoco.MjSpec, path: Path) -> mujoco.MjModel:
    """Return the compiled model of a file that was read from `path`.

    Raises:
        RobotError: The model is inconsistent, or a file that it names (a mesh, a texture) is missing.
    """
    try:
        return spec.compile()
    except ValueError as error:
        raise RobotError(f"{path.name} can't be used: {_one_line(error)}") from error


def read_robot(path: Path) -> mujoco.MjSpec:
    """Return the editable model of the one robot in a file: a free joint at its root and named hinges.

    Floors, lights, static bodies, actuators, sensors and keyframes are dropped, since drives and the ground come from
    elsewhere. A root without a joint gets a free one, as the simulators for which such files are written do.

    Raises:
        RobotError: The file can't be read, or doesn't hold exactly one robot.
    """
    spec = read_mjcf(path)
    _drop_scene(spec, path)
    if not spec.worldbody.bodies[0].joints:
        spec.worldbody.bodies[0].add_freejoint(name="root")
    _check_structure(spec, path)
    return spec


def _drop_scene(spec: mujoco.MjSpec, path: Path) -> None:
    """Delete all that isn't the robot."""
    roots = list(spec.worldbody.bodies)
    robots = [body for body in roots if body.find_all("joint")] if len(roots) > 1 else roots
    if len(robots) != 1:
        names = ", ".join(body.name for body in robots) or "none"
        raise RobotError(f"{path.name} must hold one robot, a tree of bodies with joints; it holds: {names}")
    scenery = [body for body in roots if body.name != robots[0].name]
    dropped = {geom.name for geom in spec.worldbody.geoms}
    dropped.update(geom.name for body in scenery for geom in body.find_all("geom"))
    pairs = [pair for pair in spec.pairs if {pair.geomname1, pair.geomname2} & dropped]
    scene = [*spec.worldbody.geoms, *spec.worldbody.sites, *spec.worldbody.cameras, *scenery, *pairs]
    for element in (*scene, *spec.keys, *spec.sensors, *spec.actuators):
        spec.delete(element)
    for light in list(spec.lights):
        spec.delete(light)


def _check_structure(spec: mujoco.MjSpec, path: Path) -> None:
    free, hinge = mujoco.mjtJoint.mjJNT_FREE, mujoco.mjtJoint.mjJNT_HINGE
    first, *others = spec.joints
    wrong = [joint.name for joint in others if joint.type != hinge]
    if first.type != free or wrong or not others:
        raise RobotError(
            f"{path.name} must have a free joint at its root and hinges elsewhere; "
            f"{'other joints: ' + ', '.join(wrong) if wrong else 'its first joint is ' + repr(first.name)}"
        )
    nameless = [joint.parent.name for joint in others if not joint.name]
    if nameless or not all(body.name for body in spec.bodies):
        raise RobotError(f"{path.name} must name every body and joint; joints without a name are in: {nameless}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
