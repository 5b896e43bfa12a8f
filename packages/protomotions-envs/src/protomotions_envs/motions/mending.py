# SPDX-License-Identifier: Apache-2.0
"""Small faults of a robot's clip set right: joints outside their limits, soles above or below the ground."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from protomotions_envs.motions.contacts import CONTACT_SPEED, foot_contacts, lowest_heights
from protomotions_envs.motions.kinematics import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.smoothing import smoothed
from protomotions_envs.robots.extent import colliding_bodies
from protomotions_envs.robots.robot import Robot

STANCE_HEIGHT = 0.02
"""A foot of a mended clip that is no higher than this and slow stands, m."""
_REACH = 0.06
"""How far from the clip's own ground a slow body may still rest on it, m; recorded feet hover and sink."""
_SMOOTHING_SECONDS = 0.08
_LOWEST_SHARE = 0.1


@dataclass(frozen=True)
class Mending:
    """What was changed in a clip."""

    limit_excess: float
    """How far a joint was outside its limits at most, rad; 0 if none was."""
    lowest_shift: float
    """Least height that was added to a frame, m; negative where the robot was let down."""
    highest_shift: float
    """Most height that was added to a frame, m."""

    def __str__(self) -> str:
        """Return it in words."""
        parts = []
        if self.limit_excess >= 0.005:
            parts.append(f"joints up to {self.limit_excess:.2f} rad outside their limits were brought inside")
        lowest, highest = (round(100 * shift, 1) + 0.0 for shift in (self.lowest_shift, self.highest_shift))
        if lowest or highest:
            parts.append(f"set on the ground by {lowest:+.1f} to {highest:+.1f} cm")
        return "; ".join(parts)


def mend(motion: Motion, robot: Robot) -> tuple[Motion, Mending]:
    """Return a clip with its joints inside their limits and its standing feet on the ground, and what that took.

    Joint angles are cut off at their limits. The root is raised or lowered so that the lowest body is on the ground
    whenever a low body rests, a standing foot most of the time, by a height that changes steadily in between, so that
    jumps stay what they are. Where none ever rests, as in a run, one height is added to the whole clip. Velocities and
    foot contacts are computed anew.

    Args:
        motion: Checked, and in the robot's order.
        robot: Whose clip it is.
    """
    joint_pos = np.clip(motion.joint_pos, robot.joint_lower, robot.joint_upper)
    excess = float(np.abs(motion.joint_pos - joint_pos).max(initial=0.0))
    inside = _rebuilt(motion, robot, joint_pos, motion.body_pos[:, 0])
    shift = -_ground_height(inside, robot)
    root_pos = inside.body_pos[:, 0] + shift[:, None] * [0.0, 0.0, 1.0]
    grounded = _rebuilt(motion, robot, joint_pos, root_pos)
    contact = foot_contacts(robot, grounded.body_pos, grounded.body_rot, grounded.body_lin_vel, height=STANCE_HEIGHT)
    return replace(grounded, body_contact=contact), Mending(excess, float(shift.min()), float(shift.max()))


def _rebuilt(motion: Motion, robot: Robot, joint_pos: np.ndarray, root_pos: np.ndarray) -> Motion:
    """Return a clip with other joint angles and root positions; all that follows from them is computed again."""
    rebuilt = motion_from_joint_positions(
        robot,
        name=motion.name,
        fps=motion.fps,
        root_pos=root_pos,
        root_rot=motion.body_rot[:, 0],
        joint_pos=joint_pos,
        source=motion.source,
        licence=motion.licence,
    )
    return replace(rebuilt, weight=motion.weight)


def _ground_height(motion: Motion, robot: Robot) -> np.ndarray:
    """Return how high the lowest body is while one rests, m, [T]; between such frames it changes steadily."""
    # MuJoCo counts the world as body 0.
    bodies = [body - 1 for body in colliding_bodies(robot.model)]
    heights = lowest_heights(robot, bodies, motion.body_pos, motion.body_rot)
    slow = np.linalg.norm(motion.body_lin_vel[:, bodies], axis=-1) < CONTACT_SPEED
    # Few frames are lower than where people stand, and those are faults.
    level = np.quantile(heights.min(axis=1), _LOWEST_SHARE)
    resting = np.flatnonzero((slow & (np.abs(heights - level) < _REACH)).any(axis=1))
    if len(resting) == 0:
        return np.full(motion.num_frames, level)
    # The lowest body counts even if it moves: letting it through the ground would be worse than a foot that hovers.
    ground = np.interp(np.arange(motion.num_frames), resting, heights.min(axis=1)[resting])
    return smoothed(ground, _SMOOTHING_SECONDS * motion.fps)
