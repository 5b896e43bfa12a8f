# SPDX-License-Identifier: Apache-2.0
"""Settings of what differs between worlds and disturbs episodes, for all tasks; all off by default."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Literal, TypeVar, get_args

from protomotions_envs.errors import ProtoMotionsError, did_you_mean
from protomotions_envs.randomization.commands import CommandErrors
from protomotions_envs.randomization.observation_noise import ObservationNoise
from protomotions_envs.randomization.physics import PhysicsRanges
from protomotions_envs.randomization.pushes import Pushes
from protomotions_envs.simulators import Capability

PresetName = Literal["none", "beyondmimic", "everything"]
Group = TypeVar("Group", PhysicsRanges, CommandErrors, Pushes, ObservationNoise)


@dataclass(frozen=True)
class RandomizationConfig:
    """Domain randomisation: policies that cope with all of it are more likely to cope with a real robot.

    From the command line `--overrides env.randomization.preset=beyondmimic` turns everything on that BeyondMimic has,
    and `env.randomization.pushes.interval=[2,5]` sets or changes one thing.

    Noise on the states in which episodes start belongs to the tasks: `task.start.joint_pos_noise` and
    `task.start.joint_vel_noise`, on by default.

    Evaluations call `without_pushes` and, but for more trials of a clip, start without noise: a push at a random moment
    and a start that none could save are no fault of the policy that is judged. What a policy has to live with all the
    time (friction, masses, gains, noise, delay) stays on, as in the worlds that it was trained in. For ideal worlds set
    `RandomizationConfig()`.
    """

    preset: PresetName = "none"
    """Where the values of all settings come from that are off here: one of `PRESETS`."""
    seed: int = 0
    """What worlds are drawn from when an environment is made; `reset(options={"randomization_seed": seed})` draws
    others. Processes that train together have different worlds all the same."""
    physics: PhysicsRanges = field(default_factory=PhysicsRanges)
    """Friction, masses, centres of mass and gains, drawn once per world."""
    commands: CommandErrors = field(default_factory=CommandErrors)
    """Offset and delay of the joint targets."""
    pushes: Pushes = field(default_factory=Pushes)
    """Sudden changes of the root's velocity."""
    observation_noise: ObservationNoise = field(default_factory=ObservationNoise)
    """Noise on what policies see."""

    def __post_init__(self) -> None:
        names = get_args(PresetName)
        if self.preset not in names:
            raise ProtoMotionsError(
                f"Unknown preset {self.preset!r}.{did_you_mean(self.preset, names)} There are: {', '.join(names)}"
            )
        if self.seed < 0:
            raise ProtoMotionsError(f"The seed of the randomisation must be 0 or more, not {self.seed}")

    def resolved(self) -> RandomizationConfig:
        """Return the same settings with the preset's values written out."""
        preset = PRESETS[self.preset]
        return dataclasses.replace(
            self,
            preset="none",
            physics=_filled(self.physics, preset.physics),
            commands=_filled(self.commands, preset.commands),
            pushes=_filled(self.pushes, preset.pushes),
            observation_noise=_filled(self.observation_noise, preset.observation_noise),
        )

    def without_pushes(self) -> RandomizationConfig:
        """Return the settings for evaluations: without pushes, everything else as it is."""
        return dataclasses.replace(self.resolved(), pushes=Pushes())

    @property
    def needs(self) -> frozenset[Capability]:
        """What a simulator must be able to do."""
        settings = self.resolved()
        pushes: frozenset[Capability] = frozenset() if settings.pushes.interval is None else frozenset({"pushes"})
        return settings.physics.needs | pushes


def _filled(own: Group, preset: Group) -> Group:
    """Return settings in which those at their defaults have the preset's values."""
    off = {name: value for name, value in vars(type(own)()).items() if getattr(own, name) == value}
    return dataclasses.replace(own, **{name: getattr(preset, name) for name in off})


BEYONDMIMIC = RandomizationConfig(
    physics=PhysicsRanges(friction=(0.3, 1.6), torso_com=(0.025, 0.05, 0.05)),
    commands=CommandErrors(joint_bias=0.025),
    pushes=Pushes(interval=(1.0, 3.0), linear=(0.5, 0.5, 0.2), angular=(0.52, 0.52, 0.78)),
    observation_noise=ObservationNoise(joint_pos=0.01, joint_vel=0.5, anchor_rot=0.05, anchor_ang_vel=0.2),
)
"""The values of BeyondMimic (Liao et al. 2025) as ProtoMotions 3.1 has them; of its two ranges of friction the static
one."""

EVERYTHING = dataclasses.replace(
    BEYONDMIMIC,
    physics=dataclasses.replace(
        BEYONDMIMIC.physics, body_mass_scale=(0.9, 1.1), stiffness_scale=(0.9, 1.1), damping_scale=(0.9, 1.1)
    ),
    commands=dataclasses.replace(BEYONDMIMIC.commands, delay=(0, 1)),
)
"""`BEYONDMIMIC`, and what it leaves out: masses, drive gains and a delay."""

PRESETS: dict[str, RandomizationConfig] = {
    "none": RandomizationConfig(),
    "beyondmimic": BEYONDMIMIC,
    "everything": EVERYTHING,
}
"""Settings by the names that `preset` takes."""
