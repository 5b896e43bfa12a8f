# SPDX-License-Identifier: Apache-2.0
"""One view of all vector environments: numpy or torch, resetting in the same or in the next step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
    """Last observation of episodes that ended, those cut off at least, which a same-step reset has replaced."""

    observation: Observation
    """All worlds, or only those of `rows`, in that order."""
    rows: Tensor | None
    """Worlds [K] whose episode ended; None where `observation` holds all N and only the ended ones have meaning."""


@dataclass(frozen=True)
class Step:
    """What one step of all worlds gave, on the learner's device; [N] each."""

    observation: Observation
    reward: Tensor
    terminated: Tensor
    truncated: Tensor
    final: FinalObservation | None
    """None where the environment resets in the next step or, known without waiting for the device, none ended."""
    info: Mapping[str, object]

    @property
    def done(self) -> Tensor:
        """Worlds whose episode ended in this step, whatever the cause."""
        return self.terminated | self.truncated

    def reached(self, encode: Callable[[Observation], Tensor]) -> Tensor:
        """Return encoded rows [N, D] of the states that the step led to, before any reset in the same step.

        Needs `EnvironmentView(keep_terminal=True)`.
        """
        rows, final = encode(self.observation), self.final
        if final is None:
            return rows
        last = encode(final.observation)
        if final.rows is None:
            return torch.where(self.done[:, None], last, rows)
        # Not in place: the rows may be the environment's own memory.
        return rows.index_copy(0, final.rows.to(rows.device), last)


class EnvironmentView:
    """Steps a vector environment with tensors.

    Args:
        env: A vector environment that states `metadata["autoreset_mode"]`.
        device: Where rewards and flags are wanted.
        keep_terminal: Whether `Step.final` is wanted of terminated episodes too; else only of those cut off.

    Raises:
        AlgorithmError: The environment doesn't reset its worlds itself, or doesn't say when.
    """

    def __init__(self, env: VectorEnv, device: torch.device, *, keep_terminal: bool = False) -> None:
        self.env = env
        self.device = device
        self.keep_terminal = keep_terminal
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
            wanted = terminated | truncated if self.keep_terminal else truncated & ~terminated
            final = _final_observation(
                info, wanted, "an episode that ended" if self.keep_terminal else "a truncated episode"
            )
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


def _final_observation(info: Mapping[str, object], wanted: Tensor | np.ndarray, kind: str) -> FinalObservation | None:
    """Return the last observations, only of the wanted worlds where their number is known on the host."""
    if isinstance(wanted, Tensor) and wanted.device.type != "cpu":
        return FinalObservation(_given_final(info, kind), None)
    if not wanted.any():
        return None
    given = _given_final(info, kind)
    rows = wanted.nonzero()
    rows = rows[:, 0] if isinstance(rows, Tensor) else rows[0]
    if isinstance(given, np.ndarray) and given.dtype == object:
        kept = stack_observations([given[row] for row in rows])
    else:
        kept = take_rows(given, rows)
    return FinalObservation(kept, torch.as_tensor(rows))


def _given_final(info: Mapping[str, object], kind: str) -> Observation:
    """Return info["final_obs"], without which nobody knows the state that a `kind` of episode stopped in."""
    if "final_obs" not in info:
        raise AlgorithmError(
            f"the environment resets in the same step but gave no info['final_obs'] for {kind}; it must, so that the "
            "state it stopped in is valued, not the next one's first. Or make it with autoreset_mode NEXT_STEP"
        )
    return info["final_obs"]  # ty: ignore[invalid-explicit-return]
