# SPDX-License-Identifier: Apache-2.0
"""Where ASE's latents enter, what they are held through, and what is made of the rewards."""

import math

import pytest
import torch
from gymnasium.vector import AutoresetMode

from protomotions_algos.ase.diversity import diversity_loss
from protomotions_algos.ase.sphere import draw_on_sphere
from protomotions_algos.common.returns import generalized_advantages, successor_values
from protomotions_algos.errors import AlgorithmError

MODES = [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP]


def advantages_by_hand(agent, name):
    """Advantages of one reward from what the rollout holds, over valid steps with zero mean and unit variance."""
    storage = agent.storage
    following = successor_values(storage[f"{name}_values"], storage["truncated"], storage.get(f"{name}_final_values"))
    advantages = generalized_advantages(
        storage[f"{name}_rewards"],
        storage[f"{name}_values"][:-1],
        following,
        storage["terminated"],
        storage["truncated"],
        gamma=agent.config.gamma,
        gae_lambda=agent.config.gae_lambda,
    )
    counted = advantages[storage["valid"]] if "valid" in storage else advantages
    return (advantages - counted.mean()) / counted.std(correction=0)


@pytest.mark.parametrize("mode", MODES)
def test_latents_outlast_episodes(small_ase, drift_env, mode):
    """Episodes of 3 steps under latents of 5: each changes every fifth step, not where an episode ends."""
    agent = small_ase(drift_env(mode=mode, limit=3), num_steps=20, latent_steps=(5, 5))
    agent.collect()
    latents, done = agent.storage["latents"], agent.storage["truncated"]
    changed = (latents[1:] != latents[:-1]).any(dim=-1)
    expected = torch.zeros_like(changed)
    expected[4::5] = True
    assert torch.equal(changed, expected)
    assert (done[:-1] & ~changed).any()


def test_actor_and_critics_see_the_latent(small_ase, drift_env):
    """The last columns of each input are the latent times sqrt(D), also after the rollout."""
    agent = small_ase(drift_env(), latent_dim=4)
    agent.collect()
    inputs = agent.storage["actor_inputs"]
    assert inputs.shape == (9, 8, 2 + 4)
    torch.testing.assert_close(inputs[:-1, :, 2:], 2.0 * agent.storage["latents"])
    torch.testing.assert_close(inputs[-1, :, 2:], 2.0 * agent.latents.values)
    assert agent.storage["critic_inputs"].data_ptr() == inputs.data_ptr()


def test_critic_with_inputs_of_its_own(small_ase, drift_env):
    """A critic that sees other parts than the actor sees the same latent."""
    agent = small_ase(drift_env(), critic_inputs=("state", "style"))
    agent.collect()
    assert agent.storage["critic_inputs"].shape == (9, 8, 6 + 3)
    assert torch.equal(agent.storage["critic_inputs"][..., 6:], agent.storage["actor_inputs"][..., 2:])


def test_discriminator_and_encoder_see_no_latent(small_ase, drift_env):
    """Or the encoder would only have to read it."""
    agent = small_ase(drift_env())
    assert agent.discriminator_input.num_features == 4
    assert agent.encoder.network[0].in_features == 4


def test_final_values_are_those_under_the_latent_held(small_ase, drift_env):
    """V(final_obs) of each critic with the latent of the step that was cut off, not the one drawn after it."""
    agent = small_ase(drift_env(limit=1), num_steps=2, latent_steps=(1, 1), normalize_observations=False)
    final = []
    step = agent.env.step

    def watched(actions):
        result = step(actions)
        final.append(result[4]["final_obs"]["state"].clone())
        return result

    agent.env.step = watched
    agent.collect()
    for t in range(2):
        inputs = torch.cat([final[t], math.sqrt(3) * agent.storage["latents"][t]], dim=1)
        for prefix, critic in agent.critics.items():
            with torch.no_grad():
                expected = critic(inputs)[:, 0]
            torch.testing.assert_close(agent.storage[f"{prefix}final_values"][t], expected)


@pytest.mark.parametrize("mode", MODES)
def test_advantages_are_the_weighted_sum(small_ase, drift_env, mode):
    """Those of style and of mutual information, each normalised over the rollout; the task has no weight."""
    agent = small_ase(drift_env(mode=mode, limit=5), style_weight=0.7, mutual_information_weight=0.2)
    agent.collect()
    agent.finish_rollout()
    expected = 0.7 * advantages_by_hand(agent, "style") + 0.2 * advantages_by_hand(agent, "mutual_information")
    torch.testing.assert_close(agent.storage["advantages"], expected, atol=1e-4, rtol=1e-4)


