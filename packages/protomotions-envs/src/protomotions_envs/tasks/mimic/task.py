# SPDX-License-Identifier: Apache-2.0
"""The task of tracking reference motions."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import ResetState, RobotState, rest_state, rows_of
from protomotions_envs.tasks.mimic import observations
from protomotions_envs.tasks.mimic.config import MimicConfig
from protomotions_envs.tasks.mimic.rewards import reward_terms
from protomotions_envs.tasks.mimic.start_sampler import StartSampler
from protomotions_envs.tasks.mimic.terminations import tracking_lost
from protomotions_envs.tasks.task import Task, Transition


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
        observations.check_names(config.observations)
        self.config = config
        self.library = library
        self.starts = StartSampler(library, config.start)
        self.motion = torch.zeros(num_envs, dtype=torch.long, device=device)
        """Clip that each world follows, [N]."""
        self.frame = torch.zeros(num_envs, dtype=torch.long, device=device)
        """Frame of the clip at which each world is, [N]."""
        self._future_steps = torch.tensor(config.future_steps, device=device)
        self._feet = torch.tensor(robot.body_indices(robot.foot_bodies), device=device)
        reach = config.action_scale * robot.effort_limit / robot.stiffness
        self._action_scale = torch.as_tensor(reach, dtype=torch.float32, device=device)
        self._default_pose = torch.as_tensor(robot.default_joint_pos, dtype=torch.float32, device=device)
        # A row per world: where it should be now and one control step from now.
        self._now, self._next = library.rows(self.motion), library.rows(self.motion)
        self._unpack()
        self._start = rest_state(robot, num_envs, device)

    @property
    def action_scale(self) -> Tensor:
        """Joint angle that an action of 1 adds to the baseline, rad, [J]."""
        return self._action_scale

    @property
    def reference(self) -> RobotState:
        """The state that the robots should be in now."""
        return self._reference

    @property
    def last_frame(self) -> Tensor:
        """Last frame of each world's clip, [N]."""
        return self.library.num_frames[self.motion] - 1

    def reset(self, mask: Tensor, generator: torch.Generator, options: Mapping[str, object]) -> ResetState:
        """Start new episodes where `mask` [N] is true and return the states to write there.

        Options `motion` and `frame`, integers or long tensors [N], choose the start; else it is drawn. Option `noise`
        (bool) switches the noise of the initial state off.

        Raises:
            ProtoMotionsError: An option is out of range.
        """
        rows = rows_of(mask)
        motion, frame = self.starts.sample(len(rows), generator)
        if "motion" in options:
            motion = self._option(options, "motion", self.library.num_motions)[rows]
            frame = torch.zeros_like(motion)
        if "frame" in options:
            frame = torch.minimum(self._option(options, "frame", 1 << 31)[rows], self.library.num_frames[motion] - 2)
        chosen = mask[rows]
        self.motion.index_copy_(0, rows, torch.where(chosen, motion, self.motion[rows]))
        self.frame.index_copy_(0, rows, torch.where(chosen, frame, self.frame[rows]))
        # Rows outside the mask get the frames that they had.
        self._now.index_copy_(0, rows, self.library.rows(self._global_frame(0)[rows]))
        self._next.index_copy_(0, rows, self.library.rows(self._global_frame(1)[rows]))
        self._unpack()
        self._start.put(rows, self._initial_state(rows, generator, noise=bool(options.get("noise", True))))
        return self._start

    def baseline(self) -> Tensor:
        """Return the joint angles that an action of 0 asks for in the next step, rad, [N, J]."""
        if self.config.action == "default_offset":
            return self._default_pose.expand(self.num_envs, -1)
        return self._next_reference.joint_pos

    def advance(self) -> None:
        """Let one control step of time pass; clips stand still at their last frame."""
        self.frame.copy_(torch.minimum(self.frame + 1, self.last_frame))
        self._now.copy_(self._next)
        self._next.copy_(self.library.rows(self._global_frame(1)))
        self._unpack()

    def observe(self, state: RobotState, previous_action: Tensor, rows: Tensor | None = None) -> dict[str, Tensor]:
        """Return the observation terms, [N, ...] each; of some worlds, long, [n], if `rows` is given."""
        ahead, next_reference = self._ahead(self._future_steps), self._next_reference
        if rows is not None:
            state, next_reference = state.rows(rows), self.library.unpack(self._next[rows])
            previous_action, ahead = previous_action[rows], ahead[rows]
        view = observations.MimicView(
            state=state,
            next_reference=next_reference,
            future=self.library.roots_and_joints(ahead),
            previous_action=previous_action,
            anchor=self.robot.anchor_index,
        )
        return {name: observations.OBSERVATIONS[name](view) for name in self.config.observations}

    def rewards(self, transition: Transition) -> dict[str, Tensor]:
        """Return the weighted reward terms, [N] each; the reward is their sum."""
        return reward_terms(self.config.rewards, transition, self._reference, self._feet)

    def terminated(self, state: RobotState) -> Tensor:
        """Return where the robot has lost its reference, bool, [N]."""
        return tracking_lost(self.config.terminations, state, self._reference)

    def truncated(self) -> Tensor:
        """Return where the clip has ended, bool, [N]."""
        return self.frame >= self.last_frame

    def record_ends(self, failed: Tensor) -> None:
        """Learn from the episodes that failed in this step, bool, [N]: episodes will start there more often."""
        self.starts.record(self.motion, self.frame, failed)

    def _ahead(self, steps: Tensor) -> Tensor:
        frame = torch.minimum(self.frame.unsqueeze(1) + steps, self.last_frame.unsqueeze(1))
        return self.library.first_frame[self.motion].unsqueeze(1) + frame

    def _global_frame(self, ahead: int) -> Tensor:
        """Return the library's number of the frame so many steps ahead, within the clip, [N]."""
        return self.library.first_frame[self.motion] + torch.minimum(self.frame + ahead, self.last_frame)

    def _unpack(self) -> None:
        self._reference, self._next_reference = self.library.unpack(self._now), self.library.unpack(self._next)

    def _initial_state(self, rows: Tensor, generator: torch.Generator, noise: bool) -> ResetState:
        reference, start = self.library.unpack(self._now[rows]), self.config.start
        joints = self.robot.num_joints
        normal = torch.randn(len(rows), 2 * joints + 6, generator=generator, device=self.device) * noise
        joint_pos, joint_vel, lin_vel, ang_vel = normal.split([joints, joints, 3, 3], dim=1)
        return ResetState(
            root_pos=reference.root_pos,
            root_rot=reference.root_rot,
            root_lin_vel=reference.root_lin_vel + start.joint_vel_noise * lin_vel,
            root_ang_vel=reference.root_ang_vel + start.joint_vel_noise * ang_vel,
            joint_pos=reference.joint_pos + start.joint_pos_noise * joint_pos,
            joint_vel=reference.joint_vel + start.joint_vel_noise * joint_vel,
        )

    def _option(self, options: Mapping[str, object], name: str, end: int) -> Tensor:
        value = torch.as_tensor(options[name], device=self.device).long().expand(self.num_envs)
        if bool((value < 0).any()) or bool((value >= end).any()):
            raise ProtoMotionsError(f"Reset option {name!r} must lie in 0..{end - 1}")
        return value
