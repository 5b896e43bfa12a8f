# SPDX-License-Identifier: Apache-2.0
"""What `convert` and `retarget` do with one file: read it, retarget what moves somebody else, write its clips."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from protomotions_cli.clip_retargeting import retarget_clip
from protomotions_cli.motion_batches.clips import each_clip
from protomotions_cli.motion_batches.freshness import is_done
from protomotions_cli.motion_batches.outcome import ClipOutcome
from protomotions_cli.motion_batches.plan import PlannedFile
from protomotions_cli.robot_clips import robot_named, write_clip

if TYPE_CHECKING:
    from protomotions_envs.motions import Motion, ReadOptions, SkeletonMotion


@dataclass(frozen=True)
class Conversion:
    """The work on one file; plain data, so that other processes can do it."""

    robot: str
    """Name of the robot."""
    options: ReadOptions
    """What files don't say."""
    retargeting: Literal["if needed", "always"] = "if needed"
    """Whether a clip that already moves the robot is taken as it is or refused."""
    scale: float | None = None
    """Distances travelled as a share of the source's; None to take it from the lengths of the legs."""
    mend: bool = False
    """Whether to bring joints inside their limits and standing feet to the ground; retargeting does so anyway."""
    overwrite: bool = False
    """Whether to make again what was done before."""
    dry_run: bool = False
    """Whether to write nothing; clips are read and checked but not retargeted."""

    def __call__(self, file: PlannedFile) -> list[ClipOutcome]:
        """Return what became of the clips of a file.

        Raises:
            UsageError: It concerns all files: something isn't installed, or a clip of another robot is in the way.
        """

        def convert(clip: Motion | SkeletonMotion, target: Path) -> list[ClipOutcome]:
            if self.is_done(PlannedFile(file.source, target)):
                return [ClipOutcome(file.source, "kept", target)]
            return [self._convert(clip, file.source, target)]

        return each_clip(file, self.robot, self.options, convert)

    def is_done(self, file: PlannedFile) -> bool:
        """Return whether a file's clip is there, newer than the file and to be kept.

        Raises:
            UsageError: A clip of another robot is there.
        """
        return not self.overwrite and is_done(file.target, file.source, robot_named(self.robot).name)

    def _convert(self, clip: Motion | SkeletonMotion, source: Path, target: Path) -> ClipOutcome:
        from protomotions_envs.errors import MotionError
        from protomotions_envs.motions import Motion
        from protomotions_envs.motions.mending import mend

        moves_robot, remark = isinstance(clip, Motion), ""
        if not isinstance(clip, Motion):
            remark = f"retargeted from a skeleton of {len(clip.skeleton.joint_names)} joints"
            if not self.dry_run:
                clip, nearness = retarget_clip(clip, robot_named(self.robot), self.scale)
                remark += f": {nearness}"
        elif self.retargeting == "always":
            raise MotionError(f"{clip.name} moves robot {self.robot!r} already; `motions convert` takes it as it is")
        elif self.mend and not self.dry_run:
            clip, changes = mend(clip, robot_named(self.robot))
            remark = str(changes)
        if isinstance(clip, Motion) and not self.dry_run:
            write_clip(clip, target)
        return ClipOutcome(
            source,
            "written",
            target,
            frames=clip.num_frames,
            seconds=clip.duration,
            retargeted=not moves_robot,
            remark=remark,
        )
