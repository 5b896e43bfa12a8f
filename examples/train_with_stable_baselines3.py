# SPDX-License-Identifier: Apache-2.0
"""Train stable-baselines3's PPO on motion tracking through the adapter."""

import argparse

from stable_baselines3 import PPO

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.adapters.stable_baselines3 import StableBaselines3VecEnv


def main() -> None:
    """Train for some steps."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=500_000)
    parser.add_argument("--num-envs", type=int, default=256)
    args = parser.parse_args()

    env = StableBaselines3VecEnv(HumanoidVectorEnv(args.num_envs, autoreset_mode="same_step", flatten=True))
    # An action of 1 asks for a joint's whole effort, so exploration starts small: exp(-1.9) = 0.15.
    model = PPO(
        "MlpPolicy", env, n_steps=24, batch_size=6 * args.num_envs, policy_kwargs={"log_std_init": -1.9}, verbose=1
    )
    model.learn(args.steps)
    env.close()


if __name__ == "__main__":
    main()
