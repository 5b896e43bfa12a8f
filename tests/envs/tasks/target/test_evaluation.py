# SPDX-License-Identifier: Apache-2.0
"""Targets that robots reach at known times, or don't."""

import dataclasses

import pytest
import torch
from tests.envs.states import random_state

from protomotions_envs.state import RobotState
from protomotions_envs.tasks.target.config import TargetConfig
from protomotions_envs.tasks.target.evaluation import TargetMeasure
from protomotions_envs.tasks.target.goal import TargetGoal

DT = 0.02


def at(*places: float) -> RobotState:
    """Robots whose roots are on the world's x axis, m."""
    state = random_state(len(places), 2, 1)
    position = state.body_pos.clone()
    position[:, 0, 0], position[:, 0, 1] = torch.tensor(places), 0.0
    return dataclasses.replace(state, body_pos=position)


class Worlds:
    """Robots with a target at x = 1 m that is replaced, by one at x = 5 m, after some steps."""

    def __init__(self, *steps: int) -> None:
        count = len(steps)
        self.goal = TargetGoal(TargetConfig(success_radius=0.25), DT, count, torch.device("cpu"))
        self.goal.command(position=torch.tensor([1.0, 0.0]))
        self.goal.steps_left.copy_(torch.tensor(steps))
        self.measure = TargetMeasure(self.goal, DT)
        self.measure.begin(at(*[0.0] * count))
        self.up = torch.ones(count, dtype=torch.bool)

    def count(self, *places: float, repeat: int = 1) -> None:
        """Let steps pass, after each of which the robots are at these places."""
        for _ in range(repeat):
            self.goal.advance()
            over = self.goal.steps_left == 0
            self.goal.position[over] = torch.tensor([5.0, 0.0])
            self.goal.age.masked_fill_(over, 0)
            self.measure.count(at(*places), self.up)


def test_reached_and_missed_targets_by_hand():
    """One of two worlds is near its target from the 11th of 20 steps on; the targets after these stay open."""
    worlds = Worlds(20, 20)
    worlds.count(0.0, 0.0, repeat=10)
    worlds.count(0.8, 0.7, repeat=10)
    worlds.count(5.0, 5.0, repeat=10)
    figures = worlds.measure.metrics()
    assert figures["targets_reached"] == 0.5
    assert figures["reach_seconds"] == pytest.approx(11 * DT)
    mean = (10 * 1.0 + 10 * 0.2 + 10 * 1.0 + 10 * 0.3) / 60
    assert figures["target_distance_m"] == pytest.approx(mean, abs=1e-5)


def test_coming_near_in_the_last_step_and_passing_by_count():
    """A target is reached by being near once; the step in which it is replaced still belongs to it."""
    worlds = Worlds(5, 5)
    worlds.count(0.0, 1.0)
    worlds.count(0.0, 3.0, repeat=3)
    worlds.count(1.2, 3.0)
    figures = worlds.measure.metrics()
    assert figures["targets_reached"] == 1.0
    assert figures["reach_seconds"] == pytest.approx((5 + 1) / 2 * DT)


def test_a_fall_before_the_target_misses_it():
    """Fallen robots have missed what they had not reached, and have no targets any more."""
    worlds = Worlds(5, 5, 100)
    worlds.count(0.0, 1.0, 0.0)
    worlds.up = torch.tensor([False, False, True])
    worlds.count(1.0, float("nan"), 0.0, repeat=10)
    figures = worlds.measure.metrics()
    assert figures["targets_reached"] == 0.5
    assert figures["reach_seconds"] == pytest.approx(DT)
    assert figures["target_distance_m"] == pytest.approx((1.0 + 0.0 + 11 * 1.0) / 13, abs=1e-5)


def test_each_target_is_judged_for_itself():
    """Having reached the first says nothing of the second."""
    worlds = Worlds(5)
    worlds.count(1.0, repeat=5)
    worlds.goal.steps_left.fill_(5)
    worlds.count(1.0, repeat=5)
    assert worlds.measure.metrics()["targets_reached"] == 0.5


def test_loss_and_a_new_beginning():
    """Half of it is missed targets and half the distance in shares of 6 m; no figures are as bad as can be."""
    worlds = Worlds(5)
    worlds.count(0.4, repeat=5)
    measure = worlds.measure
    assert measure.loss(measure.metrics()) == pytest.approx(0.5 + 0.5 * 0.1, abs=1e-5)
    assert measure.loss({"targets_reached": 1.0, "target_distance_m": 0.0}) == 0.0
    assert measure.loss({}) == 1.0
    measure.begin(at(0.0))
    assert measure.metrics() == {}
