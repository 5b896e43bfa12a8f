# SPDX-License-Identifier: Apache-2.0
"""Figures gathered on the device during an epoch and brought to the host once."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping

import torch
from torch import Tensor


class MetricSums:
    """Means and totals of scalar tensors; adding never waits for the device.

    Args:
        device: Where the scalars live.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._sums: dict[str, Tensor] = {}
        self._counts: dict[str, int] = {}

    def mean(self, name: str, value: Tensor) -> None:
        """Let the scalar `value` enter a mean."""
        self.total(name, value)
        self._counts[name] = self._counts.get(name, 0) + 1

    def total(self, name: str, value: Tensor) -> None:
        """Add the scalar `value` to a total."""
        value = value.detach()
        self._sums[name] = self._sums[name] + value if name in self._sums else value

    def take(self) -> dict[str, float]:
        """Return all figures with a single transfer, and begin anew."""
        if not self._sums:
            return {}
        sums = torch.stack([value.double() for value in self._sums.values()]).tolist()
        figures = {name: value / self._counts.get(name, 1) for name, value in zip(self._sums, sums, strict=True)}
        self._sums, self._counts = {}, {}
        return figures


class EpisodeStatistics:
    """Returns and lengths of finished episodes, the environment's own figures where it gives them.

    Args:
        num_envs: N, number of worlds.
        device: Where rewards live.
        window: Episodes that a reported mean goes over, at least, once so many have ended.
    """

    def __init__(self, num_envs: int, device: torch.device, *, window: int = 100) -> None:
        self.device = device
        self.window = window
        self.returns = torch.zeros(num_envs, device=device)
        self.lengths = torch.zeros(num_envs, device=device)
        self._recent: deque[tuple[float, float, float]] = deque()

    def record(
        self, metrics: MetricSums, reward: Tensor, done: Tensor, valid: Tensor | None, info: Mapping[str, object]
    ) -> None:
        """Take one step of all worlds, [N] each; `valid` is false where the step was a reset only."""
        self.returns += reward if valid is None else reward * valid
        self.lengths += 1.0 if valid is None else valid
        returns, lengths, ended = self._of_environment(info) or (self.returns, self.lengths, done)
        metrics.total("episodes/return", torch.where(ended, returns, 0.0).sum())
        metrics.total("episodes/length", torch.where(ended, lengths, 0.0).sum())
        metrics.total("episodes/count", ended.sum())
        self.returns *= ~done
        self.lengths *= ~done

    def restart(self) -> None:
        """Forget episodes that were given up."""
        self.returns.zero_()
        self.lengths.zero_()

    def summarize(self, metrics: dict[str, float]) -> None:
        """Replace an epoch's sums in `metrics` by means over the recent episodes; NaN before the first one ended."""
        total_return, total_length, ended = (metrics.pop(f"episodes/{name}") for name in ("return", "length", "count"))
        if ended > 0:
            self._recent.append((total_return, total_length, ended))
        while self._recent and sum(entry[2] for entry in self._recent) - self._recent[0][2] >= self.window:
            self._recent.popleft()
        count = sum(entry[2] for entry in self._recent)
        metrics["rollout/episode_return"] = sum(entry[0] for entry in self._recent) / count if count else math.nan
        metrics["rollout/episode_length"] = sum(entry[1] for entry in self._recent) / count if count else math.nan
        metrics["rollout/episodes"] = ended

    def state_dict(self) -> dict[str, list[list[float]]]:
        """Return the recent episodes."""
        return {"recent": [list(entry) for entry in self._recent]}

    def load_state_dict(self, state: Mapping[str, list[list[float]]]) -> None:
        """Continue from the recent episodes of another run."""
        self._recent = deque((entry[0], entry[1], entry[2]) for entry in state["recent"])

    def _of_environment(self, info: Mapping[str, object]) -> tuple[Tensor, Tensor, Tensor] | None:
        """Return what RecordEpisodeStatistics wrote, around the vector environment or around each world."""
        final = info.get("final_info")
        for source in (info, final):
            if isinstance(source, Mapping) and isinstance(episode := source.get("episode"), Mapping):
                ended = torch.as_tensor(source["_episode"], dtype=torch.bool, device=self.device)
                returns = torch.as_tensor(episode["r"], dtype=torch.float32, device=self.device)
                return returns, torch.as_tensor(episode["l"], dtype=torch.float32, device=self.device), ended
        return None


def record_info(metrics: MetricSums, info: Mapping[str, object], device: torch.device) -> None:
    """Take what our environments tell about a step: means of reward terms, number of broken worlds."""
    terms = info.get("reward_terms")
    if isinstance(terms, Mapping):
        for name, value in terms.items():
            if not str(name).startswith("_"):
                values = torch.as_tensor(value, dtype=torch.float32, device=device)
                metrics.mean(f"reward/{name}", values.mean())
    if "broken" in info:
        metrics.total("env/broken_worlds", torch.as_tensor(info["broken"], device=device).sum())
