# SPDX-License-Identifier: Apache-2.0
"""A task for `mink`: many points of a robot at positions and in orientations at once."""

from __future__ import annotations

from collections.abc import Sequence

import mink
import mujoco
import numpy as np

from protomotions_envs.motions.quaternions import rotation_vector
from protomotions_envs.motions.retargeting.frames import quaternions
from protomotions_envs.motions.retargeting.goals import Goals


class PoseTask(mink.Task):
    """Sites at their goals.

    Args:
        model: The robot with the sites.
        sites: Their names, n.
        goals: Of the sites; a site turns freely if no frame has a cost for its orientation.
    """

    def __init__(self, model: mujoco.MjModel, sites: Sequence[str], goals: Goals) -> None:
        self._sites = [model.site(site).id for site in sites]
        self._turned = np.flatnonzero(goals.rotation_costs.any(axis=(0, 2)))
        self._goals = goals
        super().__init__(cost=np.zeros(3 * (len(self._sites) + len(self._turned))))
        self.set_frame(0)

    def set_frame(self, frame: int) -> None:
        """Take the goals of a frame."""
        goals = self._goals
        self._positions, self._frames = goals.positions[frame], goals.frames[frame, self._turned]
        turns = goals.rotation_costs[frame, self._turned]
        self.cost = np.concatenate((np.repeat(goals.position_costs[frame], 3), turns.ravel()))

    def compute_error(self, configuration: mink.Configuration) -> np.ndarray:
        """Return how far sites are from their goals in the world and how they are turned in the goals' frames."""
        data = configuration.data
        away = data.site_xpos[self._sites] - self._positions
        frames = data.site_xmat[self._sites].reshape(-1, 3, 3)[self._turned]
        turns = rotation_vector(quaternions(np.swapaxes(self._frames, -1, -2) @ frames))
        return np.concatenate((away.ravel(), turns.ravel()))

    def compute_jacobian(self, configuration: mink.Configuration) -> np.ndarray:
        """Return the derivative of the error, with the turns taken as small, [3 (n + turned), nv]."""
        model, data = configuration.model, configuration.data
        linear = np.empty((len(self._sites), 3, model.nv))
        angular = np.empty_like(linear)
        for index, site in enumerate(self._sites):
            mujoco.mj_jacSite(model, data, linear[index], angular[index], site)
        turned = np.swapaxes(self._frames, -1, -2) @ angular[self._turned]
        return np.concatenate((linear.reshape(-1, model.nv), turned.reshape(-1, model.nv)))

    def places(self, configuration: mink.Configuration) -> np.ndarray:
        """Return where the sites are, m, [n, 3]."""
        return configuration.data.site_xpos[self._sites]
