# SPDX-License-Identifier: Apache-2.0
"""The part of N endless paths that lies just ahead."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.state import rows_of, write_rows
from protomotions_envs.tasks.path_follower.config import Paths
from protomotions_envs.tasks.path_follower.random_walk import DRAWS, RandomWalk
from protomotions_envs.tasks.path_follower.route import Route


class Trajectory:
    """Polylines whose vertices lie equal times apart; as one is passed, one is added at the far end.

    So paths go on however long an episode is, and take no more memory than is looked at.

    Args:
        paths: How they are drawn.
        standing: Height of the head's body in the default pose, m.
        horizon: How far ahead paths are looked at, s.
        control_dt: Duration of a control step, s.
        num_envs: Number N of worlds.
        device: Where the tensors live.

    Raises:
        ProtoMotionsError: A control step takes longer than it is from one vertex to the next.
    """

    def __init__(
        self, paths: Paths, standing: float, horizon: float, control_dt: float, num_envs: int, device: torch.device
    ) -> None:
        if paths.vertex_seconds < control_dt:
            raise ProtoMotionsError(
                f"Paths have a vertex each {paths.vertex_seconds} s; vertex_seconds must be at least the robot's "
                f"control step, {control_dt:g} s"
            )
        self._walk = RandomWalk(paths, standing)
        self._vertex_seconds, self._control_dt = paths.vertex_seconds, control_dt
        # One vertex is behind, and one more makes up for rounding.
        count = math.ceil(horizon / paths.vertex_seconds) + 3
        self._vertices = torch.zeros(num_envs, count, 3, device=device)
        self._times = paths.vertex_seconds * torch.arange(count, device=device)
        # Time since the first vertex.
        self._time = torch.zeros(num_envs, device=device)
        self._last = torch.zeros(num_envs, 6, device=device)
        self._route = Route(num_envs, device)
        self._on_route = torch.zeros(num_envs, dtype=torch.bool, device=device)
        # When the last vertex is reached, from the route's start.
        self._route_time = torch.zeros(num_envs, device=device)

    def begin(self, mask: Tensor, position: Tensor, generator: torch.Generator) -> None:
        """Draw paths where `mask` [N] is true, from positions of the heads, m, [N, 3]."""
        rows = rows_of(mask)
        draws = torch.rand(DRAWS, len(rows), self._vertices.shape[1], generator=generator, device=mask.device)
        # The first vertex needs two numbers and those after it the rest.
        start = self._walk.start(position[rows], draws[:2, :, 0])
        vertices, last = self._walk.go_on(start, draws[:, :, 1:])
        vertices = torch.cat((self._walk.position(start).unsqueeze(1), vertices), dim=1)
        write_rows(self._vertices, mask, rows, vertices)
        write_rows(self._last, mask, rows, last)
        self._time.masked_fill_(mask, 0.0)
        self._on_route.masked_fill_(mask, False)

    def advance(self) -> None:
        """Let one control step of time pass."""
        self._time += self._control_dt

    def renew(self, generator: torch.Generator) -> None:
        """Add a vertex where one has been passed."""
        passed = self._time >= self._vertex_seconds
        draws = torch.rand(DRAWS, len(passed), 1, generator=generator, device=passed.device)
        vertex, last = self._walk.go_on(self._last, draws)
        self._route_time.add_(passed, alpha=self._vertex_seconds)
        vertex = torch.where(self._on_route.view(-1, 1, 1), self._route.at(self._route_time.unsqueeze(1)), vertex)
        vertices = torch.cat((self._vertices[:, 1:], vertex), dim=1)
        self._vertices.copy_(torch.where(passed.view(-1, 1, 1), vertices, self._vertices))
        self._last.copy_(torch.where(passed.unsqueeze(1), last, self._last))
        self._time.add_(passed, alpha=-self._vertex_seconds)

    def at(self, ahead: Tensor) -> Tensor:
        """Return where paths are at times [K], s from now and within the horizon, m, [N, K, 3]."""
        place = (self._time.unsqueeze(1) + ahead) / self._vertex_seconds
        before = place.long().clamp_max(self._vertices.shape[1] - 2)
        index = before.unsqueeze(2).expand(-1, -1, 3)
        ends = self._vertices.gather(1, index), self._vertices.gather(1, index + 1)
        return torch.lerp(*ends, (place - before).unsqueeze(2))

    def follow(self, waypoints: Tensor, speed: Tensor) -> None:
        """Lead all paths from where they are now through waypoints, m, [N, P, 3], at speeds, m/s, [N].

        Raises:
            ProtoMotionsError: There are too many waypoints.
        """
        now = self.at(torch.zeros(1, device=waypoints.device)).squeeze(1)
        self._route.lay(now, waypoints, speed)
        self._vertices.copy_(self._route.at(self._times.repeat(len(waypoints), 1)))
        self._time.zero_()
        self._route_time.copy_(self._times[-1].expand_as(self._route_time))
        self._on_route.fill_(True)
