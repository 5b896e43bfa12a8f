# SPDX-License-Identifier: Apache-2.0
"""Evaluation of tasks without a reference against rollouts that are judged by hand here."""

import dataclasses
import math

import pytest
import torch
from tests.envs.states import leaning

from protomotions_envs import EnvConfig, HumanoidVectorEnv
from protomotions_envs.tasks import SteeringConfig
from protomotions_envs.tasks.free.config import Fall, FreeStart
from protomotions_envs.tasks.free.evaluation import FreeEvaluation, FreeEvaluator
from protomotions_envs.tasks.free.fall_measure import FallMeasure
from protomotions_envs.tasks.free.falls import is_down
from protomotions_envs.tasks.free.measure import Averages, capped

CONFIG = EnvConfig(task=SteeringConfig(), flatten=True)
CPU = torch.device("cpu")


def still(observation: torch.Tensor) -> torch.Tensor:
    """Hold the default pose; the robot tips over within two seconds."""
    return torch.zeros(len(observation), 29)


def evaluate(policy=still, **settings) -> FreeEvaluation:
    """Judge a policy in a few worlds."""
    evaluator = FreeEvaluator(settings.pop("config", CONFIG), num_envs=4, **settings)
    result = evaluator(policy)
    evaluator.close()
    return result


def test_falls_and_errors_are_those_of_a_plain_rollout():
    """Robots that hold their pose stand for about a second; then nothing of them counts."""
    found = evaluate(seconds=2.4, seed=5).metrics
    env = HumanoidVectorEnv(4, config=CONFIG, autoreset_mode="disabled")
    observation, _ = env.reset(seed=5, options={"noise": False})
    up, steps = torch.ones(4, dtype=torch.bool), torch.zeros(4)
    trail, errors = [env.simulator.state.root_pos[:, :2].clone()], []
    for step in range(1, 121):
        told = env.task.goal.direction.clone(), env.task.goal.speed.clone()
        observation, *_ = env.step(still(observation))
        up &= ~is_down(CONFIG.task.fall, env.robot, env.simulator.state)
        steps += up
        trail.append(env.simulator.state.root_pos[:, :2].clone())
        if step >= 25:
            x, y = (2.0 * (trail[-1] - trail[-26])).unbind(1)
            errors.append((x * told[0].cos() + y * told[0].sin() - told[1]).abs()[up])
    env.close()
    assert not up.any()
    assert 0.5 < float(steps.mean()) * 0.02 < 2.4
    assert found["upright"] == 0.0
    assert found["upright_seconds"] == pytest.approx(float(steps.mean()) * 0.02)
    assert found["speed_error_all_m_s"] == pytest.approx(float(torch.cat(errors).mean()), rel=1e-4)


def test_nobody_falls_at_once_and_the_score_counts_errors():
    """Within 0.6 s all stand; none has had its command for a second, so that the error counts as a whole."""
    found = evaluate(seconds=0.6)
    assert found.metrics["upright"] == 1.0
    assert found.metrics["upright_seconds"] == pytest.approx(0.6)
    assert "speed_error_m_s" not in found.metrics
    assert found.metrics["score"] == 0.0
    assert (found.worlds, found.seconds, found.clips) == (4, pytest.approx(0.6), ())


def test_starts_and_commands_follow_the_seed():
    """The same seed gives the same figures, another others; steps can be limited."""
    first, again, other = evaluate(seconds=0.8), evaluate(max_steps=40), evaluate(seconds=0.8, seed=1)
    assert first == again
    assert first.metrics["speed_error_all_m_s"] != other.metrics["speed_error_all_m_s"]


def test_starts_are_without_noise():
    """However much of it there is in training."""
    noisy = dataclasses.replace(CONFIG, task=SteeringConfig(start=FreeStart(joint_pos_noise=0.5, joint_vel_noise=5.0)))
    assert evaluate(config=noisy, seconds=0.8) == evaluate(seconds=0.8)


def test_the_number_of_worlds_suits_the_device():
    """A CPU steps 256."""
    evaluator = FreeEvaluator(dataclasses.replace(CONFIG, device="cpu"), max_steps=1)
    assert evaluator(still).worlds == 256
    evaluator.close()


def test_with_clips_style_counts_as_much_as_the_goal(standing_library):
    """The score is the share that stays up less the mean of both losses."""
    found = evaluate(library=standing_library, seconds=0.6)
    distance = found.metrics["joint_angle_distance_rad"]
    assert 0.0 < distance < 0.3
    assert found.metrics["score"] == pytest.approx(1.0 - (1.0 + distance) / 2)
    assert [clip.clip for clip in found.clips] == ["short", "long"]


def test_who_fell_stays_fallen(g1):
    """Of four robots one sinks and rises again, one tips over, one's world breaks."""
    falls = FallMeasure(Fall(root_height=0.6, tilt=1.2), g1, 4, CPU)
    tall, nobody = g1.config.default_root_height, torch.zeros(4, dtype=torch.bool)
    falls.begin()
    assert falls.count(leaning([tall] * 4, [0.0] * 4), nobody).all()
    falls.count(leaning([0.59 * tall, tall, tall, tall], [0.0, 1.19, 0.0, 0.0]), nobody)
    falls.count(leaning([tall] * 4, [0.0, 1.21, 0.0, 0.0]), torch.tensor([False, False, False, True]))
    upright = falls.count(leaning([tall] * 4, [0.0] * 4), nobody)
    assert upright.tolist() == [False, False, True, False]
    expected = {"upright": 0.25, "upright_seconds": 0.02 * (1 + 2 + 4 + 2) / 4}
    assert falls.metrics() == pytest.approx(expected)
    falls.begin()
    assert falls.count(leaning([tall] * 4, [0.0] * 4), nobody).all()


def test_averages_leave_out_what_does_not_count():
    """Not finite numbers where nothing counts do no harm, and figures without moments don't appear."""
    averages = Averages(("a", "b"), CPU)
    averages.add("a", torch.tensor([1.0, math.nan, 3.0]), torch.tensor([True, False, True]))
    averages.add("a", torch.tensor([5.0, math.inf, -math.inf]), torch.tensor([True, False, False]))
    averages.add("b", torch.tensor([1.0]), torch.tensor([False]))
    assert averages.means() == {"a": 3.0}
    averages.begin()
    assert averages.means() == {}


def test_a_hundred_million_moments_are_not_lost_to_rounding():
    """Single precision would stop counting at 2^24."""
    averages = Averages(("a",), CPU)
    averages.add("a", torch.full((1,), float(1 << 25)), torch.ones(1, dtype=torch.bool))
    for _ in range(4):
        averages.add("a", torch.ones(1), torch.ones(1, dtype=torch.bool))
    assert averages.means()["a"] == ((1 << 25) + 4) / 5


def test_figures_as_shares_of_the_worst():
    """Half of the worst is a half, beyond it is one, and so is a figure that is missing."""
    assert [capped(figures, "a", 2.0) for figures in ({"a": 1.0}, {"a": 5.0}, {})] == [0.5, 1.0, 1.0]
