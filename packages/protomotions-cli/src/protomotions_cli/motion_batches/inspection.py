# SPDX-License-Identifier: Apache-2.0
"""What `inspect` does with one file: say what is in each of its clips."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from protomotions_cli.errors import is_user_error
from protomotions_cli.robot_clips import read_clips, robot_named

if TYPE_CHECKING:
    from protomotions_cli.clip_facts import ClipFacts
    from protomotions_envs.motions import ReadOptions


@dataclass(frozen=True)
class Findings:
    """What a file has; plain data, so that it can come from another process."""

    source: Path
    """The file."""
    motions: tuple[ClipFacts, ...] = ()
    """Facts of the clips that move the robot."""
    skeletons: tuple[ClipFacts, ...] = ()
    """Facts of the clips that move somebody else."""
    failure: str = ""
    """Why it can't be read, one line."""


@dataclass(frozen=True)
class Inspection:
    """The work on one file; plain data, so that other processes can do it."""

    robot: str
    """Name of the robot."""
    options: ReadOptions
    """What files don't say."""

    def __call__(self, file: Path) -> Findings:
        """Return what a file has."""
        from protomotions_cli.clip_facts import motion_facts, skeleton_facts
        from protomotions_envs.motions import Motion

        try:
            clips = read_clips(file, self.robot, self.options)
        except ValueError as error:
            if not is_user_error(error):
                raise
            return Findings(file, failure=" ".join(str(error).split()))
        robot = robot_named(self.robot)
        return Findings(
            file,
            tuple(motion_facts(clip, robot) for clip in clips if isinstance(clip, Motion)),
            tuple(skeleton_facts(clip) for clip in clips if not isinstance(clip, Motion)),
        )
