# SPDX-License-Identifier: Apache-2.0
"""PPO's advantages on scripted episodes, worked out by hand for both autoreset modes.

The critic is the identity, V(s) = s, gamma = 0.5 and lambda = 1, so A_t is the discounted sum up to the end of the
episode or of the rollout, plus what is bootstrapped, minus s.
"""

import pytest
import torch
from gymnasium.vector import AutoresetMode

SETTINGS = {
    "num_steps": 4,
    "batch_size": 2,
    "critic_hidden_units": (),
    "normalize_observations": False,
    "normalize_advantages": False,
    "gamma": 0.5,
    "gae_lambda": 1.0,
}


def collected(small_ppo, env, **settings):
    """An agent with an identity critic that has collected one rollout."""
    agent = small_ppo(env, **SETTINGS, **settings)
    with torch.no_grad():
        agent.critics[""][0].weight.fill_(1.0)
    agent.collect()
    agent.finish_rollout()
    return agent


@pytest.mark.parametrize("as_torch", [False, True])
@pytest.mark.parametrize(
    ("terminated", "truncated", "expected"),
    [
        # Step 1 ends the episode with reward 2 in state 40; the next begins in state 8.
        # Truncated: A1 = 2 + 0.5 * 40 - 6 = 16, A0 = 1 + 0.5 * (2 + 20) - 4 = 8.
        (False, True, [8.0, 16.0]),
        # Terminated: A1 = 2 - 6 = -4, A0 = 1 + 0.5 * 2 - 4 = -2.
        (True, False, [-2.0, -4.0]),
        # Both in the same step is a termination.
        (True, True, [-2.0, -4.0]),
    ],
)
def test_same_step(small_ppo, scripted_env, as_torch, terminated, truncated, expected):
    """The value of the last observation comes from info["final_obs"], not from the next episode's first."""
    script = [
        (1.0, False, False, 6.0, None),
        (2.0, terminated, truncated, 8.0, 40.0),
        (4.0, False, False, 10.0, None),
        (6.0, False, False, 12.0, None),
    ]
    agent = collected(small_ppo, scripted_env(AutoresetMode.SAME_STEP, script, 4.0, as_torch))
    # A3 = 6 + 0.5 * 12 - 10 = 2, A2 = 4 + 0.5 * (6 + 6) - 8 = 2.
    assert agent.storage["advantages"][:, 0].tolist() == [*expected, 2.0, 2.0]
    assert agent.storage["returns"][0, 0] == expected[0] + 4.0
    assert "valid" not in agent.storage


@pytest.mark.parametrize("as_torch", [False, True])
@pytest.mark.parametrize(
    ("terminated", "truncated", "expected"), [(False, True, [8.0, 16.0]), (True, False, [-2.0, -4.0])]
)
def test_next_step(small_ppo, scripted_env, as_torch, terminated, truncated, expected):
    """The returned observation is the episode's last; the step that only resets is marked and doesn't leak."""
    script = [
        (1.0, False, False, 6.0, None),
        (2.0, terminated, truncated, 40.0, None),
        (0.0, False, False, 8.0, None),
        (6.0, False, False, 12.0, None),
    ]
    agent = collected(small_ppo, scripted_env(AutoresetMode.NEXT_STEP, script, 4.0, as_torch))
    assert agent.storage["valid"][:, 0].tolist() == [True, True, False, True]
    # A3 = 6 + 0.5 * 12 - 8 = 4.
    assert agent.storage["advantages"][[0, 1, 3], 0].tolist() == [*expected, 4.0]


@pytest.mark.parametrize(
    ("mode", "ends"),
    [
        (AutoresetMode.SAME_STEP, [(2.0, False, True, 8.0, 40.0)]),
        (AutoresetMode.NEXT_STEP, [(2.0, False, True, 40.0, None), (0.0, False, False, 8.0, None)]),
    ],
)
def test_value_of_the_previous_observation(small_ppo, scripted_env, mode, ends):
    """What a truncated episode was still worth is told by state 6, that the last action was taken in, not by 40."""
    script = [(1.0, False, False, 6.0, None), *ends, (4.0, False, False, 10.0, None), (6.0, False, False, 12.0, None)]
    agent = collected(small_ppo, scripted_env(mode, script, 4.0, True), truncation_value="previous")
    # A1 = 2 + 0.5 * 6 - 6 = -1, A0 = 1 + 0.5 * (2 + 3) - 4 = -0.5.
    assert agent.storage["advantages"][:2, 0].tolist() == [-0.5, -1.0]
    assert "final_values" not in agent.storage


def test_terminated_episodes_are_worth_nothing_more(small_ppo, scripted_env):
    """A1 = 2 - 6 = -4 whatever counts at truncations."""
    script = [(1.0, False, False, 6.0, None), (2.0, True, True, 8.0, 40.0), *[(4.0, False, False, 10.0, None)] * 2]
    agent = collected(small_ppo, scripted_env(AutoresetMode.SAME_STEP, script, 4.0, True), truncation_value="previous")
    assert agent.storage["advantages"][:2, 0].tolist() == [-2.0, -4.0]


def test_reset_step_at_the_start_of_the_next_rollout(small_ppo, scripted_env):
    """An episode that ends with the rollout makes the next rollout's first step a reset."""
    script = [(1.0, False, False, 6.0, None)] * 3 + [(1.0, False, True, 6.0, None), (0.0, False, False, 6.0, None)]
    agent = collected(small_ppo, scripted_env(AutoresetMode.NEXT_STEP, script, 4.0, True))
    assert agent.storage["valid"].all()
    agent.collect()
    assert agent.storage["valid"][:, 0].tolist() == [False, True, True, True]


def test_reset_steps_teach_nothing(small_ppo, scripted_env):
    """Updates don't change when the observation, action and return of a reset step do."""

    def weights(ignored):
        script = [(1.0, False, True, 3.0, None), (0.0, False, False, 2.0, None)]
        agent = small_ppo(scripted_env(AutoresetMode.NEXT_STEP, script, 1.0, True), **{**SETTINGS, "batch_size": 4})
        agent.collect()
        agent.finish_rollout()
        assert agent.storage["valid"][:, 0].tolist() == [True, False, True, False]
        for name in ("advantages", "returns", "actor_inputs"):
            agent.storage[name][[1, 3]] = ignored
        agent.learn()
        return [parameter.clone() for parameter in (*agent.policy.parameters(), *agent.critics[""].parameters())]

    for one, other in zip(weights(5.0), weights(-70.0), strict=True):
        torch.testing.assert_close(one, other, rtol=0.0, atol=0.0)


def test_same_step_environment_without_final_observation(small_ppo, scripted_env):
    """The message says what is missing."""
    script = [(1.0, False, True, 6.0, None)]
    env = scripted_env(AutoresetMode.SAME_STEP, script, 4.0, False)
    with pytest.raises(ValueError, match=r"gave no info\['final_obs'\] for a truncated episode"):
        small_ppo(env, num_steps=4).collect()
