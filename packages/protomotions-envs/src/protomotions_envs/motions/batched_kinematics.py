# SPDX-License-Identifier: Apache-2.0
"""Forward kinematics of many frames at once, on any device: bodies of the same depth in the tree in one operation."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from protomotions_envs.robots.robot import Robot
from protomotions_envs.rotations import multiply
from protomotions_envs.state import ResetState


@dataclass(frozen=True)
class _Hinges:
    """One hinge each of some bodies of a level."""

    rows: Tensor
    """Which of the level's bodies have it, long, [n]."""
    joints: Tensor
    """Index of each one's joint, long, [n]."""
    axes: Tensor
    """In the body's frame, [n, 1, 3]."""
    anchors: Tensor
    """Where the hinge is in the body's frame, m, [n, 1, 3]."""


@dataclass(frozen=True)
class _Level:
    """Bodies at the same depth of the tree."""

    parents: Tensor
    """Where each one's parent is in the level above, long, [n]."""
    positions: Tensor
    """In the parent's frame, m, [n, 1, 3]."""
    rotations: Tensor
    """In the parent's frame, wxyz, [n, 1, 4]."""
    hinges: tuple[_Hinges, ...]
    """First hinges of bodies, then second ones, and so on."""


@dataclass(frozen=True)
class _Frames:
    """Bodies of a level in all N states, [n, N, ...]; in memory the states of a component lie side by side."""

    position: Tensor
    rotation: Tensor
    moving: Tensor
    turning: Tensor

    def at(self, rows: Tensor) -> _Frames:
        """Return some of the bodies."""
        return _Frames(*(part.mT.index_select(0, rows).mT for part in vars(self).values()))

    def replaced(self, rows: Tensor, new: _Frames) -> _Frames:
        """Return the bodies with some of them replaced."""
        if len(rows) == len(self.position):
            return new
        return _Frames(
            *(
                part.mT.index_copy(0, rows, changed.mT).mT
                for part, changed in zip(vars(self).values(), vars(new).values(), strict=True)
            )
        )


class BatchedKinematics:
    """A robot's bodies from its generalised coordinates and velocities.

    Shapes are fixed and nothing waits for the device, so that it can be part of a CUDA graph.

    Args:
        robot: The robot.
        device: Where states are.
    """

    def __init__(self, robot: Robot, device: str | torch.device) -> None:
        depth = np.zeros(robot.num_bodies, dtype=int)
        for body, parent in enumerate(robot.parents[1:], start=1):
            depth[body] = depth[parent] + 1
        by_depth = [np.flatnonzero(depth == level) for level in range(depth.max() + 1)]
        self._levels = [
            _level(robot, above, bodies, torch.device(device)) for above, bodies in itertools.pairwise(by_depth)
        ]
        # The levels one after another are all bodies, in another order than the robot's.
        self._place = torch.as_tensor(np.argsort(np.concatenate(by_depth)), device=device)

    def rows(self, coordinates: ResetState, contact: Tensor) -> Tensor:
        """Return whole states as rows [N, D], see `StateLayout`.

        Args:
            coordinates: Of N robots.
            contact: 1 where a body touches the ground, float, [N, B].
        """
        columns = ResetState(coordinates.rows.T.contiguous().T)
        # Angles and rates as [J, N, 1].
        angles, rates = columns.joint_pos.T.unsqueeze(-1), columns.joint_vel.T.unsqueeze(-1)
        root = (columns.root_pos, columns.root_rot, columns.root_lin_vel, columns.root_ang_vel)
        frames = [_Frames(*(part.unsqueeze(0) for part in root))]
        for level in self._levels:
            below = _placed(frames[-1].at(level.parents), level)
            for hinges in level.hinges:
                turned = _turned(below.at(hinges.rows), hinges, angles[hinges.joints], rates[hinges.joints])
                below = below.replaced(hinges.rows, turned)
            frames.append(below)
        bodies = [
            # [B, C, N] becomes [N, C B]: components before bodies.
            torch.cat([getattr(part, field).mT for part in frames])[self._place].permute(2, 1, 0).flatten(1)
            for field in ("position", "rotation", "moving", "turning")
        ]
        return torch.cat((coordinates.joint_pos, coordinates.joint_vel, *bodies, contact), dim=1)


def _placed(above: _Frames, level: _Level) -> _Frames:
    """Return a level's bodies, given their parents, with all hinges at zero."""
    arm = _rotate(above.rotation, level.positions)
    return _Frames(
        position=above.position + arm,
        rotation=multiply(above.rotation, level.rotations),
        moving=above.moving + _cross(above.turning, arm),
        turning=above.turning,
    )


def _turned(frame: _Frames, hinges: _Hinges, angle: Tensor, rate: Tensor) -> _Frames:
    """Return bodies after a hinge each has turned by an angle, rad, at a rate, rad/s, [n, N, 1] each."""
    # The hinge's axis and anchor stay where they are while the body turns about them.
    spin = rate * _rotate(frame.rotation, hinges.axes)
    turn = torch.cat((torch.cos(0.5 * angle), torch.sin(0.5 * angle) * hinges.axes), dim=-1)
    rotation = multiply(frame.rotation, turn)
    from_anchor = -_rotate(rotation, hinges.anchors)
    shift = _rotate(frame.rotation, hinges.anchors) + from_anchor
    return _Frames(
        position=frame.position + shift,
        rotation=rotation,
        # The point that becomes the body's origin moves with the parts above, then with the hinge.
        moving=frame.moving + _cross(frame.turning, shift) + _cross(spin, from_anchor),
        turning=frame.turning + spin,
    )


def _rotate(rotation: Tensor, vector: Tensor) -> Tensor:
    """Return vectors [n, 1, 3] turned by quaternions [n, N, 4]; as `rotations.rotate`, but fast in this layout."""
    scalar, axis = rotation[..., :1], rotation[..., 1:]
    turned = 2.0 * _cross(axis, vector)
    return vector + scalar * turned + _cross(axis, turned)


def _cross(a: Tensor, b: Tensor) -> Tensor:
    ax, ay, az = a.unbind(-1)
    bx, by, bz = b.unbind(-1)
    return torch.stack((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx), dim=-2).mT


def _level(robot: Robot, above: np.ndarray, bodies: np.ndarray, device: torch.device) -> _Level:
    model = robot.model

    def numbers(values: np.ndarray) -> Tensor:
        return torch.as_tensor(np.ascontiguousarray(values), dtype=torch.float32, device=device).unsqueeze(1)

    def indices(values: np.ndarray | list[int]) -> Tensor:
        return torch.as_tensor(np.asarray(values), dtype=torch.long, device=device)

    # MuJoCo counts the world as body 0 and the root's free joint as joint 0.
    first, count = model.body_jntadr[bodies + 1], model.body_jntnum[bodies + 1]
    slots = []
    for slot in range(count.max(initial=0)):
        rows = np.flatnonzero(count > slot)
        joints = first[rows] + slot
        slots.append(
            _Hinges(indices(rows), indices(joints - 1), numbers(model.jnt_axis[joints]), numbers(model.jnt_pos[joints]))
        )
    return _Level(
        parents=indices([int(np.flatnonzero(above == robot.parents[body])[0]) for body in bodies]),
        positions=numbers(model.body_pos[bodies + 1]),
        rotations=numbers(model.body_quat[bodies + 1]),
        hinges=tuple(slots),
    )
