# SPDX-License-Identifier: Apache-2.0
"""Finds what isn't finite in a rollout or in an update, and names it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping

from torch import Tensor

from protomotions_algos.common.inputs import NetworkInput
from protomotions_algos.common.rollout import RolloutStorage
from protomotions_algos.common.statistics import MetricSums
from protomotions_algos.errors import AlgorithmError


def count_broken(metrics: MetricSums, storage: RolloutStorage, inputs: Mapping[str, NetworkInput]) -> None:
    """Count what isn't finite, without waiting for the device."""
    for name in _watched(storage):
        metrics.total(f"broken/{name}", (~storage[name].isfinite()).sum())
    for name, network_input in inputs.items():
        metrics.total(f"broken/{name}", network_input.count_broken())


def check_rollout(metrics: dict[str, float], storage: RolloutStorage, inputs: Mapping[str, NetworkInput]) -> None:
    """Take the counts out of `metrics` and raise AlgorithmError for the first that isn't zero."""
    watched = _watched(storage)
    counts = {name: metrics.pop(f"broken/{name}", 0.0) for name in (*inputs, *watched)}
    for name, network_input in inputs.items():
        if counts[name]:
            raise AlgorithmError(_observation_message(network_input))
        network_input.clear()
    for name in watched:
        if counts[name]:
            place = _where(storage[name])
            if name == "rewards":
                raise AlgorithmError(f"the environment's reward is not finite {place}; {_ADVICE}")
            raise AlgorithmError(f"the value of info['final_obs'] is not finite {place}: it holds NaN; {_ADVICE}")


def _watched(storage: RolloutStorage) -> list[str]:
    """Return the names of the environment's rewards and of each critic's values of last observations."""
    return ["rewards", *(name for name in storage if name.endswith("final_values"))]


_ADVICE = "the environment must reset a broken world instead of passing NaN on"


def _observation_message(network_input: NetworkInput) -> str:
    """Say which parts of the observation aren't finite, and in which worlds."""
    columns, worlds = network_input.broken_columns(), network_input.broken_worlds()
    where = f"in environment {worlds[0]} ({len(worlds)} environments in all)"
    shown = ", ".join(columns[:3]) + (f" and {len(columns) - 3} more" if len(columns) > 3 else "")
    return f"the environment's observation is not finite {where}: {shown}; {_ADVICE}"


def _where(values: Tensor) -> str:
    """Return the first place [t, n] of a value that isn't finite, in words."""
    places = (~values.isfinite()).nonzero()
    step, world = places[0].tolist()
    return f"in environment {world} at step {step} of the rollout ({places[:, 1].unique().numel()} environments in all)"


_UNSOUND = {
    "env/broken_worlds": "worlds broke (not finite, or exploded) and were reset; look at the actions and the model",
    "env/overflowed_worlds": "worlds had more contacts or constraints than the simulator has room for, so that some "
    "were left out; look for bodies that lie inside one another",
}


class WorldWatch:
    """Warns, once for each kind, of worlds that the environment reports as unsound."""

    def __init__(self) -> None:
        self._warned: set[str] = set()

    def check(self, metrics: Mapping[str, float]) -> None:
        """Look at an epoch's figures `env/broken_worlds` and `env/overflowed_worlds`."""
        for name, meaning in _UNSOUND.items():
            if metrics.get(name, 0.0) > 0.0 and name not in self._warned:
                self._warned.add(name)
                message = f"{metrics[name]:.0f} {meaning}; {name} in the logs counts them"
                warnings.warn(message, RuntimeWarning, stacklevel=2)


class UpdateWatch:
    """Warns about updates that were skipped, and gives up when nothing else happens any more.

    Args:
        patience: Epochs in a row without any update of some network, after which training stops.
    """

    def __init__(self, patience: int = 3) -> None:
        self.patience = patience
        self._epochs = 0

    def check(self, metrics: Mapping[str, float]) -> None:
        """Look at an epoch's figures `update/<network>_skipped` and `loss/<name>`.

        Raises:
            AlgorithmError: No update of some network was possible for `patience` epochs.
        """
        skipped = max(value for name, value in metrics.items() if name.endswith("_skipped"))
        self._epochs = self._epochs + 1 if skipped == 1.0 else 0
        if skipped == 0.0:
            return
        means = {name.removeprefix("loss/"): value for name, value in metrics.items() if name.startswith("loss/")}
        losses = [name for name, value in means.items() if not math.isfinite(value)]
        what = f"the {' and the '.join(losses)} loss" if losses else "a gradient, though no loss,"
        message = f"{what} is not finite; {skipped:.0%} of the epoch's updates were skipped"
        if self._epochs >= self.patience:
            raise AlgorithmError(
                f"{message}, as in each of the last {self._epochs} epochs; lower the learning rates, set max_grad_norm "
                "and look at the size of rewards and actions"
            )
        warnings.warn(message, RuntimeWarning, stacklevel=2)
