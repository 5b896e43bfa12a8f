# SPDX-License-Identifier: Apache-2.0
"""Settings of motion tracking."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.tasks.regularizers import Penalty, Regularizers

_FREE = Penalty(0.0, 4.0)


@dataclass(frozen=True)
class Tracking:
    """A tracking reward: weight * exp(-scale * squared error)."""

    weight: float
    """Share in the reward; 0 leaves the term out."""
    scale: float
    """Steepness, one over the squared unit of the error."""


@dataclass(frozen=True)
class MimicRewards:
    """Weights of the reward terms; the functions are in `protomotions_envs.terms.rewards`.

    The defaults favour fast learning of single clips: BeyondMimic's tracking terms, two of them steeper so that small
    constant errors of the joints count, plus root terms. `DEEPMIMIC_REWARDS` is the DeepMimic set as ProtoMotions
    weighs it. Costs of how the robot moves are `Regularizers`.
    """

    body_position: Tracking = Tracking(0.15, 75.0)
    """All body positions, world frame."""
    relative_body_position: Tracking = Tracking(0.2, 2000.0)
    """Body positions in the heading frame of the root."""
    body_rotation: Tracking = Tracking(0.2, 25.0)
    """All body orientations."""
    body_velocity: Tracking = Tracking(0.15, 3.0)
    """Linear velocities."""
    body_angular_velocity: Tracking = Tracking(0.15, 0.3)
    """Angular velocities."""
    root_position: Tracking = Tracking(0.075, 11.1)
    """Root position."""
    root_rotation: Tracking = Tracking(0.075, 6.25)
    """Root orientation."""
    root_height: Tracking = Tracking(0.0, 100.0)
    """Root height."""
    contact_mismatch: Penalty = _FREE
    """Feet whose ground contact differs from the reference's."""


DEEPMIMIC_REWARDS = MimicRewards(
    body_position=Tracking(0.5, 100.0),
    relative_body_position=Tracking(0.0, 100.0),
    body_rotation=Tracking(0.3, 5.0),
    body_velocity=Tracking(0.1, 0.5),
    body_angular_velocity=Tracking(0.1, 0.1),
    root_position=Tracking(0.0, 11.1),
    root_rotation=Tracking(0.0, 6.25),
    root_height=Tracking(0.2, 100.0),
    contact_mismatch=Penalty(0.1, 4.0),
)
"""The DeepMimic set (Peng et al. 2018, section 5) with the weights that ProtoMotions 3.1 gives it."""

DEEPMIMIC_REGULARIZERS = Regularizers(action_rate=Penalty(0.02, 2.0), power=Penalty(1e-5, 50_000.0))
"""The costs that ProtoMotions 3.1 adds to that set."""


@dataclass(frozen=True)
class MimicTerminations:
    """Early termination: an episode fails when an error passes its threshold; None switches a check off."""

    mean_body_error: float | None = 0.5
    """Mean distance of the bodies to their references, m."""
    max_body_error: float | None = None
    """Largest distance of a body to its reference, m."""
    root_height_error: float | None = 0.25
    """Difference of root heights, m."""
    root_tilt_error: float | None = 0.8
    """Angle between the roots' z axes, rad."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is not None and value <= 0:
                raise ProtoMotionsError(f"Termination {name} must be positive or null, not {value}")


@dataclass(frozen=True)
class MimicStart:
    """Reference state initialisation: where in the clips episodes start (DeepMimic, section 6.1)."""

    start_fraction: float = 0.1
    """Share of episodes that start at the first frame of a clip."""
    failure_fraction: float = 0.7
    """Share of the other episodes that start shortly before moments where the policy failed lately."""
    bin_seconds: float = 0.5
    """Length of the stretches of clip whose failures are counted together."""
    failure_decay: float = 0.999
    """Factor per control step by which failures are forgotten."""
    joint_pos_noise: float = 0.05
    """Standard deviation added to joint angles, rad."""
    joint_vel_noise: float = 0.1
    """Standard deviation added to joint and root velocities, rad/s and m/s."""

    def __post_init__(self) -> None:
        for name in ("start_fraction", "failure_fraction", "failure_decay"):
            if not 0 <= getattr(self, name) <= 1:
                raise ProtoMotionsError(f"{name} must lie in 0..1, not {getattr(self, name)}")
        if self.bin_seconds <= 0:
            raise ProtoMotionsError(f"bin_seconds must be positive, not {self.bin_seconds}")


@dataclass(frozen=True)
class MimicConfig:
    """Track reference motions."""

    needs_motion: ClassVar[bool] = True
    """Whether the task is nothing without clips."""
    name: Literal["mimic"] = "mimic"
    """Which task this configures."""
    observations: tuple[str, ...] = (
        "max_coords",
        "joint_state",
        "future_poses",
        "reference_joint_vel",
        "body_difference",
        "previous_action",
    )
    """Observation terms in order; see `protomotions_envs.tasks.mimic.observations`."""
    future_steps: tuple[int, ...] = (1, 2, 4, 8)
    """Frames ahead, in control steps, that `future_poses` and `mimic_target` show."""
    action: Literal["reference_residual", "default_offset"] = "reference_residual"
    """What an action of zero asks for: the next frame's joint angles or the robot's default pose."""
    action_scale: float = 1.0
    """Share of a joint's effort limit that an action of 1 asks for at rest; DeepMimic-like trackers use 0.25 to 1."""
    rewards: MimicRewards = field(default_factory=MimicRewards)
    """Weights of the reward terms."""
    regularizers: Regularizers = field(default_factory=lambda: Regularizers(action_rate=Penalty(0.07, 2.0)))
    """Prices of how the robot moves."""
    terminations: MimicTerminations = field(default_factory=MimicTerminations)
    """When an episode has failed."""
    start: MimicStart = field(default_factory=MimicStart)
    """Where episodes start."""

    def __post_init__(self) -> None:
        if not self.observations:
            raise ProtoMotionsError("observations must name at least one term")
        if not self.future_steps or min(self.future_steps) < 1:
            raise ProtoMotionsError(f"future_steps must be positive control steps, not {self.future_steps}")
        if self.action_scale <= 0:
            raise ProtoMotionsError(f"action_scale must be positive, not {self.action_scale}")
