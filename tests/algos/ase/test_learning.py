# SPDX-License-Identifier: Apache-2.0
"""ASE really learns several behaviours, told apart by the latent."""

from dataclasses import dataclass

import torch

from protomotions_algos.ase.sphere import draw_on_sphere

_LATENTS, _STARTS, _STEPS = 64, 16, 20

SETTINGS = {
    "num_steps": 16,
    "batch_size": 512,
    "num_mini_epochs": 4,
    "latent_dim": 2,
    "latent_steps": (1, 20),
    "learning_rate": 1.5e-3,
    "discriminator_learning_rate": 1e-3,
    "encoder_learning_rate": 1e-3,
    "gradient_penalty": 2.0,
    "style_weight": 1.0,
    "gamma": 0.9,
    "initial_std": 0.12,
    "replay_size": 20_000,
    "ending_threshold": 0.0,
    "hidden_units": (64, 64),
    "critic_hidden_units": (64, 64),
    "discriminator_hidden_units": (64, 64),
    "encoder_hidden_units": (64, 64),
}


@dataclass(frozen=True)
class Behaviour:
    """What a policy does under many latents, from many starts each."""

    explained: float
    """Share of the variance of the final motion that the latent decides: 1 is all; chance is one over the starts."""
    agreement: float
    """Mean cosine of latent and encoder's answer: 1 is the right one, chance is 0."""
    shares: torch.Tensor
    """Share of points that fly in each of the four directions at the end, [4]."""
    speed: float
    """Mean speed at the end; the demonstrator's is 0.6, the environment's bound 1.5 along each axis."""


def behaviour_of(agent, env):
    """Let points of different latents and starts fly for a while, with the most probable actions."""
    latents = draw_on_sphere(_LATENTS, 2, torch.Generator().manual_seed(5)).repeat_interleave(_STARTS, dim=0)
    agent.hold_latents(latents)
    observation, _ = env.reset(seed=5)
    for _ in range(_STEPS):
        observation, *_ = env.step(agent.act(observation))
    agent.hold_latents(None)
    motion = observation["style"].view(_LATENTS, _STARTS, 4)
    between = motion.mean(dim=1).var(dim=0, correction=0).sum()
    total = motion.flatten(0, 1).var(dim=0, correction=0).sum()
    with torch.no_grad():
        agreement = (agent.encode(observation["style"]) * latents).sum(dim=1).mean()
    shares = torch.bincount(env.directions() + 1, minlength=5)[1:] / len(latents)
    return Behaviour(float(between / total), float(agreement), shares, float(env.velocity.norm(dim=1).mean()))


def trained(make, drift_env, epochs, **settings):
    """An agent after so many epochs of 1,024 steps."""
    agent = make(drift_env(num_envs=64), **{**SETTINGS, **settings})
    for _ in range(epochs):
        agent.iterate()
    return agent


def test_latents_become_behaviours(small_ase, drift_env):
    """The latent decides the motion, the encoder reads it, and the demonstrator's directions and speed are met."""
    judged = drift_env(num_envs=_LATENTS * _STARTS, limit=1000)
    untrained = behaviour_of(small_ase(drift_env(num_envs=64), **SETTINGS), judged)
    assert untrained.explained < 0.2
    assert abs(untrained.agreement) < 0.3
    behaviour = behaviour_of(trained(small_ase, drift_env, 55), judged)
    assert behaviour.explained > 0.95
    assert behaviour.agreement > 0.9
    assert (behaviour.shares > 0.03).sum() >= 3
    assert 0.4 < behaviour.speed < 0.8


def test_without_mutual_information_latents_mean_little(small_ase, drift_env):
    """Style alone is learned too, but what points do depends on where they came from, and can't be read as a latent."""
    weights = {"mutual_information_weight": 0.0, "diversity_weight": 0.0}
    agent = trained(small_ase, drift_env, 40, **weights)
    behaviour = behaviour_of(agent, drift_env(num_envs=_LATENTS * _STARTS, limit=1000))
    assert behaviour.explained < 0.75
    assert behaviour.agreement < 0.6
