# SPDX-License-Identifier: Apache-2.0
"""One view of all vector environments: numpy or torch, resetting in the same or in the next step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from gymnasium.vector import AutoresetMode, VectorEnv
from torch import Tensor

from protomotions_algos.common.observations import is_torch, stack_observations, take_rows
from protomotions_algos.common.protocols import Observation
from protomotions_algos.errors import AlgorithmError


@dataclass(frozen=True)
class FinalObservation:
    """Last observation of episodes that were cut off, which a same-step reset has replaced."""

    observation: Observation
    """All worlds, or only those of `rows`, in that order."""
    rows: Tensor | None
    """Worlds [K] that were cut off; None where `observation` holds all N and only the truncated ones have meaning."""


@dataclass(frozen=True)
class Step:
    """What one step of all worlds gave, on the learner's device; [N] each."""

    observation: Observation
    reward: Tensor
    terminated: Tensor
    truncated: Tensor
    final: FinalObservation | None
    """None where the environment resets in the next step or, known without waiting for the device, none was cut off."""
    info: Mapping[str, object]

    @property
    def done(self) -> Tensor:
        """Worlds whose episode ended in this step, whatever the cause."""
        return self.terminated | self.truncated


class EnvironmentView:
    """Steps a vector environment with tensors.

    Args:
        env: A vector environment that states `metadata["autoreset_mode"]`.
        device: Where rewards and flags are wanted.

    Raises:
        AlgorithmError: The environment doesn't reset its worlds itself, or doesn't say when.
    """

    def __init__(self, env: VectorEnv, device: torch.device) -> None:
        self.env = env
        self.device = device
        self.num_envs = env.num_envs
        self.autoreset = autoreset_mode(env)
        self._wants_torch = False
        self._action_dtype = env.single_action_space.dtype

    def reset(self, seed: int | None) -> Observation:
        """Begin new episodes in all worlds."""
        observation, _ = self.env.reset(seed=seed)
        self._wants_torch = is_torch(observation)
        return observation

    def step(self, actions: Tensor) -> Step:
        """Advance all worlds with actions [N, ...] on the learner's device."""
        sent = actions if self._wants_torch else actions.cpu().numpy().astype(self._action_dtype, copy=False)
        observation, reward, terminated, truncated, info = self.env.step(sent)
        final = None
        if self.autoreset is AutoresetMode.SAME_STEP:
            final = _final_observation(info, terminated, truncated)
        return Step(
            observation,
            torch.as_tensor(reward, dtype=torch.float32, device=self.device),
            torch.as_tensor(terminated, dtype=torch.bool, device=self.device),
            torch.as_tensor(truncated, dtype=torch.bool, device=self.device),
            final,
            info,
        )


def autoreset_mode(env: VectorEnv) -> AutoresetMode:
    """Return when an environment resets a finished world: in the same step or in the next.

    Raises:
        AlgorithmError: It doesn't say, or leaves resets to the caller.
    """
    given = env.metadata.get("autoreset_mode")
    try:
        mode = AutoresetMode(given)
    except ValueError:
        raise AlgorithmError(
            f"the environment's metadata['autoreset_mode'] is {given!r}; expected a gymnasium.vector.AutoresetMode. "
            "Set it to what the environment does when an episode ends: NEXT_STEP or SAME_STEP"
        ) from None
    if mode is AutoresetMode.DISABLED:
        raise AlgorithmError(
            "the environment's autoreset_mode is DISABLED, so nobody would reset finished worlds; "
            "make it with autoreset_mode SAME_STEP or NEXT_STEP"
        )
    return mode


def _final_observation(
    info: Mapping[str, object], terminated: Tensor | np.ndarray, truncated: Tensor | np.ndarray
) -> FinalObservation | None:
    """Return the observations to bootstrap from, only of truncated worlds where their number is known on the host."""
    cut_off = truncated & ~terminated
    if isinstance(cut_off, Tensor) and cut_off.device.type != "cpu":
        return FinalObservation(_given_final(info), None)
    if not cut_off.any():
        return None
    given = _given_final(info)
    rows = cut_off.nonzero()
    rows = rows[:, 0] if isinstance(rows, Tensor) else rows[0]
    if isinstance(given, np.ndarray) and given.dtype == object:
        kept = stack_observations([given[row] for row in rows])
    else:
        kept = take_rows(given, rows)
    return FinalObservation(kept, torch.as_tensor(rows))


def _given_final(info: Mapping[str, object]) -> Observation:
    """Return info["final_obs"], without which a time limit can't be told from a failure."""
    if "final_obs" not in info:
        raise AlgorithmError(
            "the environment resets in the same step but gave no info['final_obs'] for a truncated episode; "
            "it must, so that the time limit is not learned as a failure. Or make it with autoreset_mode NEXT_STEP"
        )
    return info["final_obs"]  # ty: ignore[invalid-explicit-return]
