# SPDX-License-Identifier: Apache-2.0
"""Ball joints as three hinges: recorded motion states rotations per joint, our models turn about x, y and z in turn."""

from __future__ import annotations

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.robots.robot import Robot

JUMP_COST = 10.0
"""How much worse it is to turn by an angle between two frames than to be outside the limits by it for a frame."""


def hinge_angles(robot: Robot, rotation_vectors: np.ndarray) -> np.ndarray:
    """Return the hinge angles of joint rotations, rad, [T, J].

    Three hinges of one body turn one after another, each about an axis that the former have turned; a rotation is
    split into these three angles. Of the two solutions those are taken that stay within the joints' limits and don't
    jump, as far as both can be had. A body's only hinge keeps its angle.

    Args:
        robot: The robot.
        rotation_vectors: Axis times angle of each joint, x y z in its body's frame, in the columns of its three hinges,
            rad, [T, J].

    Raises:
        MotionError: The robot has a joint that is neither one hinge nor three at right angles.
    """
    angles = np.array(rotation_vectors, dtype=np.float64)
    for columns in _triples(robot):
        axes = robot.model.jnt_axis[1:][columns].T
        matrices = axes.T @ rotation_matrix(angles[:, columns]) @ axes
        # In a left-handed set of axes every turn has the other sense.
        sense = np.linalg.det(axes)
        limits = np.sort(sense * np.stack((robot.joint_lower[columns], robot.joint_upper[columns])), axis=0)
        angles[:, columns] = sense * _chosen(_split(matrices), limits)
    return angles


def rotation_matrix(vectors: np.ndarray) -> np.ndarray:
    """Return the matrices [..., 3, 3] of rotation vectors [..., 3], rad (Rodrigues' formula)."""
    angle = np.linalg.norm(vectors, axis=-1)[..., None, None]
    x, y, z = np.moveaxis(vectors, -1, 0)
    zero = np.zeros_like(x)
    cross = np.stack((zero, -z, y, z, zero, -x, -y, x, zero), axis=-1).reshape(*x.shape, 3, 3)
    # sinc keeps both factors smooth at zero: sin(a)/a and (1 - cos(a))/a^2.
    return np.eye(3) + np.sinc(angle / np.pi) * cross + 0.5 * np.sinc(angle / (2 * np.pi)) ** 2 * (cross @ cross)


def _triples(robot: Robot) -> list[list[int]]:
    """Return the hinges, as indices, of each body that has three."""
    bodies, axes = robot.model.jnt_bodyid[1:], robot.model.jnt_axis[1:]
    groups = [np.flatnonzero(bodies == body) for body in np.unique(bodies)]
    for group in groups:
        orthogonal = np.allclose(axes[group] @ axes[group].T, np.eye(len(group)), atol=1e-6)
        if len(group) not in (1, 3) or not orthogonal:
            names = ", ".join(robot.joint_names[joint] for joint in group)
            raise MotionError(
                f"Rotations can't be split over {names} of robot {robot.name!r}: expected one hinge or three at right "
                "angles; use a robot with such joints"
            )
    return [group.tolist() for group in groups if len(group) == 3]


def _split(matrices: np.ndarray) -> np.ndarray:
    """Return the angles (a, b, c) with matrix = Rx(a) Ry(b) Rz(c) and b in -pi/2..pi/2, [T, 3]."""
    a = np.arctan2(-matrices[:, 1, 2], matrices[:, 2, 2])
    b = np.arcsin(np.clip(matrices[:, 0, 2], -1.0, 1.0))
    c = np.arctan2(-matrices[:, 0, 1], matrices[:, 0, 0])
    return np.stack((a, b, c), axis=-1)


def _chosen(angles: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Return the same rotations by the angles that cost least over the whole clip, [T, 3].

    What is outside the limits [2, 3] costs its angle, and what changes from frame to frame `JUMP_COST` times its angle.
    The cheapest sequence of the two solutions of each frame is found by dynamic programming (Viterbi 1967).
    """
    others = np.stack((angles[:, 0] + np.pi, np.pi - angles[:, 1], angles[:, 2] + np.pi), axis=-1)
    middle = limits.mean(axis=0)
    # Of the turns by which an angle is the same, the one nearest to the middle of the limits.
    options = np.stack((angles, others), axis=1)
    options = middle + np.remainder(options - middle + np.pi, 2 * np.pi) - np.pi
    outside = np.maximum(limits[0] - options, options - limits[1]).clip(min=0.0).sum(axis=-1)
    change = JUMP_COST * np.abs(options[1:, None] - options[:-1, :, None]).sum(axis=-1)
    chosen = options[np.arange(len(options)), _cheapest_path(outside, change)]
    # A joint without limits may turn on and on.
    free = limits[1] - limits[0] >= 2 * np.pi
    chosen[:, free] = np.unwrap(chosen[:, free], axis=0)
    return chosen


def _cheapest_path(own: np.ndarray, between: np.ndarray) -> np.ndarray:
    """Return which option to take in each frame, [T].

    Args:
        own: What each option costs, [T, options].
        between: What going from one frame's option to the next frame's costs, [T - 1, options, options].
    """
    total, best = own[0], []
    for price, step in zip(own[1:], between, strict=True):
        through = total[:, None] + step
        best.append(through.argmin(axis=0))
        total = through.min(axis=0) + price
    path = [int(total.argmin())]
    for choice in reversed(best):
        path.append(int(choice[path[-1]]))
    return np.array(path[::-1])
