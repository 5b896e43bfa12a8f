# SPDX-License-Identifier: Apache-2.0
"""Our PPO against stable-baselines3's: same environments, steps, seeds, networks and hyperparameters.

    uv run python benchmarks/ppo_against_sb3.py [--steps 100000] [--seeds 0 1 2] [--json results.jsonl]

Both learn from gymnasium environments that reset in the same step, without schedules or scaled observations. Each final
policy plays 100 episodes with its most probable actions from the same start states. Wall-clock is that of training
alone, on the number of threads that `--threads` says.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import gymnasium
import numpy as np
import stable_baselines3
import torch
from gymnasium.vector import AutoresetMode, VectorEnv
from stable_baselines3.common.env_util import make_vec_env
from torch import Tensor

import protomotions_algos
from protomotions_algos.common.evaluation import ReturnEvaluator
from protomotions_algos.common.protocols import Observation, Policy
from protomotions_algos.common.training import train
from protomotions_algos.ppo import PPO, PPOConfig

TASKS: dict[str, dict[str, float]] = {
    "CartPole-v1": {"envs": 8, "steps": 32, "batch": 256, "epochs": 20, "lr": 1e-3, "gamma": 0.98, "lambda": 0.8},
    "Pendulum-v1": {"envs": 4, "steps": 1024, "batch": 256, "epochs": 10, "lr": 1e-3, "gamma": 0.9, "lambda": 0.95},
}
"""Hyperparameters of rl-baselines3-zoo, without its schedules and, for Pendulum, its state-dependent exploration and
minibatches of 64."""

HIDDEN_UNITS = (64, 64)
CLIP = 0.2
MAX_GRAD_NORM = 0.5
EVALUATION_EPISODES = 100
EVALUATION_SEED = 10_000


def make_env(name: str, num_envs: int) -> VectorEnv:
    """Return gymnasium's synchronous vector environment that resets in the same step."""
    return gymnasium.make_vec(
        name,
        num_envs=num_envs,
        vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP},
    )


def train_ours(name: str, seed: int, steps: int) -> Policy:
    """Train our PPO and return its policy."""
    task = TASKS[name]
    config = PPOConfig(
        num_steps=int(task["steps"]),
        batch_size=int(task["batch"]),
        num_mini_epochs=int(task["epochs"]),
        learning_rate=task["lr"],
        critic_learning_rate=task["lr"],
        gamma=task["gamma"],
        gae_lambda=task["lambda"],
        clip=CLIP,
        max_grad_norm=MAX_GRAD_NORM,
        hidden_units=HIDDEN_UNITS,
        critic_hidden_units=HIDDEN_UNITS,
        activation="tanh",
        normalize_observations=False,
        eval_every=0,
    )
    agent = PPO(make_env(name, int(task["envs"])), config, seed=seed)
    train(agent, max_steps=steps)
    return agent.act


def train_sb3(name: str, seed: int, steps: int) -> Policy:
    """Train stable-baselines3's PPO and return its policy."""
    task = TASKS[name]
    model = stable_baselines3.PPO(
        "MlpPolicy",
        make_vec_env(name, n_envs=int(task["envs"]), seed=seed),
        n_steps=int(task["steps"]),
        batch_size=int(task["batch"]),
        n_epochs=int(task["epochs"]),
        learning_rate=task["lr"],
        gamma=task["gamma"],
        gae_lambda=task["lambda"],
        clip_range=CLIP,
        max_grad_norm=MAX_GRAD_NORM,
        policy_kwargs={"net_arch": {"pi": list(HIDDEN_UNITS), "vf": list(HIDDEN_UNITS)}},
        seed=seed,
        device="cpu",
    )
    model.learn(steps)

    def act(observation: Observation) -> Tensor:
        actions, _ = model.predict(np.asarray(observation), deterministic=True)
        return torch.as_tensor(actions)

    return act


LEARNERS: dict[str, Callable[[str, int, int], Policy]] = {"protomotions": train_ours, "stable-baselines3": train_sb3}


def run(learner: str, name: str, seed: int, steps: int) -> dict[str, object]:
    """Train once and judge the result."""
    start = time.perf_counter()
    policy = LEARNERS[learner](name, seed, steps)
    seconds = time.perf_counter() - start
    evaluator = ReturnEvaluator(make_env(name, 20), episodes=EVALUATION_EPISODES, seed=EVALUATION_SEED)
    figures = evaluator(policy)
    return {
        "env": name,
        "learner": learner,
        "seed": seed,
        "env_steps": steps,
        "mean_return": round(figures["score"], 2),
        "std_over_episodes": round(figures["episode_return_std"], 2),
        "train_seconds": round(seconds, 1),
    }


def write_table(rows: list[dict[str, object]]) -> None:
    """Print mean and standard deviation over seeds, and each seed's own mean return."""
    print(f"\n{'environment':<14}{'learner':<20}{'return over seeds':>20}{'seconds':>10}   each seed")
    for name in TASKS:
        for learner in LEARNERS:
            mine = [row for row in rows if row["env"] == name and row["learner"] == learner]
            returns = [float(str(row["mean_return"])) for row in mine]
            seconds = statistics.mean(float(str(row["train_seconds"])) for row in mine)
            summary = f"{statistics.mean(returns):.1f} ± {statistics.pstdev(returns):.1f}"
            each = ", ".join(f"{value:.1f}" for value in returns)
            print(f"{name:<14}{learner:<20}{summary:>20}{seconds:>10.1f}   {each}")


def write_row(row: dict[str, object], file: TextIO | None) -> None:
    """Print one result as JSON, and keep it if wanted."""
    line = json.dumps(row)
    print(line, flush=True)
    if file is not None:
        print(line, file=file, flush=True)


def main() -> None:
    """Run all environments, learners and seeds, the learners in turn so that both meet the same load."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--steps", type=int, default=100_000, help="environment steps of each run")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--json", type=Path, help="file to append one JSON line per run to")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    versions = f"protomotions-algos {protomotions_algos.__version__}, stable-baselines3 {stable_baselines3.__version__}"
    print(f"{versions}, torch {torch.__version__}, python {platform.python_version()}, {arguments.threads} thread(s)")
    file = arguments.json.open("a", encoding="utf-8") if arguments.json else None
    rows: list[dict[str, object]] = []
    for name in TASKS:
        for seed in arguments.seeds:
            for learner in LEARNERS:
                rows.append(run(learner, name, seed, arguments.steps))
                write_row(rows[-1], file)
    write_table(rows)


if __name__ == "__main__":
    main()
