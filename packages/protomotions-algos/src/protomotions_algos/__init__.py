# SPDX-License-Identifier: Apache-2.0
"""Reinforcement learning for any Gymnasium vector environment, on the device the environment lives on.

An algorithm is a folder (`ppo`) that imports only from `common`. It sees a `gymnasium.vector.VectorEnv`, its spaces and
the protocols of `common.protocols`; it knows no robot, no simulator and no motion.

Conventions: tensors are float32, the first axis is the environment (N), rollouts are [T, N, ...] with time first.
`terminated` (the task ended) and `truncated` (time ran out) are never merged.
"""

__version__ = "0.1.0"
