# SPDX-License-Identifier: Apache-2.0
"""One robot that follows clips in turn, frame by frame."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from protomotions_cli.building import training_env_config
from protomotions_cli.errors import UsageError
from protomotions_cli.suggestions import did_you_mean
from protomotions_cli.trained_run import TrainedRun
from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.state import RobotState
from protomotions_envs.worlds import Observation

_LONGEST_DEFAULT = 60.0
_NO_TIME_LIMIT = 1e6


class Playback:
    """A trained policy in an environment of one world, without noise and without a time limit.

    Args:
        run: The trained run.
        motion: Name of the clip to follow; None follows all in turn.
        seconds: How long, s; None takes the length of those clips, at most a minute.

    Raises:
        UsageError: There is no clip of this name.
        ProtoMotionsError: The environment can't be built.
    """

    def __init__(self, run: TrainedRun, motion: str | None, seconds: float | None) -> None:
        config = dataclasses.replace(
            training_env_config(run.config.env),
            autoreset_mode="disabled",
            max_episode_seconds=_NO_TIME_LIMIT,
            compile=False,
        )
        self.env = HumanoidVectorEnv(1, config=config)
        library = self.env.motion_library
        if motion is not None and motion not in library.names:
            raise UsageError(f"no clip {motion!r}; {did_you_mean(motion, library.names)}")
        self._motions = range(library.num_motions) if motion is None else [library.names.index(motion)]
        self._agent = run.agent(self.env)
        length = float(sum(library.durations[index] for index in self._motions))
        self.seconds = min(length, _LONGEST_DEFAULT) if seconds is None else seconds
        """How long the playback lasts, s."""

    @property
    def fps(self) -> int:
        """Frames per second: one frame per control step."""
        return round(1 / self.env.robot.control_dt)

    @property
    def num_frames(self) -> int:
        """Number of frames, at least one."""
        return max(1, round(self.seconds / self.env.robot.control_dt))

    def frames(self) -> Iterator[None]:
        """Step the robot once per frame; its state is then in `env`."""
        turn = 0
        observation = self._start(turn)
        for _ in range(self.num_frames):
            yield
            observation, _, terminated, truncated, _ = self.env.step(self._agent.act(observation))
            if bool(terminated | truncated):
                turn += 1
                observation = self._start(turn)

    def moments(self) -> Iterator[tuple[RobotState, RobotState]]:
        """Step the robot once per frame and yield its state and its reference; the next frame overwrites them."""
        for _ in self.frames():
            yield self.env.simulator.state, self.env.task.reference

    def close(self) -> None:
        """Free the world."""
        self.env.close()

    def _start(self, turn: int) -> Observation:
        motion = self._motions[turn % len(self._motions)]
        observation, _ = self.env.reset(seed=0, options={"motion": motion, "frame": 0, "noise": False})
        return observation
