# SPDX-License-Identifier: Apache-2.0
"""The undersides of a robot's feet: which point is lowest when a foot is turned, how high its ankle is then."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.quaternions import from_rotation_vector
from protomotions_envs.motions.retargeting.frames import matrices, quaternions
from protomotions_envs.motions.retargeting.zero_pose import Landmark, ZeroPose
from protomotions_envs.motions.sole_points import lowest_points
from protomotions_envs.robots.robot import Robot

_SLIGHT = 1e-3


class Sole:
    """One foot as a rigid shape, with toes straight if it has any.

    Args:
        robot: The robot.
        bodies: Names of the foot's bodies.
        ankle: The frame that turns the foot.
    """

    def __init__(self, robot: Robot, bodies: tuple[str, ...], ankle: Landmark) -> None:
        pose = ZeroPose(robot)
        self._robot = robot
        # Seen from the ankle, whose axes are the world's in this pose.
        self._bodies = [
            (robot.body_names.index(name), pose.turn(name), pose.origin(name) - pose.place(ankle)) for name in bodies
        ]

    def lowest(self, frames: np.ndarray) -> np.ndarray:
        """Return the lowest point, seen from the ankle in its own frame, m, [T, 3].

        Args:
            frames: Of the foot in the world, [T, 3, 3].
        """
        points = np.stack(
            [
                place + lowest_points(self._robot, body, quaternions(frames @ turn)) @ turn.T
                for body, turn, place in self._bodies
            ]
        )
        heights = np.einsum("btj,tj->bt", points, frames[:, 2])
        return points[np.argmin(heights, axis=0), np.arange(len(frames))]

    def between_ends(self, share: np.ndarray) -> np.ndarray:
        """Return points of the level sole from its front edge, at share 0, to its back edge, at 1 [T], m, [T, 3]."""
        tilted = matrices(from_rotation_vector(np.array([[0.0, _SLIGHT, 0.0], [0.0, -_SLIGHT, 0.0]])))
        front, back = self.lowest(tilted)
        return front + share[:, None] * (back - front)

    def ankle_height(self, frames: np.ndarray) -> np.ndarray:
        """Return the height of the ankle when the lowest point is on the ground, m, [T]."""
        return -np.einsum("tj,tj->t", self.lowest(frames), frames[:, 2])
