# SPDX-License-Identifier: Apache-2.0
"""How fast an environment steps, and which share of the physics alone that is."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from protomotions_algos.ppo import PPO, PPOConfig
from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.state import ResetState

BLOCK_STEPS = 10
"""Control steps per timed block: short, so that the robots of both kinds of block do the same things."""
_WARM_UP_BLOCKS = 2
_ACTION_SETS = 8


@dataclass(frozen=True)
class Rates:
    """Medians over pairs of blocks, one of the environment and one of the physics right after it."""

    env: float
    """Control steps/s of all worlds, with random actions, observations, rewards and resets."""
    physics: float
    """Control steps/s of all worlds, the engine alone."""
    ratio: float
    """Environment over physics within a pair."""
    ratio_low: float
    """First quartile of that ratio."""
    ratio_high: float
    """Third quartile of that ratio."""
    pairs: int
    """Number of pairs."""


def measure(env: HumanoidVectorEnv, *, seconds: float, seed: int = 0) -> Rates:
    """Time blocks of both kinds in turn, so that a machine that slows down slows both.

    A physics block starts from the states that the environment block has left and takes the same actions, and those
    states are put back after it, so neither kind gets to see robots that the other has let fall. The step after that
    doesn't count: an engine may have to compute more where all states are new.

    Args:
        env: An environment that resets in the same step.
        seconds: How long to measure, s.
        seed: Of resets and actions.
    """
    generator = torch.Generator(env.device).manual_seed(seed)
    shape = (_ACTION_SETS, env.num_envs, env.robot.num_joints)
    actions = torch.rand(shape, generator=generator, device=env.device) * 2 - 1
    env.reset(seed=seed)
    for _ in range(_WARM_UP_BLOCKS):
        _pair(env, actions)
    pairs, start = [], time.perf_counter()
    while len(pairs) < 4 or time.perf_counter() - start < seconds:
        pairs.append(_pair(env, actions))
    return _summary(pairs, env.num_envs * BLOCK_STEPS)


@dataclass(frozen=True)
class TrainingRates:
    """Medians over rollouts of 24 steps, each used for 5 epochs of 4 minibatches."""

    training: float
    """Environment steps/s of collection and update together."""
    collection_seconds: float
    """Of a rollout, s."""
    update_seconds: float
    """Of what is learned from it, s."""


def measure_training(env: HumanoidVectorEnv, iterations: int, seed: int = 0) -> TrainingRates:
    """Train PPO with networks of 512, 256 and 128 units, the size of mjlab's; the first two rollouts don't count."""
    sizes = (512, 256, 128)
    agent = PPO(env, PPOConfig(hidden_units=sizes, critic_hidden_units=sizes), device=env.device, seed=seed)
    times = []
    for iteration in range(iterations + 2):
        start = time.perf_counter()
        metrics = agent.iterate()
        if iteration >= 2:
            parts = metrics["time/collection_seconds"], metrics["time/update_seconds"]
            times.append((time.perf_counter() - start, *parts))
    whole, collection, update = (statistics.median(column) for column in zip(*times, strict=True))
    return TrainingRates(agent.storage.num_samples / whole, collection, update)


def memory_in_use(device: torch.device) -> float | None:
    """Return the memory taken on a GPU, what PyTorch and the engine keep for later included, GiB; None on a CPU."""
    if device.type != "cuda":
        return None
    free, total = torch.cuda.mem_get_info(device)
    return (total - free) / 2**30


def _pair(env: HumanoidVectorEnv, actions: torch.Tensor) -> tuple[float, float]:
    """Return how long a block of environment steps took and one of physics steps, s."""
    block = [actions[step % len(actions)] for step in range(BLOCK_STEPS)]
    env.step(block[0])
    steps = iter(block)
    env_seconds = _timed(env, lambda: env.step(next(steps)))
    state = ResetState.from_state(env.simulator.state)
    targets = iter([env.task.baseline() + env.task.action_scale * action for action in block])
    physics_seconds = _timed(env, lambda: env.simulator.step_physics(next(targets)))
    env.simulator.write_state(torch.ones(env.num_envs, dtype=torch.bool, device=env.device), state)
    return env_seconds, physics_seconds


def _timed(env: HumanoidVectorEnv, step: Callable[[], object]) -> float:
    _finish(env)
    start = time.perf_counter()
    for _ in range(BLOCK_STEPS):
        step()
    _finish(env)
    return time.perf_counter() - start


def _finish(env: HumanoidVectorEnv) -> None:
    """Wait until the device has done all that it was told."""
    if env.device.type == "cuda":
        torch.cuda.synchronize(env.device)


def _summary(pairs: list[tuple[float, float]], steps: int) -> Rates:
    low, middle, high = statistics.quantiles([physics / env for env, physics in pairs], n=4)
    return Rates(
        env=steps / statistics.median(env for env, _ in pairs),
        physics=steps / statistics.median(physics for _, physics in pairs),
        ratio=middle,
        ratio_low=low,
        ratio_high=high,
        pairs=len(pairs),
    )
