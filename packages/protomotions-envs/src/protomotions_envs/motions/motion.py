# SPDX-License-Identifier: Apache-2.0
"""A motion clip that says what it is: names, rates, frames, source and licence travel with the numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from protomotions_envs.errors import MotionError

FRAME_ARRAYS = ("joint_pos", "joint_vel", "body_pos", "body_rot", "body_lin_vel", "body_ang_vel", "body_contact")
"""Names of the fields of `Motion` that hold one row per frame."""


@dataclass(frozen=True, eq=False)
class Motion:
    """T frames of one robot's motion. Arrays are float32, quaternions wxyz, body quantities in the world frame."""

    name: str
    """Of the clip, unique in a library by convention."""
    robot: str
    """Name of the robot it is for."""
    fps: float
    """Frames per second."""
    joint_names: tuple[str, ...]
    """J names in the order of the joint arrays."""
    body_names: tuple[str, ...]
    """B names in the order of the body arrays, the root first."""
    joint_pos: np.ndarray
    """rad, [T, J]."""
    joint_vel: np.ndarray
    """rad/s, [T, J]."""
    body_pos: np.ndarray
    """Body frame origins, m, [T, B, 3]."""
    body_rot: np.ndarray
    """Unit quaternions wxyz, [T, B, 4]."""
    body_lin_vel: np.ndarray
    """Velocities of the body frame origins, m/s, [T, B, 3]."""
    body_ang_vel: np.ndarray
    """rad/s, world frame, [T, B, 3]."""
    body_contact: np.ndarray
    """Whether a body touches the ground, bool, [T, B]; only feet are filled."""
    source: str = ""
    """Where the motion comes from, in words."""
    licence: str = ""
    """SPDX identifier or name of the licence."""
    weight: float = 1.0
    """Relative probability of being sampled."""

    @property
    def num_frames(self) -> int:
        """Number T of frames."""
        return len(self.joint_pos)

    @property
    def duration(self) -> float:
        """Time from the first frame to the last, s."""
        return (self.num_frames - 1) / self.fps

    def cut(self, start: float, end: float, *, name: str) -> Motion:
        """Return the part between two times (s from the first frame), rounded to whole frames, both included.

        Raises:
            MotionError: The part has fewer than two frames.
        """
        first = max(round(start * self.fps), 0)
        last = min(round(end * self.fps), self.num_frames - 1)
        if last <= first:
            raise MotionError(
                f"{name}: {start:g} to {end:g} s leaves no motion of a clip of {self.duration:g} s; "
                "give a start before the end, both inside the clip"
            )
        return replace(self, name=name, **{field: getattr(self, field)[first : last + 1] for field in FRAME_ARRAYS})
