# SPDX-License-Identifier: Apache-2.0
"""Another project's model of a robot as an independent source of figures, and what must agree with it."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import mujoco
import numpy as np

from protomotions_envs.robots import Robot


def without_shapes(path: Path) -> mujoco.MjModel:
    """Compile an MJCF file whose bodies state their inertias, leaving out its meshes and shapes."""
    root = ElementTree.parse(path).getroot()
    for element in list(root.iter()):
        for child in [child for child in element if child.tag in {"mesh", "geom", "contact", "sensor"}]:
            element.remove(child)
    return mujoco.MjModel.from_xml_string(ElementTree.tostring(root, encoding="unicode"))


def assert_same_figures(
    robot: Robot, published: mujoco.MjModel, joint_name: Callable[[str], str] = lambda name: name
) -> None:
    """Compare every body's mass, centre, principal inertia and place, and every joint's range and axis."""
    for name in robot.body_names:
        ours, theirs = robot.model.body(name), published.body(name)
        for field in ("mass", "ipos", "iquat", "inertia", *(("pos", "quat") if name != robot.body_names[0] else ())):
            np.testing.assert_allclose(
                getattr(ours, field), getattr(theirs, field), rtol=1e-9, atol=1e-12, err_msg=f"{field} of {name}"
            )
    for name in robot.joint_names:
        ours, theirs = robot.model.joint(name), published.joint(joint_name(name))
        np.testing.assert_allclose(ours.range, theirs.range, rtol=1e-12, err_msg=f"range of {name}")
        np.testing.assert_array_equal(ours.axis, theirs.axis, err_msg=f"axis of {name}")


def assert_same_kinematics(
    robot: Robot,
    published: mujoco.MjModel,
    rng: np.random.Generator,
    joint_name: Callable[[str], str] = lambda name: name,
) -> None:
    """Compare the poses of all bodies at 20 random joint angles and root poses, to 1e-6."""
    ours, theirs = mujoco.MjData(robot.model), mujoco.MjData(published)
    for _ in range(20):
        ours.qpos[:7] = theirs.qpos[:7] = [*rng.normal(size=3), *rng.normal(size=4)]
        for name, angle in zip(robot.joint_names, rng.uniform(robot.joint_lower, robot.joint_upper), strict=True):
            ours.joint(name).qpos = theirs.joint(joint_name(name)).qpos = angle
        mujoco.mj_kinematics(robot.model, ours)
        mujoco.mj_kinematics(published, theirs)
        for name in robot.body_names:
            np.testing.assert_allclose(ours.body(name).xpos, theirs.body(name).xpos, atol=1e-6)
            np.testing.assert_allclose(ours.body(name).xmat, theirs.body(name).xmat, atol=1e-6)
