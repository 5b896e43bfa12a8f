# SPDX-License-Identifier: Apache-2.0
"""A path, and the point of it where the head should be."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.errors import ProtoMotionsError, did_you_mean
from protomotions_envs.motions.kinematics import forward_kinematics
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.goal import Goal
from protomotions_envs.tasks.path_follower.config import PathFollowerConfig
from protomotions_envs.tasks.path_follower.trajectory import Trajectory
from protomotions_envs.tasks.task import Marker

NOW_COLOUR = (0.2, 0.7, 0.35, 0.9)


class PathFollowerGoal(Goal):
    """Paths of N worlds that begin at the robots' heads and never end.

    The head is the origin of the robot's `head_body`, wherever that lies: in robots without a neck it is the trunk's.

    Args:
        config: Settings.
        robot: The robot in every world.
        num_envs: Number N of worlds.
        device: Where the tensors live.

    Raises:
        ProtoMotionsError: `vertex_seconds` is shorter than the robot's control step.
    """

    name = "path"

    def __init__(self, config: PathFollowerConfig, robot: Robot, num_envs: int, device: torch.device) -> None:
        super().__init__(num_envs, device)
        self._rewards, self._terminations = config.rewards, config.terminations
        self.with_heights = config.paths.heights.enabled
        """Whether paths have heights."""
        self._head = robot.body_names.index(robot.config.head_body)
        self._grace_steps = round(config.terminations.grace_seconds / robot.control_dt)
        self._ahead = config.sample_seconds * torch.arange(config.samples, device=device)
        horizon = config.sample_seconds * (config.samples - 1)
        standing = _standing_height(robot, self._head)
        self._trajectory = Trajectory(config.paths, standing, horizon, robot.control_dt, num_envs, device)
        self.age = torch.zeros(num_envs, dtype=torch.long, device=device)
        """Control steps since the path began, [N]."""

    @property
    def point(self) -> Tensor:
        """Where the heads should be now, m, [N, 3]; without heights, z is the head's height in the default pose."""
        return self._trajectory.at(self._ahead[:1]).squeeze(1)

    def errors(self, state: RobotState) -> tuple[Tensor, Tensor]:
        """Return the horizontal distances from the heads to their points, m, and head heights minus the points', m."""
        x, y, z = (state.body_pos[:, self._head] - self.point).unbind(1)
        return torch.addcmul(x * x, y, y).sqrt(), z

    def begin(self, mask: Tensor, state: RobotState, generator: torch.Generator) -> None:
        """Draw paths from the heads where `mask` [N] is true."""
        self._trajectory.begin(mask, state.body_pos[:, self._head], generator)
        self.age.masked_fill_(mask, 0)

    def advance(self) -> None:
        """Let one control step of time pass."""
        self._trajectory.advance()
        self.age += 1

    def renew(self, state: RobotState, generator: torch.Generator) -> None:
        """Draw the paths' next vertices where one has been passed."""
        self._trajectory.renew(generator)

    def command(self, **wanted: Tensor | float) -> None:
        """Lead the paths from where they are now through `waypoints` and stay at the last; all paths begin anew.

        `waypoints`, m, are [P, 2], [P, 3] or [N, P, 2 or 3], world frame; without heights the path keeps its height.
        `speed`, m/s, is a number or [N]; 1 if it isn't given.

        Raises:
            ProtoMotionsError: There is no such command, or it has a wrong shape or size.
        """
        for name in wanted:
            if name not in ("waypoints", "speed"):
                raise ProtoMotionsError(f"A path takes no {name!r}.{did_you_mean(name, ('waypoints', 'speed'))}")
        if "waypoints" not in wanted:
            raise ProtoMotionsError("A path can't be given a speed alone; give waypoints too")
        speed = torch.as_tensor(wanted.get("speed", 1.0), dtype=torch.float32, device=self.device)
        if bool((speed <= 0).any()):
            raise ProtoMotionsError("The speed along waypoints must be positive; to stand still, give one waypoint")
        self._trajectory.follow(self._waypoints(wanted["waypoints"]), speed.expand(self.num_envs))
        self.age.zero_()

    def _waypoints(self, given: Tensor | float) -> Tensor:
        """Return waypoints as [N, P, 3].

        Raises:
            ProtoMotionsError: They have another shape.
        """
        points = torch.as_tensor(given, dtype=torch.float32, device=self.device)
        shape = tuple(points.shape)
        if points.dim() == 2:
            points = points.expand(self.num_envs, -1, -1)
        if points.dim() != 3 or len(points) != self.num_envs or shape[-1] not in (2, 3):
            raise ProtoMotionsError(
                f"waypoints must have the shape [P, 2], [P, 3] or [{self.num_envs}, P, 2 or 3], not {list(shape)}"
            )
        if shape[-1] == 3:
            return points
        heights = self.point[:, 2:].unsqueeze(1).expand(-1, points.shape[1], -1)
        return torch.cat((points, heights), dim=2)

    def view(self) -> dict[str, Tensor]:
        """Return the points that are observed, m, world frame, [N, 3 samples]."""
        return {"path": self._trajectory.at(self._ahead).flatten(1)}

    def observe(self, view: dict[str, Tensor], state: RobotState, yaw: Tensor) -> Tensor:
        """Return points of the path from now on, relative to the head in the heading frame, m, [n, 2 or 3 samples].

        All x, then all y, and with heights all z.
        """
        offset = view["path"].unflatten(1, (-1, 3)) - state.body_pos[:, self._head].unsqueeze(1)
        local = rotations.turn_into_heading_frame(yaw, offset.transpose(1, 2))
        return local.flatten(1) if self.with_heights else local[:, :2].flatten(1)

    def rewards(self, state: RobotState) -> dict[str, Tensor]:
        """Return the reward of being at the path's point, [N] (PACER, Rempe et al. 2023, trajectory following)."""
        distance, height = self.errors(state)
        error = self._rewards.position_scale * distance.square()
        if self.with_heights:
            error = error + self._rewards.height_scale * height.square()
        return {"position": self._rewards.position * torch.exp(-error)}

    def failed(self, state: RobotState) -> Tensor:
        """Return where the head is too far from the path's point, bool, [N]."""
        limits, (distance, height) = self._terminations, self.errors(state)
        lost = super().failed(state)
        if limits.max_distance is not None:
            lost = lost | (distance > limits.max_distance)
        if limits.max_height_error is not None and self.with_heights:
            lost = lost | (height.abs() > limits.max_height_error)
        return lost & (self.age > self._grace_steps)

    def markers(self, state: RobotState) -> tuple[Marker, ...]:
        """Return balls at the points that are observed; that of now has another colour."""
        now, *later = (tuple(point) for point in self._trajectory.at(self._ahead)[0].tolist())
        return (Marker(now, colour=NOW_COLOUR), *(Marker(point) for point in later))


def _standing_height(robot: Robot, body: int) -> float:
    """Return the height of a body in the default pose, m."""
    root, upright = np.array([[0.0, 0.0, robot.config.default_root_height]]), np.array([[1.0, 0.0, 0.0, 0.0]])
    positions, _ = forward_kinematics(robot, root, upright, robot.default_joint_pos[None])
    return float(positions[0, body, 2])
