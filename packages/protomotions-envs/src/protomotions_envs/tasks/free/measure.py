# SPDX-License-Identifier: Apache-2.0
"""What an evaluation measures step by step, in tensors that stay on the device until the end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import ClassVar

import torch
from torch import Tensor

from protomotions_envs.state import RobotState


class Averages:
    """Means over those moments of N worlds that count.

    Args:
        names: What is averaged.
        device: Of the tensors.
    """

    def __init__(self, names: Iterable[str], device: torch.device) -> None:
        # Sum and count; single precision would lose moments after some millions.
        self._totals = {name: torch.zeros(2, dtype=torch.float64, device=device) for name in names}

    def begin(self) -> None:
        """Forget all moments."""
        for total in self._totals.values():
            total.zero_()

    def add(self, name: str, values: Tensor, where: Tensor) -> None:
        """Count values [n] where `where`, bool, [n], is true; elsewhere they may be anything, even not finite."""
        self._totals[name] += torch.stack((torch.where(where, values, 0.0).double().sum(), where.sum()))

    def means(self) -> dict[str, float]:
        """Return the means; what had no moment is left out."""
        totals = {name: total.tolist() for name, total in self._totals.items()}
        return {name: total / count for name, (total, count) in totals.items() if count}


class Measure(ABC):
    """Something that is measured while N worlds run."""

    definitions: ClassVar[Mapping[str, str]]
    """What the figures mean, by name."""

    @abstractmethod
    def begin(self, state: RobotState) -> None:
        """Start anew in the states of all worlds before the first step."""

    @abstractmethod
    def count(self, state: RobotState, counted: Tensor) -> None:
        """Count a control step; nothing here may wait for the device.

        Args:
            state: Of all worlds after the step.
            counted: Where the robot hasn't fallen yet, bool, [N].
        """

    @abstractmethod
    def metrics(self) -> dict[str, float]:
        """Return the figures; those that nothing was counted for are left out."""

    @abstractmethod
    def loss(self, metrics: Mapping[str, float]) -> float:
        """Return what figures take off the score: 0 for perfect ones, 1 for useless or missing ones."""


def capped(metrics: Mapping[str, float], name: str, worst: float) -> float:
    """Return a figure as a share of its worst value, at most 1; 1 where it is missing."""
    return min(metrics.get(name, worst) / worst, 1.0)
