# SPDX-License-Identifier: Apache-2.0
"""A robot's bodies as a skeleton, for formats that record the joint rotations of a body that a robot is built after."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np

from protomotions_envs.motions.skeleton import Skeleton
from protomotions_envs.robots import Robot, load_robot


@cache
def skeleton_of(robot: str, toes: bool = False) -> Skeleton:
    """Return a built-in robot's skeleton: a joint per body, of its name and at its place, frames parallel at rest.

    Args:
        robot: Name of a robot whose bodies are not turned against each other.
        toes: Whether to add, for robots without toes, the points `<foot>_toe` at the front lower edge of each sole.
    """
    built = load_robot(robot)
    tips = {foot: _front_of_sole(built, foot) for foot in built.foot_bodies} if toes else {}
    return _with_points(built, tips)


def _with_points(robot: Robot, tips: Mapping[str, np.ndarray]) -> Skeleton:
    offsets = robot.model.body_pos[1:].copy()
    offsets[0] = 0.0
    return Skeleton(
        joint_names=robot.body_names + tuple(f"{body}_toe" for body in tips),
        parents=robot.parents + tuple(robot.body_names.index(body) for body in tips),
        offsets=np.concatenate((offsets, *(tip[None] for tip in tips.values()))),
    )


def _front_of_sole(robot: Robot, foot: str) -> np.ndarray:
    """Return the middle of the front lower edge of a foot's shapes, which stand level, in the foot's frame, m, [3]."""
    shapes = robot.model.geom_bodyid == robot.model.body(foot).id
    centre, half = robot.model.geom_pos[shapes], robot.model.geom_aabb[shapes, 3:]
    return np.array([(centre + half)[:, 0].max(), centre[:, 1].mean(), (centre - half)[:, 2].min()])
