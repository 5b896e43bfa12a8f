# SPDX-License-Identifier: Apache-2.0
"""Train our PPO in a script of one's own, without the command line, and evaluate it on whole clips."""

import argparse

from protomotions_algos.ppo import PPO, PPOConfig
from protomotions_envs import EnvConfig, HumanoidVectorEnv
from protomotions_envs.tasks.mimic.evaluation import MimicEvaluator


def main() -> None:
    """Train for some epochs and print the evaluation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--num-envs", type=int, default=256)
    args = parser.parse_args()

    config = EnvConfig(autoreset_mode="same_step", flatten=True)
    env = HumanoidVectorEnv(args.num_envs, config=config)
    settings = PPOConfig(
        gamma=0.97,
        # None goes on from the end of a clip, so what it is worth can't be learned.
        truncation_value="previous",
        initial_std=0.15,
        learning_rate=1e-3,
        desired_kl=0.01,
        normalize_rewards=True,
    )
    agent = PPO(env, settings)
    evaluator = MimicEvaluator(config, env.motion_library)
    for _ in range(args.epochs):
        figures = agent.iterate()
        print(f"{agent.env_steps:8d} steps, return {figures.get('rollout/episode_return', float('nan')):.1f}")
    for name, value in evaluator(agent.act).metrics.items():
        print(f"{name:24s} {value:.3f}")
    evaluator.close()
    env.close()


if __name__ == "__main__":
    main()
