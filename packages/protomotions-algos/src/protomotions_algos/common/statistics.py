# SPDX-License-Identifier: Apache-2.0
"""Figures gathered on the device during an epoch and brought to the host once."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor


class MetricSums:
    """Means and totals of tensors; adding launches nothing on the device, and all come to the host in one transfer."""

    def __init__(self) -> None:
        self._entries: list[tuple[Sequence[str], Tensor]] = []
        self._totals: set[str] = set()

    def mean(self, name: str, value: Tensor) -> None:
        """Let the scalar `value` enter a mean."""
        self.means((name,), value)

    def means(self, names: Sequence[str], values: Tensor) -> None:
        """Let one value for each name, [K], enter its mean."""
        self._entries.append((names, values.detach().reshape(-1)))

    def total(self, name: str, value: Tensor) -> None:
        """Add the scalar `value` to a total."""
        self._totals.add(name)
        self.means((name,), value)

    def mark(self) -> int:
        """Return the place where later figures begin, for `cut`."""
        return len(self._entries)

    def cut(self, start: int) -> tuple[Sequence[str], Tensor]:
        """Take out the figures since a mark; return their names and values, [K]."""
        entries, self._entries = self._entries[start:], self._entries[:start]
        return [name for group, _ in entries for name in group], torch.cat([values for _, values in entries])

    def take(self) -> dict[str, float]:
        """Return all figures and begin anew."""
        values = torch.cat([tensor for _, tensor in self._entries]).tolist() if self._entries else []
        names = [name for group, _ in self._entries for name in group]
        sums: dict[str, float] = dict.fromkeys(names, 0.0)
        for name, value in zip(names, values, strict=True):
            sums[name] += value
        counts = Counter(names)
        figures = {name: value if name in self._totals else value / counts[name] for name, value in sums.items()}
        self._entries = []
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
    """Take what our environments tell about a step: means of reward terms, numbers of broken and overflowed worlds."""
    given = info.get("reward_terms")
    if isinstance(given, Mapping):
        terms = {name: value for name, value in given.items() if not str(name).startswith("_")}
        rows = [torch.as_tensor(value, dtype=torch.float32, device=device) for value in terms.values()]
        # Tasks may have no reward of their own.
        if rows:
            metrics.means([f"reward/{name}" for name in terms], torch.stack(rows).mean(dim=1))
    for name in ("broken", "overflowed"):
        if name in info:
            metrics.total(f"env/{name}_worlds", torch.as_tensor(info[name], device=device).sum())
