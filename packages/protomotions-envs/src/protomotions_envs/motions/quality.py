# SPDX-License-Identifier: Apache-2.0
"""What is wrong with a clip, in numbers: skating and hovering feet, penetration, limits, self-collision, speed."""

from __future__ import annotations

from dataclasses import dataclass

import mujoco
import numpy as np

from protomotions_envs.motions.contacts import lowest_heights
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.sole_points import sliding_speed
from protomotions_envs.motions.validation import fit_to_robot
from protomotions_envs.robots.extent import colliding_bodies
from protomotions_envs.robots.robot import Robot

LIMIT_TOLERANCE = 1e-4
"""How far an angle may be outside its limits before it counts, rad; more than rounding, less than anyone cares for."""


@dataclass(frozen=True)
class MotionQuality:
    """Measures of one clip. A foot stands where the clip marks it as in contact; the ground is at height 0."""

    stance_share: float
    """Share of the frames in which at least one foot stands, 0..1."""
    foot_skating: float
    """Mean horizontal speed of the lowest points of standing feet, m/s; 0 if none ever stands."""
    sole_distance: float
    """Largest distance, up or down, between the ground and the lowest point of a standing foot, m."""
    penetration: float
    """How far any shape that can collide reaches below the ground at most, m; 0 if none does."""
    penetration_body: str | None
    """The body that reaches deepest, if any."""
    penetration_frame: int | None
    """When it does."""
    limit_violation: float
    """How far a joint is outside its limits at most, rad; 0 if none is by more than `LIMIT_TOLERANCE`."""
    limit_violation_joint: str | None
    """The joint that is furthest outside, if any."""
    limit_violation_share: float
    """Share of the frames in which any joint is outside, 0..1."""
    self_collision_depth: float
    """How far two bodies of the robot overlap at most, m; 0 if none do."""
    self_collision_pair: tuple[str, str] | None
    """The bodies that overlap most, if any."""
    self_collision_share: float
    """Share of the frames in which any two bodies overlap, 0..1."""
    speed_ratio: float
    """Largest speed of a joint as a multiple of its motor's limit."""
    speed_ratio_joint: str
    """The joint that comes nearest to its limit or exceeds it most."""


def assess(motion: Motion, robot: Robot) -> MotionQuality:
    """Measure a clip.

    Self-collision counts the pairs that can touch in the robot's model: neighbours and the pairs that it excludes
    don't.

    Args:
        motion: The clip.
        robot: Whose clip it is.

    Raises:
        MotionError: Its joints or bodies are not the robot's.
    """
    motion = fit_to_robot(motion, robot, motion.name)
    skating, distance, share = _feet(motion, robot)
    penetration, body, frame = _penetration(motion, robot)
    violation, joint, violation_share = _limit_violation(motion, robot)
    depth, pair, collision_share = _self_collision(motion, robot)
    ratios = np.abs(motion.joint_vel).max(axis=0) / robot.velocity_limit
    return MotionQuality(
        stance_share=share,
        foot_skating=skating,
        sole_distance=distance,
        penetration=penetration,
        penetration_body=body,
        penetration_frame=frame,
        limit_violation=violation,
        limit_violation_joint=joint,
        limit_violation_share=violation_share,
        self_collision_depth=depth,
        self_collision_pair=pair,
        self_collision_share=collision_share,
        speed_ratio=float(ratios.max()),
        speed_ratio_joint=robot.joint_names[int(ratios.argmax())],
    )


def _feet(motion: Motion, robot: Robot) -> tuple[float, float, float]:
    """Return skating, the largest distance of a standing sole from the ground, and the share of frames in stance."""
    feet = robot.body_indices(robot.foot_bodies)
    standing = motion.body_contact[:, feet]
    if not standing.any():
        return 0.0, 0.0, 0.0
    heights = lowest_heights(robot, feet, motion.body_pos, motion.body_rot)
    speeds = [
        sliding_speed(robot, foot, motion.body_pos[:, foot], motion.body_rot[:, foot], motion.fps) for foot in feet
    ]
    # A foot slides between two frames in both of which it stands.
    slides = np.stack(speeds, axis=1)[standing[1:] & standing[:-1]]
    skating = float(slides.mean()) if len(slides) else 0.0
    return skating, float(np.abs(heights[standing]).max()), float(standing.any(axis=1).mean())


def _penetration(motion: Motion, robot: Robot) -> tuple[float, str | None, int | None]:
    """Return the depth, the body and the frame."""
    # MuJoCo counts the world as body 0.
    bodies = [body - 1 for body in colliding_bodies(robot.model)]
    if not bodies:
        return 0.0, None, None
    heights = lowest_heights(robot, bodies, motion.body_pos, motion.body_rot)
    frame, column = np.unravel_index(int(heights.argmin()), heights.shape)
    depth = -float(heights[frame, column])
    return (depth, robot.body_names[bodies[column]], int(frame)) if depth > 0 else (0.0, None, None)


def _limit_violation(motion: Motion, robot: Robot) -> tuple[float, str | None, float]:
    """Return the angle, the joint and the share of frames."""
    excess = np.maximum(robot.joint_lower - motion.joint_pos, motion.joint_pos - robot.joint_upper)
    outside = excess > LIMIT_TOLERANCE
    if not outside.any():
        return 0.0, None, 0.0
    joint = int(excess.max(axis=0).argmax())
    return float(excess.max()), robot.joint_names[joint], float(outside.any(axis=1).mean())


def _self_collision(motion: Motion, robot: Robot) -> tuple[float, tuple[str, str] | None, float]:
    """Return the depth, the pair of bodies and the share of frames."""
    model, data = robot.model, mujoco.MjData(robot.model)
    coordinates = np.concatenate((motion.body_pos[:, 0], motion.body_rot[:, 0], motion.joint_pos), axis=1)
    deepest, pair, frames = 0.0, None, 0
    for row in coordinates:
        data.qpos[:] = row
        mujoco.mj_kinematics(model, data)
        mujoco.mj_collision(model, data)
        depths = -data.contact.dist
        if len(depths) == 0 or depths.max() <= 0:
            continue
        frames += 1
        if depths.max() > deepest:
            deepest = float(depths.max())
            shapes = data.contact.geom[int(depths.argmax())]
            pair = tuple(model.body(model.geom_bodyid[shape]).name for shape in shapes)
    return deepest, pair, frames / motion.num_frames
