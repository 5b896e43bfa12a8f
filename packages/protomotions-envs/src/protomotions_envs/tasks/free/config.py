# SPDX-License-Identifier: Apache-2.0
"""Settings that all tasks without a reference share."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.tasks.regularizers import Regularizers


@dataclass(frozen=True)
class FreeStart:
    """Where episodes start: at random frames of the clips, or in the default pose where there are none."""

    joint_pos_noise: float = 0.05
    """Standard deviation added to joint angles, rad."""
    joint_vel_noise: float = 0.1
    """Standard deviation added to joint and root velocities, rad/s and m/s."""
    default_pose_fraction: float = 0.0
    """Share of episodes that start in the default pose although there are clips."""

    def __post_init__(self) -> None:
        for name in ("joint_pos_noise", "joint_vel_noise"):
            if getattr(self, name) < 0:
                raise ProtoMotionsError(f"{name} must be 0 or more, not {getattr(self, name)}")
        if not 0 <= self.default_pose_fraction <= 1:
            raise ProtoMotionsError(f"default_pose_fraction must lie in 0..1, not {self.default_pose_fraction}")


@dataclass(frozen=True)
class Fall:
    """When a robot counts as fallen, which ends its episode: when it has been down for too long."""

    root_height: float | None = 0.6
    """Height of the root under which it is down, as a share of its height in the default pose; None for no such."""
    tilt: float | None = 1.2
    """Angle between the root's z axis and the vertical above which it is down, rad; None for no such."""
    seconds: float = 0.0
    """How long a robot may be down at a stretch, s: clips may roll, crawl or get up."""

    def __post_init__(self) -> None:
        for name in ("root_height", "tilt"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ProtoMotionsError(f"Fall {name} must be positive or null, not {value}")
        if self.seconds < 0:
            raise ProtoMotionsError(f"Fall seconds must be 0 or more, not {self.seconds}")


@dataclass(frozen=True)
class FreeConfig:
    """Settings of tasks without a reference."""

    needs_motion: ClassVar[bool] = False
    """Whether the task is nothing without clips."""

    observations: tuple[str, ...] = ("max_coords", "joint_state", "previous_action")
    """Observation terms in order; the goal's own and, with clips, `style` follow."""
    style_steps: tuple[int, ...] = (0, 1, 2, 4)
    """How many control steps ago the moments were that the term `style` shows to a discriminator. Where a clip holds a
    pose for longer than they reach back, that can't be told from standing still: add 8 and 16 for dances."""
    action_scale: float = 1.0
    """Share of the robot's `action_reach` that an action of 1 asks for."""
    start: FreeStart = field(default_factory=FreeStart)
    """Where episodes start."""
    fall: Fall = field(default_factory=Fall)
    """When a robot has fallen."""
    fall_cost: float = 0.0
    """Price of a fall, in units of reward. The reward that a fall forgoes may be less than what risking it earns: a
    robot that runs into each change of its goal obeys sooner."""
    regularizers: Regularizers = field(default_factory=Regularizers)
    """Prices of how the robot moves."""

    def __post_init__(self) -> None:
        if not self.observations:
            raise ProtoMotionsError("observations must name at least one term")
        if not self.style_steps or min(self.style_steps) < 0 or len(set(self.style_steps)) < len(self.style_steps):
            raise ProtoMotionsError(f"style_steps must be different control steps from 0 up, not {self.style_steps}")
        if self.fall_cost < 0:
            raise ProtoMotionsError(f"fall_cost must be 0 or more, not {self.fall_cost}")
        if self.action_scale <= 0:
            raise ProtoMotionsError(f"action_scale must be positive, not {self.action_scale}")


@dataclass(frozen=True)
class StyleConfig(FreeConfig):
    """Move in the style of clips, with no goal."""

    needs_motion: ClassVar[bool] = True
    name: Literal["style"] = "style"
    """Which task this configures."""
