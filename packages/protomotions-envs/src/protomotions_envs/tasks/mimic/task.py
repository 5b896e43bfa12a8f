# SPDX-License-Identifier: Apache-2.0
"""The task of tracking reference motions."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from protomotions_envs.motions import MotionLibrary
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import ResetState, RobotState, StateLayout, rest_state, rows_of, write_rows
from protomotions_envs.tasks.mimic import observations
from protomotions_envs.tasks.mimic.config import MimicConfig
from protomotions_envs.tasks.mimic.rewards import RewardTerms
from protomotions_envs.tasks.mimic.start_sampler import StartSampler
from protomotions_envs.tasks.mimic.terminations import tracking_lost
from protomotions_envs.tasks.proprioception import check_names
from protomotions_envs.tasks.regularizers import RegularizerTerms
from protomotions_envs.tasks.start_reserve import StartReserve
from protomotions_envs.tasks.starts import noise_scale, number_option, with_noise
from protomotions_envs.tasks.task import Task, Transition
from protomotions_envs.terms.observations import Blocks
from protomotions_envs.terms.tracking_errors import TrackingErrors


class MimicTask(Task):
    """Follow clips frame by frame: the clips have one frame per control step.

    Args:
        config: Settings.
        robot: The robot in every world.
        library: Clips at the control rate.
        num_envs: Number N of worlds.
        device: Where the tensors live.

    Raises:
        ProtoMotionsError: The settings name an observation that doesn't exist.
    """

    def __init__(
        self, config: MimicConfig, robot: Robot, library: MotionLibrary, num_envs: int, device: torch.device
    ) -> None:
        super().__init__(robot, num_envs, device)
        check_names(config.observations, observations.OBSERVATIONS)
        self.config = config
        self.library = library
        self.starts = StartSampler(library, config.start)
        # Where each world is, in one tensor that a reset writes at once: clip, frame, first and last frame of the clip.
        self._places = torch.zeros(num_envs, 4, dtype=torch.long, device=device)
        self.motion, self.frame, self._first, self.last_frame = self._places.unbind(1)
        self.last_frame += library.num_frames[0] - 1
        self._steps_ahead = torch.tensor([1, *config.future_steps], device=device)
        self._shows_reference = not observations.NEED_REFERENCE.isdisjoint(config.observations)
        feet = torch.tensor(robot.body_indices(robot.foot_bodies), device=device)
        self._reward_terms = RewardTerms(config.rewards, feet)
        self._regularizers = RegularizerTerms(config.regularizers, robot, device)
        reach = config.action_scale * robot.effort_limit / robot.stiffness
        self._action_scale = torch.as_tensor(reach, dtype=torch.float32, device=device)
        self._default_pose = torch.as_tensor(robot.default_joint_pos, dtype=torch.float32, device=device)
        self._layout = StateLayout(robot.num_joints, robot.num_bodies)
        self._reference_rows = library.rows(self._first)
        self._reference = self._layout.split(self._reference_rows)
        self._start = rest_state(robot, num_envs, device)
        self._start_noise = noise_scale(config.start, robot.num_joints, device)
        self._reserve = StartReserve(self._draw_starts, device)

    @property
    def action_scale(self) -> Tensor:
        """Joint angle that an action of 1 adds to the baseline, rad, [J]."""
        return self._action_scale

    @property
    def reference(self) -> RobotState:
        """The state that the robots should be in now."""
        return self._reference

    def reset(
        self, mask: Tensor, generator: torch.Generator, options: Mapping[str, object] | None = None
    ) -> ResetState:
        """Start new episodes where `mask` [N] is true and return the states to write there.

        Options `motion` and `frame`, integers or long tensors [N], choose the start; else it is drawn. Option `noise`
        (bool) switches the noise of the initial state off.

        Raises:
            ProtoMotionsError: An option is out of range.
        """
        rows = rows_of(mask)
        if options is None:
            starts = self._reserve.take(len(rows), generator)
        else:
            # Whoever resets may have seeded the generator: nothing that was drawn before may follow.
            self._reserve.discard()
            starts = self._starts_at(self._chosen(rows, generator, options), generator, options.get("noise", True))
        for buffer, values in zip((self._places, self._reference_rows, self._start.rows), starts, strict=True):
            write_rows(buffer, mask, rows, values)
        return self._start

    def _draw_starts(self, count: int, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Return `count` random starts, see `_starts_at`."""
        return self._starts_at(self.starts.sample(count, generator), generator)

    def _starts_at(
        self, places: Tensor, generator: torch.Generator, noise: object = True
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Return places [n, 4], the references there [n, D] and the states to start in [n, 13 + 2 J]."""
        reference = self.library.rows(places[:, 1] + places[:, 2])
        start = ResetState.from_state(self._layout.split(reference)).rows
        if noise:
            start = with_noise(start, self._start_noise, generator)
        return places, reference, start

    def _chosen(self, rows: Tensor, generator: torch.Generator, options: Mapping[str, object]) -> Tensor:
        """Return where options of `reset` let worlds `rows` [n] start, elsewhere random places, long, [n, 4]."""
        motion, frame, first, last = self.starts.sample(len(rows), generator).unbind(1)
        if "motion" in options:
            motion = number_option(options, "motion", self.library.num_motions, self.motion)[rows]
            first, last = self.library.first_frame[motion], self.library.num_frames[motion] - 1
            frame = torch.zeros_like(motion)
        if "frame" in options:
            frame = torch.minimum(number_option(options, "frame", 1 << 31, self.frame)[rows], last - 1)
        return torch.stack((motion, frame, first, last), dim=1)

    def forget(self) -> None:
        """Forget where episodes failed."""
        self.starts.failures.zero_()

    def baseline(self) -> Tensor:
        """Return the joint angles that an action of 0 asks for in the next step, rad, [N, J]."""
        if self.config.action == "default_offset":
            return self._default_pose.expand(self.num_envs, -1)
        return self.library.outlook(self._first + torch.minimum(self.frame + 1, self.last_frame)).joint_pos

    def advance(self, state: RobotState) -> None:
        """Let one control step of time pass; clips stand still at their last frame."""
        torch.minimum(self.frame + 1, self.last_frame, out=self.frame)
        self.library.rows(self._first + self.frame, out=self._reference_rows)

    def view(self, seen_rows: Tensor, previous_action: Tensor, true_rows: Tensor) -> dict[str, Tensor]:
        """Return the robots' states, previous actions and places in the clips."""
        view = {"state": seen_rows, "previous_action": previous_action, "places": self._places}
        if self._shows_reference:
            view |= {"reference": self._reference_rows, "true_state": true_rows}
        return view

    def observe(self, view: dict[str, Tensor]) -> dict[str, Blocks]:
        """Return the observation terms of the n rows of a view."""
        frames = self._frames_ahead(view["places"])
        seen = observations.MimicView(
            state=self._layout.split(view["state"]),
            library=self.library,
            frames=frames,
            previous_action=view["previous_action"],
            anchor=self.robot.anchor_index,
            reference=self._layout.split(view["reference"]) if self._shows_reference else None,
            true_state=self._layout.split(view["true_state"]) if self._shows_reference else None,
        )
        return {name: observations.OBSERVATIONS[name](seen) for name in self.config.observations}

    def judge(self, transition: Transition) -> tuple[dict[str, Tensor], Tensor]:
        """Return the weighted reward terms, [N] each, and where the robot has lost its reference, bool, [N]."""
        errors = TrackingErrors(transition.state, self._reference)
        terms = {**self._reward_terms(errors), **self._regularizers(transition)}
        return terms, tracking_lost(self.config.terminations, errors)

    def truncated(self) -> Tensor:
        """Return where the clip has ended, bool, [N]."""
        return self.frame >= self.last_frame

    def record_ends(self, failed: Tensor) -> None:
        """Learn from the episodes that failed in this step, bool, [N]: episodes will start there more often."""
        self.starts.record(self.motion, self.frame, failed)

    def _frames_ahead(self, places: Tensor) -> Tensor:
        """Return the library's frames at one and at the future steps from places [n, 4], long, [n, 1 + K]."""
        _, frame, first, last = places.split(1, dim=1)
        return first + torch.minimum(frame + self._steps_ahead, last)
