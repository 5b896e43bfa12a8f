# SPDX-License-Identifier: Apache-2.0
"""What `filter` does with one file: measure its clips, and write those that pass."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from protomotions_cli.motion_batches.clips import each_clip
from protomotions_cli.motion_batches.outcome import ClipOutcome
from protomotions_cli.motion_batches.plan import PlannedFile
from protomotions_cli.robot_clips import robot_clip, robot_named, write_clip

if TYPE_CHECKING:
    from protomotions_envs.motions import Motion, ReadOptions, SkeletonMotion
    from protomotions_envs.robots import Robot


@dataclass(frozen=True)
class Conditions:
    """What a clip must be like; None asks for nothing."""

    name: str | None = None
    """Pattern of the clip's name with * and ?."""
    min_seconds: float | None = None
    """Shortest duration, s."""
    max_seconds: float | None = None
    """Longest duration, s."""
    max_skating: float | None = field(default=None, metadata={"measure": "foot_skating", "unit": "m/s skating"})
    """Mean speed of standing feet, m/s."""
    max_penetration: float | None = field(default=None, metadata={"measure": "penetration", "unit": "m below ground"})
    """Depth below the ground, m."""
    max_limit_violation: float | None = field(
        default=None, metadata={"measure": "limit_violation", "unit": "rad outside joint limits"}
    )
    """How far a joint is outside its limits, rad."""
    max_self_collision: float | None = field(
        default=None, metadata={"measure": "self_collision_depth", "unit": "m overlap of its own bodies"}
    )
    """How far two bodies of the robot overlap, m."""
    max_joint_speed: float | None = None
    """Speed of the fastest joint, rad/s."""

    def broken_by(self, clip: Motion, robot: Robot) -> list[str]:
        """Return what is wrong with a clip, as measured and as asked for; empty if it passes."""
        if self.name is not None and not fnmatchcase(clip.name, self.name):
            return [f"its name {clip.name!r} is not like {self.name!r}"]
        broken = []
        if self.min_seconds is not None and clip.duration < self.min_seconds:
            broken.append(f"{clip.duration:.3g} s long, less than {self.min_seconds:g}")
        if self.max_seconds is not None and clip.duration > self.max_seconds:
            broken.append(f"{clip.duration:.3g} s long, more than {self.max_seconds:g}")
        fastest = float(abs(clip.joint_vel).max())
        if self.max_joint_speed is not None and fastest > self.max_joint_speed:
            broken.append(f"{fastest:.3g} rad/s joint speed, more than {self.max_joint_speed:g}")
        # Measuring takes longer than all the rest, so a clip that is out already isn't measured.
        return broken or self._broken_measures(clip, robot)

    def _broken_measures(self, clip: Motion, robot: Robot) -> list[str]:
        limits = {one: limit for one in fields(self) if one.metadata and (limit := getattr(self, one.name)) is not None}
        if not limits:
            return []
        from protomotions_envs.motions.quality import assess

        quality = assess(clip, robot)
        return [
            f"{found:.3g} {one.metadata['unit']}, more than {limit:g}"
            for one, limit in limits.items()
            if (found := getattr(quality, one.metadata["measure"])) > limit
        ]


@dataclass(frozen=True)
class Selection:
    """The work on one file; plain data, so that other processes can do it."""

    robot: str
    """Name of the robot."""
    options: ReadOptions
    """What files don't say."""
    conditions: Conditions
    """Which clips pass."""
    dry_run: bool = False
    """Whether to write nothing."""

    def __call__(self, file: PlannedFile) -> list[ClipOutcome]:
        """Return what became of the clips of a file."""

        def select(clip: Motion | SkeletonMotion, target: Path) -> list[ClipOutcome]:
            return [self._select(robot_clip(clip, self.robot), file.source, target)]

        return each_clip(file, self.robot, self.options, select)

    def _select(self, clip: Motion, source: Path, target: Path) -> ClipOutcome:
        broken = self.conditions.broken_by(clip, robot_named(self.robot))
        if broken:
            return ClipOutcome(source, "left out", reason="; ".join(broken))
        if not self.dry_run:
            write_clip(clip, target)
        return ClipOutcome(source, "written", target, frames=clip.num_frames, seconds=clip.duration)
