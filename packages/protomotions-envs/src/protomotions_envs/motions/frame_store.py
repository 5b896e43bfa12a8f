# SPDX-License-Identifier: Apache-2.0
"""The frames of a library on its device: whole states, or only the coordinates from which they follow."""

from __future__ import annotations

from typing import Protocol

import torch
from torch import Tensor

from protomotions_envs.motions.batched_kinematics import BatchedKinematics
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import Outlook, ResetState, StateLayout


class FrameStore(Protocol):
    """Frames by their global numbers; a lookup never waits for the device."""

    @property
    def num_bytes(self) -> int:
        """Memory that the frames take."""

    def rows(self, index: Tensor, out: Tensor | None = None) -> Tensor:
        """Return whole states [n, D] at frames [n], see `StateLayout`; in `out` if given."""

    def body_positions(self, index: Tensor) -> Tensor:
        """Return positions of bodies [n, 3 B] at frames [n], in the order of `StateLayout`."""

    def coordinates(self, index: Tensor) -> ResetState:
        """Return generalised coordinates and velocities [n, 13 + 2 J] at frames [n]."""

    def outlook(self, index: Tensor) -> Outlook:
        """Return what observations show of frames [n], [n, 9 + 2 J]."""


class WholeStates:
    """Everything about every frame: a lookup is one gather.

    Args:
        states: Rows [F, D], on the device.
        layout: Their columns.
    """

    def __init__(self, states: Tensor, layout: StateLayout) -> None:
        self._layout = layout
        self._states = states
        # The few columns that observations of frames to come need, side by side: smaller gathers.
        self._outlook = Outlook.of(ResetState.from_state(layout.split(states))).rows
        self._positions = layout.positions(states).contiguous()

    @property
    def num_bytes(self) -> int:
        """Memory that the frames take."""
        return self._states.nbytes + self._outlook.nbytes + self._positions.nbytes

    def rows(self, index: Tensor, out: Tensor | None = None) -> Tensor:
        """See `FrameStore`."""
        return torch.index_select(self._states, 0, index, out=out)

    def body_positions(self, index: Tensor) -> Tensor:
        """See `FrameStore`."""
        return self._positions.index_select(0, index)

    def coordinates(self, index: Tensor) -> ResetState:
        """See `FrameStore`."""
        return ResetState.from_state(self._layout.split(self.rows(index)))

    def outlook(self, index: Tensor) -> Outlook:
        """See `FrameStore`."""
        return Outlook(self._outlook.index_select(0, index))


class CoordinatesOnly:
    """Coordinates of every frame, a seventh of the memory; bodies are computed when they are looked up.

    Args:
        frames: Rows [F, 13 + 2 J + feet], on the device: coordinates, then which feet touch the ground.
        robot: Whose coordinates they are.
    """

    def __init__(self, frames: Tensor, robot: Robot) -> None:
        self._frames = frames
        self._width = 13 + 2 * robot.num_joints
        self._kinematics = BatchedKinematics(robot, frames.device)
        self._layout = StateLayout(robot.num_joints, robot.num_bodies)
        self._feet = torch.tensor(robot.body_indices(robot.foot_bodies), device=frames.device)

    @property
    def num_bytes(self) -> int:
        """Memory that the frames take."""
        return self._frames.nbytes

    def rows(self, index: Tensor, out: Tensor | None = None) -> Tensor:
        """See `FrameStore`."""
        coordinates, feet = self._frames.index_select(0, index).tensor_split([self._width], dim=1)
        contact = feet.new_zeros(len(feet), self._layout.num_bodies).index_copy(1, self._feet, feet)
        rows = self._kinematics.rows(ResetState(coordinates), contact)
        return rows if out is None else out.copy_(rows)

    def body_positions(self, index: Tensor) -> Tensor:
        """See `FrameStore`."""
        return self._layout.positions(self.rows(index))

    def coordinates(self, index: Tensor) -> ResetState:
        """See `FrameStore`."""
        return ResetState(self._frames.index_select(0, index)[:, : self._width])

    def outlook(self, index: Tensor) -> Outlook:
        """See `FrameStore`."""
        return Outlook.of(self.coordinates(index))
