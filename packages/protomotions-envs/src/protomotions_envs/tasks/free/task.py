# SPDX-License-Identifier: Apache-2.0
"""The task of a robot that follows no reference: it stays up, and heeds a goal and a style where there are such."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import ResetState, RobotState, StateLayout, rest_state
from protomotions_envs.tasks.free.config import FreeConfig
from protomotions_envs.tasks.free.falls import FallDetector
from protomotions_envs.tasks.free.style_history import StyleHistory
from protomotions_envs.tasks.goal import Goal
from protomotions_envs.tasks.proprioception import PROPRIOCEPTION, check_names
from protomotions_envs.tasks.regularizers import RegularizerTerms
from protomotions_envs.tasks.starts import noise_scale, number_option, with_noise
from protomotions_envs.tasks.task import Marker, Task, Transition
from protomotions_envs.terms.observations import Blocks


@dataclass(frozen=True)
class FreeView:
    """What an observation term may look at."""

    state: RobotState
    """The robots now."""
    previous_action: Tensor
    """[N, J]."""
    anchor: int
    """Index of the anchor body."""
    yaw: Tensor
    """Heading of the anchor as cos and sin, [N, 2]."""


STYLE = "style"
"""Name of the observation term for discriminators."""


class FreeTask(Task):
    """Stay up and move, from random frames of clips or from the default pose.

    Args:
        config: Settings.
        robot: The robot in every world.
        library: Clips at the control rate, whose style demonstrations show; None for none.
        goal: What is asked for; None for nothing.
        num_envs: Number N of worlds.
        device: Where the tensors live.

    Raises:
        ProtoMotionsError: The settings name an observation that doesn't exist.
    """

    def __init__(
        self,
        config: FreeConfig,
        robot: Robot,
        library: MotionLibrary | None,
        goal: Goal | None,
        num_envs: int,
        device: torch.device,
    ) -> None:
        super().__init__(robot, num_envs, device)
        check_names(config.observations, PROPRIOCEPTION)
        self.config = config
        self.library = library
        self.goal = goal
        self.style = StyleHistory(robot, library, config.style_steps, num_envs, device) if library else None
        self._layout = StateLayout(robot.num_joints, robot.num_bodies)
        reach = config.action_scale * robot.action_reach
        self._action_scale = torch.as_tensor(reach, dtype=torch.float32, device=device)
        pose = torch.as_tensor(robot.default_joint_pos, dtype=torch.float32, device=device)
        self._baseline = pose.expand(num_envs, -1)
        self._rest = rest_state(robot, num_envs, device).rows
        self._start_noise = noise_scale(config.start, robot.num_joints, device)
        self._regularizers = RegularizerTerms(config.regularizers, robot, device)
        self._falls = FallDetector(config.fall, robot, num_envs, device)
        self._motion = torch.full((num_envs,), -1, dtype=torch.long, device=device)
        self._frame = torch.zeros_like(self._motion)

    @property
    def action_scale(self) -> Tensor:
        """Joint angle that an action of 1 adds to the baseline, rad, [J]."""
        return self._action_scale

    def reset(
        self, mask: Tensor, generator: torch.Generator, options: Mapping[str, object] | None = None
    ) -> ResetState:
        """Start new episodes where `mask` [N] is true and return the states to write there.

        Options `motion` and `frame`, integers or long tensors [N], choose the start on the clips; else it is drawn. A
        frame beyond a clip's end is its last one. Option `noise` (bool) switches the noise of the initial state off.

        Raises:
            ProtoMotionsError: An option is out of range, or names a clip although there are none.
        """
        rows, options = self._rest, options or {}
        if self.library is None and ("motion" in options or "frame" in options):
            raise ProtoMotionsError(
                "Reset options 'motion' and 'frame' need clips; give some with motion_file (--motion-file)"
            )
        if self.library is not None:
            self._choose_frames(self.library, mask, generator, options)
            index = self.library.first_frame[self._motion.clamp_min(0)] + self._frame
            on_clip = (self._motion >= 0).unsqueeze(1)
            rows = torch.where(on_clip, self.library.coordinates(index).rows, rows)
        if options.get("noise", True):
            rows = with_noise(rows, self._start_noise, generator)
        return ResetState(rows)

    def _choose_frames(
        self, library: MotionLibrary, mask: Tensor, generator: torch.Generator, options: Mapping[str, object]
    ) -> None:
        """Draw or take the clip and frame that worlds in `mask` start at; -1 for the default pose."""
        motion = library.sample_motions(self.num_envs, generator)
        where, whether = torch.rand(2, self.num_envs, generator=generator, device=self.device)
        motion = motion.masked_fill(whether < self.config.start.default_pose_fraction, -1)
        if "motion" in options:
            motion = number_option(options, "motion", library.num_motions, motion)
        frame = (where * library.num_frames[motion.clamp_min(0)]).long()
        if "frame" in options:
            frame = number_option(options, "frame", int(library.num_frames.max()), frame)
            frame = torch.minimum(frame, library.num_frames[motion.clamp_min(0)] - 1)
        self._motion.copy_(torch.where(mask, motion, self._motion))
        self._frame.copy_(torch.where(mask, frame, self._frame))

    def begun(self, mask: Tensor, state: RobotState, generator: torch.Generator) -> None:
        """Fill the history of the episodes that begin where `mask` [N] is true, and draw their goals."""
        self._falls.begin(mask)
        if self.style is not None:
            self.style.begin(mask, state, self._motion, self._frame)
        if self.goal is not None:
            self.goal.begin(mask, state, generator)

    def baseline(self) -> Tensor:
        """Return the default pose, rad, [N, J]."""
        return self._baseline

    def advance(self, state: RobotState) -> None:
        """Let one control step of time pass."""
        self._falls.count(state)
        if self.style is not None:
            self.style.push(state)
        if self.goal is not None:
            self.goal.advance()

    def renew(self, state: RobotState, generator: torch.Generator) -> None:
        """Draw new goals where old ones have run out."""
        if self.goal is not None:
            self.goal.renew(state, generator)

    def view(self, seen_rows: Tensor, previous_action: Tensor, true_rows: Tensor) -> dict[str, Tensor]:
        """Return the robots' states, previous actions, goals and histories."""
        view = {"state": seen_rows, "previous_action": previous_action}
        if self.goal is not None:
            view |= self.goal.view()
        if self.style is not None:
            view[STYLE] = self.style.shown()
        return view

    def observe(self, view: dict[str, Tensor]) -> dict[str, Blocks]:
        """Return the observation terms of the n rows of a view."""
        state = self._layout.split(view["state"])
        anchor = self.robot.anchor_index
        seen = FreeView(state, view["previous_action"], anchor, rotations.heading(state.body_rot[:, anchor]))
        parts = {name: PROPRIOCEPTION[name](seen) for name in self.config.observations}
        if self.goal is not None:
            parts[self.goal.name] = (self.goal.observe(view, state, seen.yaw),)
        if self.style is not None:
            parts[STYLE] = (view[STYLE].flatten(1),)
        return parts

    def judge(self, transition: Transition) -> tuple[dict[str, Tensor], Tensor]:
        """Return the weighted reward terms, [N] each, and where the robot has fallen or lost its goal, bool, [N]."""
        failed = self._falls.fallen
        terms = self._regularizers(transition)
        if self.config.fall_cost:
            terms["fall"] = -self.config.fall_cost * failed
        if self.goal is not None:
            terms = {**self.goal.rewards(transition.state), **terms}
            failed = failed | self.goal.failed(transition.state)
        return terms, failed

    def truncated(self) -> Tensor:
        """Return where the episode has come to its natural end: nowhere, bool, [N]."""
        return torch.zeros_like(self._motion, dtype=torch.bool)

    def demonstrations(self, count: int, generator: torch.Generator) -> dict[str, Tensor]:
        """Return the term `style` as the clips show it at `count` random moments.

        Raises:
            ProtoMotionsError: There are no clips.
        """
        if self.style is None:
            return super().demonstrations(count, generator)
        return {STYLE: self.style.demonstrations(count, generator)}

    def command(self, **wanted: Tensor | float) -> None:
        """Set goals from outside, in all worlds, see the goal's own `command`.

        Raises:
            ProtoMotionsError: There is no such goal.
        """
        if self.goal is None:
            super().command(**wanted)
        else:
            self.goal.command(**wanted)

    def markers(self, state: RobotState) -> tuple[Marker, ...]:
        """Return what shows the first world's goal in pictures."""
        return () if self.goal is None else self.goal.markers(state)
