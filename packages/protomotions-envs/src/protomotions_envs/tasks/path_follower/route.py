# SPDX-License-Identifier: Apache-2.0
"""Ways through given waypoints."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError

MAX_WAYPOINTS = 64
"""Room for waypoints; tensors that a CUDA graph reads can't grow."""


class Route:
    """Polylines of N worlds at constant speeds, in tensors that stay where they are.

    Args:
        num_envs: Number N of worlds.
        device: Where the tensors live.
    """

    def __init__(self, num_envs: int, device: torch.device) -> None:
        self._points = torch.zeros(num_envs, MAX_WAYPOINTS + 1, 3, device=device)
        self._arrivals = torch.zeros(num_envs, MAX_WAYPOINTS + 1, device=device)

    def lay(self, start: Tensor, waypoints: Tensor, speed: Tensor) -> None:
        """Lead from `start`, m, [N, 3], through waypoints, m, [N, P, 3], at speeds, m/s, [N], and stay at the last.

        Raises:
            ProtoMotionsError: There are too many waypoints.
        """
        count = waypoints.shape[1]
        if not 1 <= count <= MAX_WAYPOINTS:
            raise ProtoMotionsError(f"A path takes 1 to {MAX_WAYPOINTS} waypoints, not {count}; give the others later")
        points = torch.cat((start.unsqueeze(1), waypoints), dim=1)
        lengths = points.diff(dim=1).norm(dim=2)
        arrivals = (lengths / speed.unsqueeze(1)).cumsum(1)
        self._points[:, : count + 1], self._arrivals[:, 1 : count + 1] = points, arrivals
        self._points[:, count + 1 :], self._arrivals[:, count + 1 :] = points[:, -1:], arrivals[:, -1:]

    def at(self, times: Tensor) -> Tensor:
        """Return the places at times [N, K], s from the start, m, [N, K, 3]."""
        after = torch.searchsorted(self._arrivals, times, right=True).clamp_max(MAX_WAYPOINTS)
        before = after - 1
        left, reached = self._arrivals.gather(1, before), self._arrivals.gather(1, after)
        # Where the route has ended both are the same, and the share is past 1.
        share = ((times - left) / (reached - left).clamp_min(1e-6)).clamp(0.0, 1.0)
        return torch.lerp(_gathered(self._points, before), _gathered(self._points, after), share.unsqueeze(2))


def _gathered(points: Tensor, index: Tensor) -> Tensor:
    """Return points [N, V, 3] by index [N, K], [N, K, 3]."""
    return points.gather(1, index.unsqueeze(2).expand(-1, -1, 3))