def test_rewards_of_the_rollout(small_ase, drift_env):
    """(1 + mu . z) / 2 for the state that each step led to, under the latent that it was made with."""
    agent = small_ase(drift_env(limit=5))
    agent.iterate()
    agent.collect()
    storage = agent.storage
    with torch.no_grad():
        guesses = agent.encode(storage.flat("discriminator_inputs")).view_as(storage["latents"])
        agent.write_rewards()
    expected = 0.5 * (1.0 + (guesses * storage["latents"]).sum(dim=-1))
    torch.testing.assert_close(storage["mutual_information_rewards"], expected)
    assert storage["mutual_information_rewards"].min() >= 0.0
    assert storage["mutual_information_rewards"].max() <= 1.0


def test_diversity_enters_the_actors_loss(small_ase, drift_env):
    """With the weight, what is added is the loss of the two sets of most probable actions."""
    agents = [small_ase(drift_env(), diversity_weight=weight) for weight in (0.0, 0.5)]
    losses = []
    for agent in agents:
        agent.collect()
        agent.finish_rollout()
        batch = agent.minibatch(torch.arange(64))
        parameters = agent.policy(batch["actor_inputs"])
        losses.append(agent.actor_loss(batch, parameters, adapt=False).item())
    inputs = batch["actor_inputs"].clone()
    inputs[:, 2:] = math.sqrt(3) * batch["other_latents"]
    means = [agent.policy(rows)[:, :2] for rows in (batch["actor_inputs"], inputs)]
    expected = diversity_loss(*means, batch["latents"], batch["other_latents"]).mean().item()
    assert losses[1] - losses[0] == pytest.approx(0.5 * expected, rel=1e-4)
    torch.testing.assert_close(batch["other_latents"].norm(dim=1), torch.ones(64))


def test_other_latents_are_fresh(small_ase, drift_env):
    """Each rollout is compared with new latents, which lie in the same memory."""
    agent = small_ase(drift_env())
    agent.iterate()
    place, first = agent.storage["other_latents"].data_ptr(), agent.storage["other_latents"].clone()
    agent.iterate()
    assert agent.storage["other_latents"].data_ptr() == place
    assert (agent.storage["other_latents"] != first).any(dim=-1).all()


@pytest.mark.parametrize("mode", MODES)
def test_encoder_learns_from_every_option(small_ase, drift_env, mode):
    """With penalty and uniformity all figures are there, and the encoder moves."""
    agent = small_ase(drift_env(mode=mode), encoder_gradient_penalty=0.1, uniformity_weight=0.1)
    before = agent.encoder.network[0].weight.clone()
    metrics = agent.iterate()
    assert not torch.equal(before, agent.encoder.network[0].weight)
    assert metrics["encoder/gradient_penalty"] >= 0.0
    assert -4.0 <= metrics["encoder/uniformity"] <= 0.0
    assert -1.0 <= metrics["loss/encoder"] <= 1.0
    assert 0.0 <= metrics["reward/mutual_information_mean"] <= 1.0
    assert metrics["update/encoder_skipped"] == 0.0


def test_using_a_policy_leaves_training_alone(small_ase, drift_env):
    """Acting for other worlds between two rollouts changes no later figure."""
    runs = []
    for use in (False, True):
        agent = small_ase(drift_env(), seed=3)
        agent.iterate()
        if use:
            observation, _ = drift_env(num_envs=5).reset(seed=1)
            for _ in range(4):
                assert agent.act(observation).shape == (5, 2)
            agent.hold_latents(torch.ones(3))
            agent.act(observation)
        metrics = agent.iterate()
        runs.append({name: value for name, value in metrics.items() if not name.startswith("time/")})
    assert str(runs[0]) == str(runs[1])


def test_held_latents_decide_the_action(small_ase, drift_env):
    """The same latent gives the same action, a mix of latents what each gives alone, and None draws again."""
    agent = small_ase(drift_env(), latent_steps=(1, 1), initial_std=0.3)
    for layer in agent.policy.network:
        if isinstance(layer, torch.nn.Linear):
            layer.weight.data.mul_(5.0)
    observation = {"state": torch.zeros(2, 2), "style": torch.zeros(2, 4)}
    latents = draw_on_sphere(2, 3, torch.Generator().manual_seed(0))
    agent.hold_latents(latents[0])
    first = agent.act(observation)
    assert torch.equal(first[0], first[1])
    agent.hold_latents(10.0 * latents)
    both = agent.act(observation)
    torch.testing.assert_close(both[0], first[0])
    assert not torch.allclose(both[1], first[0])
    with pytest.raises(AlgorithmError, match="held for 2 worlds, but the observation is of 3"):
        agent.act({"state": torch.zeros(3, 2), "style": torch.zeros(3, 4)})
    agent.hold_latents(None)
    assert not torch.allclose(agent.act(observation), agent.act(observation))


def test_an_observation_without_names(small_ase, drift_env):
    """One array can't be what the policy was trained on."""
    with pytest.raises(AlgorithmError, match="the observation is a Tensor; expected the Dict"):
        small_ase(drift_env()).act(torch.zeros(2, 6))
