# SPDX-License-Identifier: Apache-2.0
"""AMP with its options."""

import math

import pytest
import torch
from gymnasium.vector import AutoresetMode
from tests.algos.amp.orbit import OrbitEnv
from tests.algos.amp.scripted import ScriptedStyleEnv

from protomotions_algos.errors import AlgorithmError
from protomotions_algos.ppo import PPO, PPOConfig

MODES = [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    "settings",
    [
        {"bfloat16": True},
        {"task_weight": 0.5, "style_weight": 0.5, "normalize_rewards": True},
        {"replay_size": 0, "discriminator_batch_size": 3},
        {"normalize_observations": False, "clip_value_loss": True},
        {"discriminator_inputs": None, "actor_inputs": ("state",), "critic_inputs": ("state",)},
        {"ending_threshold": 0.5, "ending_steps": 2, "discriminator_hidden_units": ()},
        {"num_steps": 1, "replay_size": 1},
    ],
)
def test_options_train(small_amp, mode, settings):
    """Each option changes all networks in both modes without a skipped update."""
    env = OrbitEnv(num_envs=8, mode=mode)
    if settings.get("discriminator_inputs", ()) is None:
        sample = env.sample_demonstrations
        env.sample_demonstrations = lambda *given: sample(*given) | {"state": torch.zeros(given[0], 4)}
    agent = small_amp(env, **settings)
    networks = (agent.policy, *agent.critics.values(), agent.discriminator)
    before = [parameter.detach().clone() for network in networks for parameter in network.parameters()]
    for _ in range(3):
        metrics = agent.iterate()
        assert {value for name, value in metrics.items() if name.endswith("_skipped")} == {0.0}
    after = [parameter for network in networks for parameter in network.parameters()]
    assert all(not torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_figures(small_amp):
    """What is logged about the discriminator and the style."""
    metrics = small_amp(OrbitEnv()).iterate()
    names = {name.removeprefix("discriminator/") for name in metrics if name.startswith("discriminator/")}
    shares = {"accuracy_demonstrations", "accuracy_policy"}
    assert names == {"loss", "gradient_penalty", "logit_demonstrations", "logit_policy", *shares}
    assert all(0.0 <= metrics[f"discriminator/{name}"] <= 1.0 for name in shares)
    # An undecided discriminator: log 2 for each reward and as the cross-entropy.
    assert metrics["reward/style_mean"] == pytest.approx(0.693, abs=0.02)
    assert metrics["discriminator/loss"] == pytest.approx(0.693, abs=0.02)
    assert {"loss/style_value", "critic/style_explained_variance", "update/discriminator_skipped"} < metrics.keys()


def test_the_discriminators_minibatch(small_amp):
    """It takes the first of PPO's samples, and as many demonstrations and replayed states."""
    agent = small_amp(OrbitEnv(num_envs=8), batch_size=32, discriminator_batch_size=10)
    agent.collect()
    agent.finish_rollout()
    rows = torch.arange(63, 31, -1)
    batch = agent.minibatch(rows)
    assert batch["actions"].shape == (32, 2)
    for name in ("discriminator_inputs", "demonstrations", "replay"):
        assert batch[name].shape == (10, 3)
    assert torch.equal(batch["discriminator_inputs"], agent.storage.flat("discriminator_inputs")[rows[:10]])
    assert agent.samples["demonstrations"].shape == (20, 3)
    states = agent.storage.flat("discriminator_inputs")
    nearest = (batch["replay"][:, None] - states[None]).abs().amax(dim=2).amin(dim=1)
    assert nearest.max() < 0.01


def test_one_update_of_the_discriminator_is_the_losss_gradient(small_amp):
    """The loss adds up from its pieces with the weights of the settings."""
    weights = {"gradient_penalty": 3.0, "logit_decay": 0.5, "discriminator_weight_decay": 0.25}
    agent = small_amp(OrbitEnv(num_envs=8), **weights)
    agent.iterate()
    batch = agent.minibatch(torch.arange(16))
    agent.metrics.take()
    loss = agent.discriminator_loss(batch).item()
    shown = agent.metrics.take()
    squares = [
        layer.weight.square().sum().item() for layer in (agent.discriminator.trunk[0], agent.discriminator.logit)
    ]
    pieces = shown["discriminator/loss"] + 3.0 * shown["discriminator/gradient_penalty"]
    assert loss == pytest.approx(pieces + 0.25 * sum(squares) + 0.5 * squares[-1])


@pytest.mark.parametrize("mode", MODES)
def test_without_style_it_is_ppo(small_amp, mode):
    """With weight 1 for the task and 0 for the style, policy and critic are PPO's, bit for bit."""
    amp = small_amp(OrbitEnv(mode=mode), task_weight=1.0, style_weight=0.0, seed=4)
    config = PPOConfig(num_steps=8, num_mini_epochs=2, hidden_units=(8,), critic_hidden_units=(8,),
                       actor_inputs=("state",), critic_inputs=("state",))  # fmt: skip
    ppo = PPO(OrbitEnv(mode=mode), config, seed=4)
    for _ in range(5):
        figures = [agent.iterate() for agent in (amp, ppo)]
        for name in ("loss/policy", "loss/value", "policy/kl", "update/actor_gradient_norm"):
            assert figures[0][name] == figures[1][name]
    for one, other in ((amp.policy, ppo.policy), (amp.critics[""], ppo.critics[""])):
        assert all(torch.equal(*pair) for pair in zip(one.parameters(), other.parameters(), strict=True))


@pytest.mark.parametrize(
    ("weights", "prefixes"),
    [
        ({}, ["style_"]),
        ({"task_weight": 0.5}, ["", "style_"]),
        ({"task_weight": 0.5, "style_weight": 0.0}, [""]),
    ],
)
def test_a_reward_without_weight_has_no_critic(small_amp, weights, prefixes):
    """Neither network nor optimiser nor a place in the rollout; the style is rewarded and logged all the same."""
    agent = small_amp(OrbitEnv(), **weights)
    figures = agent.iterate()
    critics = [f"{prefix}critic" for prefix in prefixes]
    assert [name for name in agent.modules() if name.endswith("critic")] == critics
    assert [name for name in agent.optimizers() if name.endswith("critic")] == critics
    assert [prefix for prefix in ("", "style_") if f"{prefix}values" in agent.storage] == prefixes
    assert [prefix for prefix in ("", "style_") if f"loss/{prefix}value" in figures] == prefixes
    assert figures["reward/style_mean"] == pytest.approx(0.693, abs=0.02)


def test_a_bad_last_observation_is_named_by_any_critic(small_amp):
    """Also where only the style's critic sees it."""
    script = [(1.0, False, True, 2.0, math.nan)] * 4
    agent = small_amp(ScriptedStyleEnv(AutoresetMode.SAME_STEP, script, 4.0, True), num_steps=4)
    with pytest.raises(AlgorithmError, match=r"value of info\['final_obs'\] is not finite in environment 0"):
        agent.iterate()


def test_acting_needs_no_style(small_amp):
    """A trained policy is used where there is nothing to imitate."""
    agent = small_amp(OrbitEnv())
    agent.iterate()
    assert agent.act({"state": torch.zeros(3, 4)}).shape == (3, 2)
