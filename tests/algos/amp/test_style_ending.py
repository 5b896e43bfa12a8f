# SPDX-License-Identifier: Apache-2.0
"""Episodes that have left the style for good are ended."""

import pytest
import torch
from gymnasium.vector import AutoresetMode
from tests.algos.amp.orbit import OrbitEnv

from protomotions_algos.amp.style_ending import StyleEnding


def test_only_states_in_a_row_count():
    """One good state, or the end of an episode, begins the count anew; worlds don't disturb one another."""
    ending = StyleEnding(3, 0.1, 3, torch.device("cpu"))
    rewards = torch.tensor([[0.0, 0.0, 0.0]] * 2 + [[0.0, 0.1, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    over = torch.zeros(5, 3, dtype=torch.bool)
    over[2, 2] = True
    asked = [ending(reward, ended).tolist() for reward, ended in zip(rewards, over, strict=True)]
    none = [False, False, False]
    assert asked == [none, none, [True, False, False], [True, False, False], [True, False, False]]
    assert ending(rewards[0], over[0]).tolist() == [True, True, True]
    ending.restart()
    assert ending(rewards[0], over[0]).tolist() == none


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_episodes_end(small_amp, mode):
    """With every state out of style an episode has four states and one more step; the environment ends each once."""
    env = OrbitEnv(num_envs=5, mode=mode, limit=100)
    agent = small_amp(env, num_steps=40, batch_size=100, ending_threshold=100.0, ending_steps=4)
    metrics = agent.iterate()
    period = 5 if mode is AutoresetMode.SAME_STEP else 6
    terminated = agent.storage["terminated"]
    assert [t for t in range(40) if terminated[t].all()] == list(range(4, 40, period))
    assert terminated.sum() == env.ended
    assert not agent.storage["truncated"].any()
    assert metrics["rollout/episode_length"] == 5.0
    # The last four states may have been asked for and not ended yet.
    assert metrics["reward/style_ended_episodes"] - env.ended in (0.0, 5.0)


def test_no_episode_ends_without_a_threshold(small_amp):
    """The environment isn't even asked."""
    env = OrbitEnv(num_envs=4, limit=100)
    env.end_episodes = None
    agent = small_amp(env, num_steps=20)
    assert "reward/style_ended_episodes" not in agent.iterate()
    assert not agent.storage["terminated"].any()


def test_a_restart_forgets_the_counts(small_amp):
    """Episodes that were given up don't count against the new ones."""
    agent = small_amp(OrbitEnv(), num_steps=8, ending_threshold=100.0, ending_steps=100)
    agent.iterate()
    assert (agent.ending.counts == 8).all()
    agent.restart()
    assert not agent.ending.counts.any()
