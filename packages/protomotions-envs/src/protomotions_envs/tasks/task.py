# SPDX-License-Identifier: Apache-2.0
"""What a task must offer; one task is one folder: its settings, its terms, its state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import ResetState, RobotState
from protomotions_envs.terms.observations import Blocks


@dataclass(frozen=True)
class Marker:
    """A ball or an arrow in a picture, world frame."""

    position: tuple[float, float, float]
    """Centre of the ball, or where the arrow begins, m."""
    vector: tuple[float, float, float] | None = None
    """From there to the arrow's tip, m; None for a ball."""
    colour: tuple[float, float, float, float] = (0.95, 0.35, 0.2, 0.9)
    """Red, green, blue, opacity, 0..1."""


@dataclass(frozen=True)
class Transition:
    """What happened in one control step, for N worlds."""

    state: RobotState
    """After the step."""
    joint_torque: Tensor
    """Drive torques of its last physics step, N m, [N, J]."""
    action: Tensor
    """[N, J] in -1..1."""
    previous_action: Tensor
    """[N, J]; zeros in the first step of an episode."""


class Task(ABC):
    """Goals of N worlds: where episodes start, what is observed, what is rewarded and when they end.

    Every method works on all worlds with fixed shapes and masks. The environment calls, each control step: `baseline`,
    then the physics, `advance`, `judge` and `truncated`, `renew`, for ended worlds `reset` and `begun`, and at last
    `view` and `observe`.

    Args:
        robot: The robot in every world.
        num_envs: Number N of worlds.
        device: Where the task's tensors live.
    """

    def __init__(self, robot: Robot, num_envs: int, device: torch.device) -> None:
        self.robot = robot
        self.num_envs = num_envs
        self.device = device

    @property
    @abstractmethod
    def action_scale(self) -> Tensor:
        """Joint angle that an action of 1 adds to the baseline, rad, [J]."""

    @property
    def reference(self) -> RobotState | None:
        """The state that the robots should be in now, for tasks that follow one."""
        return None

    @abstractmethod
    def reset(
        self, mask: Tensor, generator: torch.Generator, options: Mapping[str, object] | None = None
    ) -> ResetState:
        """Start new episodes where `mask` [N] is true and return the states to write there.

        Args:
            mask: Which worlds.
            generator: Where starts are drawn from.
            options: What the caller of the environment's `reset` has asked for; None where one episode follows another.
        """

    def begun(self, mask: Tensor, state: RobotState, generator: torch.Generator) -> None:  # noqa: B027
        """Take note of the states, of all worlds, in which episodes have begun where `mask` [N] is true."""

    def forget(self) -> None:  # noqa: B027, a task may learn nothing
        """Forget what `record_ends` has learned."""

    @abstractmethod
    def baseline(self) -> Tensor:
        """Return the joint angles that an action of 0 asks for in the next step, rad, [N, J]."""

    @abstractmethod
    def advance(self, state: RobotState) -> None:
        """Let one control step of time pass; `state` is how the robots stand after it."""

    def renew(self, state: RobotState, generator: torch.Generator) -> None:  # noqa: B027, goals may stay
        """Draw new goals where old ones have run out; those that a step is judged by are those that it was told."""

    @abstractmethod
    def view(self, seen_rows: Tensor, previous_action: Tensor, true_rows: Tensor) -> dict[str, Tensor]:
        """Return all that observations are computed from, a row per world, [N, ...] each.

        Rows of views can be chosen and joined with those of others, so that worlds at several moments are observed at
        once.

        Args:
            seen_rows: States as sensors see them, [N, D], see `StateLayout`.
            previous_action: [N, J].
            true_rows: States as they are, for discriminators; the same tensor where sensors are perfect.
        """

    @abstractmethod
    def observe(self, view: dict[str, Tensor]) -> dict[str, Blocks]:
        """Return the observation terms of the n rows of a view."""

    @abstractmethod
    def judge(self, transition: Transition) -> tuple[dict[str, Tensor], Tensor]:
        """Return the weighted reward terms, [N] each, whose sum is the reward, and where an episode has failed."""

    @abstractmethod
    def truncated(self) -> Tensor:
        """Return where the episode has come to its natural end, bool, [N]."""

    def record_ends(self, failed: Tensor) -> None:  # noqa: B027, a task may learn nothing
        """Learn from the episodes that failed in this step, bool, [N]."""

    def demonstrations(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the observation terms that demonstrators offer, at `count` random moments, [count, ...] each.

        Raises:
            ProtoMotionsError: There are none.
        """
        raise ProtoMotionsError("This task has no demonstrations; give it clips with motion_file (--motion-file)")

    def command(self, **wanted: Tensor | float) -> None:
        """Set goals from outside, in all worlds.

        Raises:
            ProtoMotionsError: There is no such goal.
        """
        names = ", ".join(wanted)
        raise ProtoMotionsError(
            f"This task has no goal that {names} could set; steering, path_follower and target have"
        )

    def markers(self, state: RobotState) -> tuple[Marker, ...]:
        """Return what shows the first world's goal in pictures."""
        return ()
