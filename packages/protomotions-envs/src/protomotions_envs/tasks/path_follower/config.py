# SPDX-License-Identifier: Apache-2.0
"""Settings of path following."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.tasks.free.config import FreeConfig


@dataclass(frozen=True)
class Heights:
    """How high paths take the head, as shares of its body's height in the default pose, so that they fit any robot.

    ProtoMotions draws heights of 0.4 to 1.5 m for people of 1.8 m; these are the same shares. Episodes of robots that
    should crawl need a `Fall` that lets them.
    """

    enabled: bool = False
    """Whether heights are part of the path, its observation, its reward and its end."""
    lowest: float = 0.26
    """Least height, share."""
    highest: float = 0.97
    """Greatest height, share."""
    max_speed: float = 0.5
    """Greatest speed up or down, m/s."""
    acceleration: float = 0.2
    """Greatest change of that speed, m/s^2."""
    slow_fraction: float = 0.2
    """Share of the paths' `max_speed` that is left at the least height; it grows linearly from there."""
    full_speed: float = 0.77
    """Height from which on paths have their whole speed, share."""

    def __post_init__(self) -> None:
        if not 0 < self.lowest < self.highest:
            raise ProtoMotionsError(f"heights need 0 < lowest < highest, not {self.lowest} and {self.highest}")
        if self.full_speed <= self.lowest:
            raise ProtoMotionsError(f"full_speed must be above lowest, {self.lowest}, not {self.full_speed}")
        if not 0 <= self.slow_fraction <= 1:
            raise ProtoMotionsError(f"slow_fraction must lie in 0..1, not {self.slow_fraction}")
        if self.max_speed <= 0 or self.acceleration < 0:
            raise ProtoMotionsError(
                "heights need a positive max_speed and an acceleration of 0 or more, "
                f"not {self.max_speed} and {self.acceleration}"
            )


@dataclass(frozen=True)
class Paths:
    """How paths are drawn, piece by piece and without end (ProtoMotions' path generator).

    At each vertex heading and speed change at random. Speeds are reflected at 0 and `max_speed`, so that in the long
    run all of them are as likely.
    """

    max_speed: float = 2.0
    """Greatest speed, m/s. ProtoMotions takes 5; robots of 1.3 m with motors of 20 rad/s at the knee can't sprint."""
    start_speed: float = 1.0
    """Speeds at the start are drawn from 0 to this, m/s."""
    acceleration: float = 2.0
    """Greatest change of speed, m/s^2."""
    turn_rate: float = 2.0
    """Greatest change of heading, rad/s."""
    sharp_turns: float = 0.2
    """Mean number per second of turns by any angle, on the spot."""
    vertex_seconds: float = 0.1
    """Time from one vertex to the next; at least a control step."""
    heights: Heights = field(default_factory=Heights)
    """How high paths take the head."""

    def __post_init__(self) -> None:
        for name in ("max_speed", "vertex_seconds"):
            if getattr(self, name) <= 0:
                raise ProtoMotionsError(f"Path {name} must be positive, not {getattr(self, name)}")
        for name in ("acceleration", "turn_rate", "sharp_turns"):
            if getattr(self, name) < 0:
                raise ProtoMotionsError(f"Path {name} must be 0 or more, not {getattr(self, name)}")
        if not 0 <= self.start_speed <= self.max_speed:
            raise ProtoMotionsError(f"start_speed must lie in 0..max_speed, {self.max_speed}, not {self.start_speed}")
        if self.sharp_turns * self.vertex_seconds > 1:
            raise ProtoMotionsError(
                f"There is one vertex in {self.vertex_seconds} s, too few for {self.sharp_turns} sharp_turns per second"
            )


@dataclass(frozen=True)
class PathRewards:
    """Weight and scales: weight exp(-position_scale distance^2 - height_scale height error^2)."""

    position: float = 1.0
    """Weight."""
    position_scale: float = 2.0
    """Steepness over the horizontal distance from the head to its point of the path, 1/m^2."""
    height_scale: float = 10.0
    """Steepness over the difference of heights, 1/m^2; without heights there is no such factor."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value < 0:
                raise ProtoMotionsError(f"Path reward {name} must be 0 or more, not {value}")


@dataclass(frozen=True)
class PathTerminations:
    """When the path is lost, which ends the episode; None switches a check off."""

    max_distance: float | None = 1.0
    """Horizontal distance from the head to its point of the path, m."""
    max_height_error: float | None = 0.5
    """Difference of heights, m; for paths with heights."""
    grace_seconds: float = 1 / 3
    """Time after the start of a path in which it can't be lost."""

    def __post_init__(self) -> None:
        for name in ("max_distance", "max_height_error"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise ProtoMotionsError(f"Termination {name} must be positive or null, not {value}")
        if self.grace_seconds < 0:
            raise ProtoMotionsError(f"grace_seconds must be 0 or more, not {self.grace_seconds}")


@dataclass(frozen=True)
class PathFollowerConfig(FreeConfig):
    """Keep the head over a point that moves along a path."""

    name: Literal["path_follower"] = "path_follower"
    """Which task this configures."""
    samples: int = 10
    """Points of the path that are observed; the first is where the head should be now."""
    sample_seconds: float = 0.3
    """Time between these points."""
    paths: Paths = field(default_factory=Paths)
    """How paths are drawn."""
    rewards: PathRewards = field(default_factory=PathRewards)
    """Weights of the reward terms."""
    terminations: PathTerminations = field(default_factory=PathTerminations)
    """When the path is lost."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.samples < 1 or self.sample_seconds <= 0:
            raise ProtoMotionsError(
                f"samples must be at least 1 and sample_seconds positive, not {self.samples} and {self.sample_seconds}"
            )
