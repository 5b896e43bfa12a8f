# SPDX-License-Identifier: Apache-2.0
"""Style rewards and advantages on scripted episodes, worked out by hand for both autoreset modes.

The style critic is the identity, V(s) = s, the discriminator too, gamma = 0.5 and lambda = 1. The styles in the scripts
are such that the reward, log(1 + e^style), is a whole number.
"""

import math

import pytest
import torch
from gymnasium.vector import AutoresetMode
from tests.algos.amp.scripted import RESET_STYLE, ScriptedStyleEnv

SETTINGS = {
    "num_steps": 4,
    "batch_size": 2,
    "critic_hidden_units": (),
    "discriminator_hidden_units": (),
    "normalize_observations": False,
    "normalize_advantages": False,
    "gamma": 0.5,
    "gae_lambda": 1.0,
}


def style_of(reward):
    """The style with this reward."""
    return math.log(math.exp(reward) - 1.0)


def collected(small_amp, mode, script, as_torch, **settings):
    """An agent whose style critic and discriminator are identities, that has collected one rollout."""
    styled = [(style_of(reward), *rest) for reward, *rest in script]
    agent = small_amp(ScriptedStyleEnv(mode, styled, 4.0, as_torch), **{**SETTINGS, **settings})
    with torch.no_grad():
        for prefix, critic in agent.critics.items():
            critic[0].weight.fill_(1.0 if prefix == "style_" else 0.0)
        agent.discriminator.logit.weight.fill_(1.0)
    agent.collect()
    agent.finish_rollout()
    return agent


@pytest.mark.parametrize("as_torch", [False, True])
@pytest.mark.parametrize(
    ("terminated", "truncated", "expected"),
    [
        # Step 1 ends the episode in state 40 with style reward 2; the next begins in state 8 with the style 50.
        # Truncated: A1 = 2 + 0.5 * 40 - 6 = 16, A0 = 1 + 0.5 * (2 + 20) - 4 = 8.
        (False, True, [8.0, 16.0]),
        # Terminated: A1 = 2 - 6 = -4, A0 = 1 + 0.5 * 2 - 4 = -2.
        (True, False, [-2.0, -4.0]),
        (True, True, [-2.0, -4.0]),
    ],
)
def test_same_step(small_amp, as_torch, terminated, truncated, expected):
    """The last state's style is rewarded, of terminated episodes too, never that of the next episode's first state."""
    script = [
        (1.0, False, False, 6.0, None),
        (2.0, terminated, truncated, 8.0, 40.0),
        (4.0, False, False, 10.0, None),
        (6.0, False, False, 12.0, None),
    ]
    agent = collected(small_amp, AutoresetMode.SAME_STEP, script, as_torch)
    storage = agent.storage
    assert storage["style_rewards"][:, 0].tolist() == pytest.approx([1.0, 2.0, 4.0, 6.0])
    # A3 = 6 + 0.5 * 12 - 10 = 2, A2 = 4 + 0.5 * (6 + 6) - 8 = 2.
    assert storage["advantages"][:, 0].tolist() == pytest.approx([*expected, 2.0, 2.0], abs=1e-5)
    assert storage["style_returns"][0, 0].item() == pytest.approx(expected[0] + 4.0)
    assert agent.metrics.take()["reward/style_mean"] == pytest.approx(13.0 / 4)


@pytest.mark.parametrize("as_torch", [False, True])
@pytest.mark.parametrize(
    ("terminated", "truncated", "expected"), [(False, True, [8.0, 16.0]), (True, False, [-2.0, -4.0])]
)
def test_next_step(small_amp, as_torch, terminated, truncated, expected):
    """The state that a step returns is the one it led to; that of the resetting step counts for nothing."""
    script = [
        (1.0, False, False, 6.0, None),
        (2.0, terminated, truncated, 40.0, None),
        (1.0, False, False, 8.0, None),
        (6.0, False, False, 12.0, None),
    ]
    agent = collected(small_amp, AutoresetMode.NEXT_STEP, script, as_torch)
    storage = agent.storage
    assert storage["discriminator_inputs"][2, 0].item() == RESET_STYLE
    # A3 = 6 + 0.5 * 12 - 8 = 4.
    assert storage["advantages"][[0, 1, 3], 0].tolist() == pytest.approx([*expected, 4.0], abs=1e-5)
    assert agent.metrics.take()["reward/style_mean"] == pytest.approx(9.0 / 3)


def test_scale(small_amp):
    """The style reward is multiplied, and what is logged with it."""
    script = [(1.0, False, False, 0.0, None)]
    agent = collected(small_amp, AutoresetMode.SAME_STEP, script, True, style_reward_scale=3.0)
    assert agent.storage["style_rewards"][:, 0].tolist() == pytest.approx([3.0] * 4)
    assert agent.metrics.take()["reward/style_mean"] == pytest.approx(3.0)


def test_weights(small_amp):
    """Ten times the task's advantages, of reward 0 and a constant value of 2, and three times the style's."""
    script = [(1.0, False, False, 6.0, None), (2.0, False, False, 8.0, None), (1.0, False, False, 6.0, None)]
    script.append((2.0, False, False, 8.0, None))
    agent = collected(small_amp, AutoresetMode.SAME_STEP, script, True, task_weight=10.0, style_weight=3.0)
    # A3 = 2 + 0.5 * 8 - 6, A2 = 1 + 0.5 * (6 + A3) - 8, and so on.
    style = torch.tensor([-1.0, -2.0, -4.0, 0.0])
    torch.testing.assert_close(agent.storage["advantages"][:, 0], 3.0 * style)
    with torch.no_grad():
        agent.critics[""][0].bias.fill_(2.0)
    agent.finish_rollout()
    # A3 = 0.5 * 2 - 2, A2 = -1 + 0.5 * A3, and so on.
    task = torch.tensor([-1.875, -1.75, -1.5, -1.0])
    torch.testing.assert_close(agent.storage["advantages"][:, 0], 10.0 * task + 3.0 * style)


def test_each_advantage_is_normalised(small_amp):
    """A reward of another size changes nothing once both have unit variance."""
    script = [(reward, False, False, 1.0, None) for reward in (1.0, 3.0, 2.0, 5.0)]
    settings = {"normalize_advantages": True, "style_weight": 0.5}
    small, large = (
        collected(small_amp, AutoresetMode.SAME_STEP, script, True, style_reward_scale=scale, **settings)
        for scale in (1.0, 1000.0)
    )
    for agent in (small, large):
        advantages = agent.storage["advantages"]
        assert advantages.mean().item() == pytest.approx(0.0, abs=1e-6)
        assert advantages.square().mean().item() == pytest.approx(0.25, rel=1e-4)
