# SPDX-License-Identifier: Apache-2.0
"""Settings of the randomisation: presets, what a simulator must be able to do, mistakes."""

import dataclasses

import pytest

from protomotions_envs import EnvConfig, ProtoMotionsError, SimulatorError
from protomotions_envs.randomization import (
    BEYONDMIMIC,
    EVERYTHING,
    PRESETS,
    CommandErrors,
    ObservationNoise,
    PhysicsRanges,
    Pushes,
    RandomizationConfig,
)
from protomotions_envs.simulators import SIMULATORS


def test_all_is_off_by_default():
    """Nothing is asked of a simulator, and the preset of nothing is the default."""
    config = EnvConfig().randomization
    assert config.needs == frozenset()
    assert config.resolved() == config == PRESETS["none"]


@pytest.mark.parametrize(("name", "preset"), [("beyondmimic", BEYONDMIMIC), ("everything", EVERYTHING)])
def test_a_preset_gives_its_values(name, preset):
    """By name, as the command line does, or as a constant."""
    assert RandomizationConfig(preset=name).resolved() == preset
    assert preset.needs >= {"friction", "centre_of_mass", "pushes"}


def test_what_is_set_goes_before_the_preset():
    """One value of a group is replaced, the others are the preset's."""
    config = RandomizationConfig(preset="beyondmimic", seed=7, pushes=Pushes(interval=(4.0, 5.0))).resolved()
    assert config == dataclasses.replace(
        BEYONDMIMIC, seed=7, pushes=dataclasses.replace(BEYONDMIMIC.pushes, interval=(4.0, 5.0))
    )


def test_evaluations_go_without_pushes_and_keep_the_rest():
    """Also where a preset had switched the pushes on."""
    for config in (EVERYTHING, RandomizationConfig(preset="everything")):
        calm = config.without_pushes()
        assert calm.pushes.interval is None
        assert calm.needs == EVERYTHING.needs - {"pushes"}
        assert calm.resolved() == dataclasses.replace(EVERYTHING, pushes=calm.pushes)


def test_a_simulator_that_cannot_is_refused_with_the_settings(monkeypatch):
    """Nothing is built; the message names what is missing and the simulators that can."""
    entry = dataclasses.replace(SIMULATORS["mujoco"], capabilities=frozenset({"friction"}))
    monkeypatch.setitem(SIMULATORS, "feeble", entry)
    EnvConfig(simulator="feeble", randomization=RandomizationConfig(physics=PhysicsRanges(friction=(0.5, 1.0))))
    with pytest.raises(SimulatorError, match=r"can't randomise centre_of_mass, pushes; .*: mujoco, mujoco-warp"):
        EnvConfig(simulator="feeble", randomization=RandomizationConfig(preset="beyondmimic"))


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: RandomizationConfig(preset="beyond_mimic"), "Did you mean 'beyondmimic'"),
        (lambda: RandomizationConfig(seed=-1), "seed"),
        (lambda: PhysicsRanges(friction=(1.0, 0.5)), "friction must be null or two rising numbers"),
        (lambda: PhysicsRanges(body_mass_scale=(0.0, 1.0)), "body_mass_scale"),
        (lambda: PhysicsRanges(damping_scale=(-1.0, 1.0)), "damping_scale"),
        (lambda: PhysicsRanges(torso_com=(0.0, -0.1, 0.0)), "torso_com"),
        (lambda: CommandErrors(joint_bias=-0.1), "joint_bias"),
        (lambda: CommandErrors(delay=(2, 1)), "delay"),
        (lambda: Pushes(interval=(0.0, 1.0)), "interval"),
        (lambda: Pushes(linear=(0.5, float("nan"), 0.0)), "linear"),
        (lambda: ObservationNoise(joint_vel=-0.5), "joint_vel"),
    ],
)
def test_values_out_of_range_are_refused(build, message):
    """Settings check themselves."""
    with pytest.raises(ProtoMotionsError, match=message):
        build()
