# SPDX-License-Identifier: Apache-2.0
"""Errors of speed and direction of robots whose ways are known."""

import dataclasses
import math

import pytest
import torch
from tests.envs.states import random_state

from protomotions_envs.state import RobotState
from protomotions_envs.tasks.steering.config import SteeringConfig
from protomotions_envs.tasks.steering.evaluation import SteeringMeasure
from protomotions_envs.tasks.steering.goal import SteeringGoal

DT = 0.02
ALL = torch.ones(1, dtype=torch.bool)


def at(x: float, y: float) -> RobotState:
    """A robot whose root is at a place; velocities are arbitrary, since the way is what counts."""
    state = random_state(1, 2, 1)
    position = state.body_pos.clone()
    position[0, 0, :2] = torch.tensor([x, y])
    return dataclasses.replace(state, body_pos=position)


def measure_of(**told: float) -> tuple[SteeringGoal, SteeringMeasure]:
    """A command and what measures it."""
    goal = SteeringGoal(SteeringConfig(), DT, 0, 1, torch.device("cpu"))
    goal.command(**told)
    return goal, SteeringMeasure(goal, DT)


def walk(velocity: tuple[float, float], steps: int, **told: float) -> dict[str, float]:
    """Figures of a robot that walks at a constant velocity, m/s."""
    goal, measure = measure_of(**told)
    measure.begin(at(0.0, 0.0))
    for step in range(1, steps + 1):
        goal.advance()
        measure.count(at(velocity[0] * step * DT, velocity[1] * step * DT), ALL)
    return measure.metrics()


def test_errors_of_a_constant_velocity_by_hand():
    """Told 1 m/s at 30 degrees to the left, a robot goes 0.8 m/s straight on."""
    figures = walk((0.8, 0.0), 80, direction=math.pi / 6, speed=1.0)
    speed = 1.0 - 0.8 * math.cos(math.pi / 6)
    expected = {"speed_error_m_s": speed, "direction_error_deg": 30.0}
    expected |= {"speed_error_all_m_s": speed, "direction_error_all_deg": 30.0}
    assert figures == pytest.approx(expected, abs=1e-3)


def test_walking_backwards_is_wrong_in_speed_and_direction():
    """At 1 m/s against the command both errors are the largest."""
    figures = walk((-1.0, 0.0), 60, direction=0.0, speed=1.0)
    assert figures["speed_error_m_s"] == pytest.approx(2.0, abs=1e-4)
    assert figures["direction_error_deg"] == pytest.approx(180.0, abs=1e-2)


def test_who_stands_where_it_should_walk_has_no_right_direction():
    """The speed is missing altogether, and the direction counts as a right angle."""
    figures = walk((0.0, 0.0), 60, direction=0.0, speed=1.5)
    assert figures["speed_error_m_s"] == pytest.approx(1.5)
    assert figures["direction_error_deg"] == 90.0


def test_who_should_stand_drifts():
    """Told to stand, only speed and drift are counted; slow commands have no direction either."""
    figures = walk((0.0, 0.1), 60, direction=0.0, speed=0.0)
    assert figures["standing_drift_m_s"] == pytest.approx(0.1, abs=1e-4)
    assert "direction_error_deg" not in figures
    slow = walk((0.2, 0.0), 60, direction=0.0, speed=0.29)
    assert set(slow) == {"speed_error_m_s", "speed_error_all_m_s"}
    assert "direction_error_deg" in walk((0.2, 0.0), 60, direction=0.0, speed=0.3)


@pytest.mark.parametrize(("steps", "names"), [(24, set()), (25, {"all"}), (49, {"all"}), (50, {"all", "settled"})])
def test_moments_count_after_half_a_second_and_settled_ones_after_a_whole(steps, names):
    """The window must be full, and settled moments have had the command for 1 s."""
    figures = walk((1.0, 0.0), steps, direction=0.0, speed=1.0)
    found = {"all"} if "speed_error_all_m_s" in figures else set()
    assert found | ({"settled"} if "speed_error_m_s" in figures else set()) == names


def test_sway_with_the_windows_period_does_not_count():
    """A root that sways 4 cm either way twice a second walks straight on average."""
    goal, measure = measure_of(direction=0.0, speed=1.0)
    measure.begin(at(0.0, 0.0))
    for step in range(1, 101):
        goal.advance()
        measure.count(at(step * DT, 0.04 * math.sin(4 * math.pi * step * DT)), ALL)
    figures = measure.metrics()
    assert figures["direction_error_deg"] < 0.01
    assert figures["speed_error_m_s"] < 1e-4


def test_a_step_is_judged_by_the_command_that_it_was_told():
    """In the step in which the command has just held for 1 s it is replaced; what came before counts once."""
    goal, measure = measure_of(direction=0.0, speed=1.0)
    measure.begin(at(0.0, 0.0))
    for step in range(1, 51):
        goal.advance()
        if step == 50:
            goal.direction.fill_(math.pi)
            goal.age.zero_()
        measure.count(at(step * DT, 0.0), ALL)
    for step in range(51, 60):
        goal.advance()
        measure.count(at(step * DT, 0.0), ALL)
    figures = measure.metrics()
    assert figures["direction_error_deg"] == pytest.approx(0.0, abs=1e-3)
    # Of the 35 moments from 0.5 s on, 9 are after the change.
    assert figures["direction_error_all_deg"] == pytest.approx(180.0 * 9 / 35, abs=1e-2)


def test_what_has_fallen_does_not_count_and_poisons_nothing():
    """A world that is no longer counted may hold anything."""
    goal, measure = measure_of(direction=0.0, speed=1.0)
    measure.begin(at(0.0, 0.0))
    for step in range(1, 81):
        goal.advance()
        up = step <= 60
        measure.count(at(step * DT if up else math.nan, 0.0), ALL if up else ~ALL)
    assert measure.metrics()["speed_error_m_s"] == pytest.approx(0.0, abs=1e-4)


def test_beginning_anew_forgets_everything():
    """A second evaluation with the same measure starts from nothing."""
    goal, measure = measure_of(direction=0.0, speed=1.0)
    measure.begin(at(0.0, 0.0))
    for step in range(1, 81):
        goal.advance()
        measure.count(at(-step * DT, 0.0), ALL)
    goal.age.zero_()
    measure.begin(at(0.0, 0.0))
    assert measure.metrics() == {}
    for step in range(1, 51):
        goal.advance()
        measure.count(at(step * DT, 0.0), ALL)
    assert measure.metrics()["speed_error_m_s"] == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize(
    ("figures", "loss"),
    [
        ({"speed_error_m_s": 0.2, "direction_error_deg": 9.0}, 0.15),
        ({"speed_error_m_s": 3.0, "direction_error_deg": 45.0}, 0.75),
        ({"speed_error_m_s": 0.0, "direction_error_deg": 0.0}, 0.0),
        ({}, 1.0),
    ],
)
def test_loss_is_the_mean_of_both_errors(figures, loss):
    """As shares of 1 m/s and of a right angle; no figures are as bad as can be."""
    _, measure = measure_of(speed=1.0)
    assert measure.loss(figures) == pytest.approx(loss)
