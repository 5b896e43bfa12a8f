# SPDX-License-Identifier: Apache-2.0
"""One robot that shows what it has learned, frame by frame."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterator, Mapping

from protomotions_cli.building import training_env_config
from protomotions_cli.control.control import Control, Stage, Wish
from protomotions_cli.errors import UsageError
from protomotions_cli.suggestions import did_you_mean
from protomotions_cli.trained_run import TrainedRun
from protomotions_cli.video import Moment
from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.worlds import Observation

_LONGEST_DEFAULT = 60.0
_FREE_DEFAULT = 20.0
_NO_TIME_LIMIT = 1e6


class Playback:
    """A trained policy in an environment of one world, without noise and without a time limit.

    Args:
        run: The trained run.
        motion: Name of the clip to follow or to start on; None takes all in turn.
        seconds: How long, s; None takes the control's length or, for tasks that follow clips, theirs, at most a minute,
            and 20 s for others.
        control: Who tells the robot what to do; None leaves that to the environment.

    Raises:
        UsageError: There is no clip of this name.
        ProtoMotionsError: The environment can't be built.
    """

    def __init__(
        self, run: TrainedRun, motion: str | None, seconds: float | None, control: Control | None = None
    ) -> None:
        config = dataclasses.replace(
            training_env_config(run.config),
            autoreset_mode="disabled",
            max_episode_seconds=_NO_TIME_LIMIT,
            compile=False,
        )
        self.env = HumanoidVectorEnv(1, config=config)
        self._motions = _chosen(self.env.motion_library, motion)
        self._control = control
        if seconds is None and control is not None:
            seconds = control.seconds
        self.seconds = self._default_seconds() if seconds is None else seconds
        """How long the playback lasts, s; infinity for no end."""
        self.stage = Stage(self.env, run.agent(self.env), self.seconds)
        """What there is to control."""

    @property
    def fps(self) -> int:
        """Frames per second: one frame per control step."""
        return round(1 / self.env.robot.control_dt)

    @property
    def num_frames(self) -> int:
        """Number of frames of a playback that ends, at least one."""
        return max(1, round(self.seconds / self.env.robot.control_dt))

    def frames(self) -> Iterator[None]:
        """Step the robot once per frame; its state is then in `env`."""
        turn, begins = 0, True
        observation = self._start(turn)
        for frame in itertools.count() if math.isinf(self.seconds) else range(self.num_frames):
            while (wish := self._tell(frame, begins=begins)) is not Wish.GO_ON:
                if wish is Wish.QUIT:
                    return
                turn, begins = turn + 1, True
                self._start(turn)
            if self._control is not None:
                # The robot should see what it has just been told.
                observation = self.env.worlds.observe()
            yield
            observation, _, terminated, truncated, _ = self.env.step(self.stage.agent.act(observation))
            begins = bool(terminated | truncated)
            if begins:
                turn += 1
                observation = self._start(turn)

    def moments(self) -> Iterator[Moment]:
        """Step the robot once per frame and yield what is to be seen; the next frame overwrites it."""
        task = self.env.task
        for _ in self.frames():
            state = self.env.simulator.state
            yield Moment(state, task.reference, task.markers(state))

    def close(self) -> None:
        """Free the world."""
        self.env.close()

    def _tell(self, frame: int, *, begins: bool) -> Wish:
        if self._control is None:
            return Wish.GO_ON
        return self._control.tell(self.stage, frame * self.env.robot.control_dt, begins=begins)

    def _start(self, turn: int) -> Observation:
        start: Mapping[str, object] = {"noise": False}
        if self._motions:
            start = {**start, "motion": self._motions[turn % len(self._motions)], "frame": 0}
        observation, _ = self.env.reset(seed=turn, options=start)
        return observation

    def _default_seconds(self) -> float:
        library = self.env.motion_library
        if library is None or self.env.task.reference is None:
            return _FREE_DEFAULT
        return min(float(sum(library.durations[index] for index in self._motions)), _LONGEST_DEFAULT)


def _chosen(library: MotionLibrary | None, motion: str | None) -> list[int]:
    """Return the numbers of the clips that episodes start on in turn."""
    names = [] if library is None else list(library.names)
    if motion is None:
        return list(range(len(names)))
    if motion not in names:
        raise UsageError(f"no clip {motion!r}; {did_you_mean(motion, names)}")
    return [names.index(motion)]
