# SPDX-License-Identifier: Apache-2.0
"""Commands at given times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from protomotions_cli.control.control import Stage, Wish
from protomotions_cli.control.orders import Order, give

_AFTERWARDS = 5.0
_ROUNDING = 1e-6


@dataclass(frozen=True)
class Entry:
    """One command."""

    at: float
    """When it is given, s."""
    order: Order
    """What is told then; it holds until it is told otherwise."""


class Script:
    """Gives commands when their time has come, and gives what holds again where an episode begins.

    Args:
        entries: In the order of their times.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._waiting = list(entries)
        self._holds = Order()
        self.seconds: float | None = entries[-1].at + _AFTERWARDS
        """How long a playback of it lasts, s: some seconds longer than its last command."""

    def tell(self, stage: Stage, time: float, *, begins: bool) -> Wish:
        """Give what is due; see `Control`."""
        before = self._holds
        while self._waiting and self._waiting[0].at <= time + _ROUNDING:
            self._holds = self._holds.then(self._waiting.pop(0).order)
        if self._holds is not before or (begins and self._holds != Order()):
            give(stage.env, self._holds)
        return Wish.GO_ON
