# SPDX-License-Identifier: Apache-2.0
"""Step 64 robots with random actions and count how their episodes end."""

import argparse

import gymnasium as gym
import torch

import protomotions_envs  # noqa: F401  (registers the ids)


def main() -> None:
    """Run some steps and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--num-envs", type=int, default=64)
    args = parser.parse_args()

    env = gym.make_vec("ProtoMotions/Mimic-v0", num_envs=args.num_envs, flatten=True, autoreset_mode="same_step")
    env.reset(seed=0)
    actions = torch.as_tensor(env.action_space.sample())
    reward_sum, failed, cut_off = torch.zeros(args.num_envs), 0, 0
    for _ in range(args.steps):
        _, reward, terminated, truncated, _ = env.step(0.1 * torch.randn_like(actions))
        reward_sum += reward
        failed += int(terminated.sum())
        cut_off += int((truncated & ~terminated).sum())
    print(
        f"mean reward {reward_sum.mean() / args.steps:.3f}, {failed} episodes failed, {cut_off} ended with their clip"
    )
    env.close()


if __name__ == "__main__":
    main()
