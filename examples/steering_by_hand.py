# SPDX-License-Identifier: Apache-2.0
"""Train robots to walk where they are told, then tell one of them to walk a square."""

import argparse
import math

from protomotions_algos.ppo import PPO, PPOConfig
from protomotions_envs import HumanoidVectorEnv


def main() -> None:
    """Train for some epochs, then print where the robot is at each corner."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=300)
    parser.add_argument("--num-envs", type=int, default=256)
    parser.add_argument("--seconds", type=float, default=4.0, help="per side of the square")
    args = parser.parse_args()

    env = HumanoidVectorEnv(args.num_envs, task="steering", autoreset_mode="same_step", flatten=True)
    agent = PPO(env, PPOConfig(initial_std=0.2, learning_rate=1e-3, desired_kl=0.01, normalize_rewards=True))
    for _ in range(args.epochs):
        figures = agent.iterate()
        print(f"{agent.env_steps:8d} steps, return {figures.get('rollout/episode_return', float('nan')):.1f}")
    env.close()

    one = HumanoidVectorEnv(1, task="steering", autoreset_mode="disabled", flatten=True)
    observation, _ = one.reset(seed=0)
    for side in range(4):
        # A command holds until the next one; the robot sees it from the next step on.
        one.command(speed=1.0, direction=side * math.pi / 2)
        for _ in range(round(args.seconds / one.robot.control_dt)):
            observation, *_ = one.step(agent.act(observation))
        x, y, _ = one.simulator.state.root_pos[0].tolist()
        print(f"corner {side + 1}: {x:.1f}, {y:.1f} m")
    one.close()


if __name__ == "__main__":
    main()
