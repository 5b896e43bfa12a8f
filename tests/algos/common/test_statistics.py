# SPDX-License-Identifier: Apache-2.0
"""Figures of an epoch."""

import math

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode
from gymnasium.wrappers.vector import RecordEpisodeStatistics

from protomotions_algos.common.statistics import EpisodeStatistics, MetricSums, record_info

CPU = torch.device("cpu")


def test_means_and_totals():
    """Means divide by how often they were added, totals don't; taking begins anew."""
    metrics = MetricSums()
    for value in (1.0, 2.0, 6.0):
        metrics.mean("mean", torch.tensor(value))
        metrics.total("total", torch.tensor(value))
    metrics.means(("mean", "other"), torch.tensor([7.0, 8.0]))
    assert metrics.take() == {"mean": 4.0, "total": 9.0, "other": 8.0}
    assert metrics.take() == {}


def record(statistics, rewards, dones, valid=None, info=None):
    """Feed one world step by step and return the summary."""
    metrics = MetricSums()
    for t, (reward, done) in enumerate(zip(rewards, dones, strict=True)):
        ok = None if valid is None else torch.tensor([valid[t]])
        statistics.record(metrics, torch.tensor([reward]), torch.tensor([done]), ok, info or {})
    figures = metrics.take()
    statistics.summarize(figures)
    return figures


def test_own_returns_and_lengths():
    """Episodes of 1 + 2 and 4 + 8 + 16 have the mean return 15.5 and length 2.5."""
    figures = record(EpisodeStatistics(1, CPU), [1.0, 2.0, 4.0, 8.0, 16.0], [False, True, False, False, True])
    assert figures["rollout/episode_return"] == 15.5
    assert figures["rollout/episode_length"] == 2.5
    assert figures["rollout/episodes"] == 2


def test_reset_steps_do_not_count():
    """The step that only resets adds neither reward nor length."""
    figures = record(EpisodeStatistics(1, CPU), [1.0, 50.0, 4.0], [True, False, True], [True, False, True])
    assert figures["rollout/episode_return"] == 2.5
    assert figures["rollout/episode_length"] == 1.0


def test_before_the_first_end():
    """Without a finished episode there is no mean, and nothing pretends there is."""
    assert math.isnan(record(EpisodeStatistics(1, CPU), [1.0], [False])["rollout/episode_return"])


def test_mean_goes_over_the_window():
    """Epochs drop out once newer ones hold enough episodes."""
    statistics = EpisodeStatistics(1, CPU, window=2)
    assert record(statistics, [2.0], [True])["rollout/episode_return"] == 2.0
    assert record(statistics, [4.0], [True])["rollout/episode_return"] == 3.0
    assert record(statistics, [6.0], [True])["rollout/episode_return"] == 5.0
    assert record(statistics, [6.0], [False])["rollout/episode_return"] == 5.0


def test_restart_forgets_what_was_given_up():
    """Rewards of an episode that a restart cut aren't added to the next."""
    statistics = EpisodeStatistics(1, CPU)
    record(statistics, [7.0], [False])
    statistics.restart()
    assert record(statistics, [1.0], [True])["rollout/episode_return"] == 1.0


def test_state_round_trip():
    """A resumed run shows the same recent mean."""
    saved, loaded = EpisodeStatistics(1, CPU), EpisodeStatistics(1, CPU)
    record(saved, [3.0], [True])
    loaded.load_state_dict(saved.state_dict())
    assert record(loaded, [9.0], [False])["rollout/episode_return"] == 3.0


@pytest.mark.parametrize("around", ["vector", "world"])
@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_figures_of_gymnasium_wrappers(around, mode):
    """RecordEpisodeStatistics' numbers are used, so that wrappers above it may change the reward."""
    wrappers = [gymnasium.wrappers.RecordEpisodeStatistics] if around == "world" else None
    env = gymnasium.make_vec(
        "CartPole-v1",
        num_envs=2,
        vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": mode},
        wrappers=wrappers,
        max_episode_steps=5,
    )
    env = RecordEpisodeStatistics(env) if around == "vector" else env
    statistics, metrics = EpisodeStatistics(2, CPU), MetricSums()
    env.reset(seed=0)
    for t in range(5):
        _, reward, terminated, truncated, info = env.step(np.array([t % 2, t % 2]))
        done = torch.as_tensor(terminated | truncated)
        # A reward that some wrapper has changed: only the environment's own figures still show 5.
        statistics.record(metrics, torch.as_tensor(reward) * 100.0, done, None, info)
    figures = metrics.take()
    statistics.summarize(figures)
    assert figures["rollout/episode_return"] == figures["rollout/episode_length"] == 5.0


def test_figures_since_a_mark_can_be_taken_out_and_given_again():
    """As a captured update does at every replay; a total stays a total."""
    metrics = MetricSums()
    metrics.mean("loss", torch.tensor(1.0))
    start = metrics.mark()
    metrics.mean("loss", torch.tensor(4.0))
    metrics.total("count", torch.tensor(2.0))
    names, values = metrics.cut(start)
    assert (list(names), values.tolist()) == (["loss", "count"], [4.0, 2.0])
    for _ in range(2):
        metrics.means(names, values)
    assert metrics.take() == {"loss": 3.0, "count": 4.0}


def test_info_of_our_environments():
    """Reward terms are averaged over worlds and steps, broken and overflowed worlds are counted."""
    metrics = MetricSums()
    info = {"reward_terms": {"track": np.array([1.0, 3.0]), "_track": np.array([True, True])}}
    record_info(metrics, info, CPU)
    record_info(metrics, {"reward_terms": {"track": torch.zeros(2)}, "broken": torch.tensor([True, False])}, CPU)
    record_info(metrics, {"overflowed": torch.tensor([True, True])}, CPU)
    assert metrics.take() == {"reward/track": 1.0, "env/broken_worlds": 1.0, "env/overflowed_worlds": 2.0}
