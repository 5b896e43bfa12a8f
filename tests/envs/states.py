# SPDX-License-Identifier: Apache-2.0
"""Small motions and states for the tests of environments."""

import dataclasses
from collections.abc import Sequence

import numpy as np
import torch

from protomotions_envs import rotations
from protomotions_envs.motions import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.robots import Robot
from protomotions_envs.state import RobotState


def standing_motion(robot: Robot, seconds: float = 1.0, name: str = "stand") -> Motion:
    """Return the default pose, held still, at 50 frames per second."""
    frames = round(seconds * 50) + 1
    root = np.tile([0.0, 0.0, robot.config.default_root_height], (frames, 1))
    upright = np.tile([1.0, 0.0, 0.0, 0.0], (frames, 1))
    pose = np.tile(robot.default_joint_pos, (frames, 1))
    return motion_from_joint_positions(robot, name=name, fps=50.0, root_pos=root, root_rot=upright, joint_pos=pose)


def random_state(count: int, bodies: int, joints: int, seed: int = 0) -> RobotState:
    """Return an arbitrary state with unit quaternions."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(count, *shape, generator=generator)

    return RobotState(
        joint_pos=normal(joints),
        joint_vel=normal(joints),
        body_pos=normal(bodies, 3),
        body_rot=torch.nn.functional.normalize(normal(bodies, 4), dim=-1),
        body_lin_vel=normal(bodies, 3),
        body_ang_vel=normal(bodies, 3),
        body_contact=(normal(bodies) > 0).float(),
    )


def leaning(heights: Sequence[float], tilts: Sequence[float]) -> RobotState:
    """Robots whose roots are at heights, m, and tilted about some horizontal axis, rad; all else is random."""
    state = random_state(len(heights), 3, 4)
    position, turn = state.body_pos.clone(), state.body_rot.clone()
    half = 0.5 * torch.tensor(tilts)
    position[:, 0, 2] = torch.tensor(heights)
    turn[:, 0] = torch.stack((half.cos(), 0.6 * half.sin(), 0.8 * half.sin(), 0.0 * half), dim=1)
    return dataclasses.replace(state, body_pos=position, body_rot=turn)


def moved(state: RobotState, yaw: float, shift: tuple[float, float]) -> RobotState:
    """Turn a state about the world's z axis and move it horizontally."""
    turn = rotations.axis_angle(torch.tensor([0.0, 0.0, yaw])).expand(*state.body_rot.shape)
    return dataclasses.replace(
        state,
        body_pos=rotations.rotate(turn, state.body_pos) + torch.tensor([*shift, 0.0]),
        body_rot=rotations.multiply(turn, state.body_rot),
        body_lin_vel=rotations.rotate(turn, state.body_lin_vel),
        body_ang_vel=rotations.rotate(turn, state.body_ang_vel),
    )
