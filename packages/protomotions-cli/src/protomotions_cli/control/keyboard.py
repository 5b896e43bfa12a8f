# SPDX-License-Identifier: Apache-2.0
"""A robot that is driven by keys."""

from __future__ import annotations

import math
import sys
from typing import Protocol, TextIO

from protomotions_cli.control.control import Stage, Wish
from protomotions_cli.control.orders import give
from protomotions_cli.control.pilots import Pilot, pilot_for
from protomotions_cli.control.terminal_keys import HUNG_UP

_FRAMES_PER_STATUS = 5


class Keys(Protocol):
    """Where keys come from."""

    def pressed(self) -> list[str]:
        """Return the keys pressed since the last call."""
        ...


class Keyboard:
    """Gives orders as keys are pressed, and shows in one line of the terminal what it told and what the robot does.

    Args:
        keys: Where keys come from.
        screen: Where the line goes; standard error if left out.
    """

    seconds: float | None = math.inf
    """A drive ends when the driver wishes."""

    def __init__(self, keys: Keys, screen: TextIO | None = None) -> None:
        self._keys = keys
        self._screen = screen or sys.stderr
        self._pilot: Pilot | None = None
        self._frames = 0
        # Keys that came with one that ended the episode are for the next.
        self._waiting: list[str] = []

    def tell(self, stage: Stage, time: float, *, begins: bool) -> Wish:
        """Take the keys that were pressed; see `Control`."""
        pilot = self._pilot = self._pilot or self._meet(stage)
        if begins:
            pilot.begin(stage.env)
        changed = begins
        self._waiting += self._keys.pressed()
        while self._waiting:
            key = self._waiting.pop(0)
            if key in ("q", HUNG_UP):
                return Wish.QUIT
            if key == "r":
                return Wish.RESTART
            changed |= pilot.press(key)
        if changed:
            give(stage.env, pilot.order(stage.env))
        self._show(stage, pilot, time, at_once=changed)
        return Wish.GO_ON

    def leave(self) -> None:
        """Leave the line to whoever writes next."""
        if self._pilot is not None:
            print(file=self._screen, flush=True)

    def _meet(self, stage: Stage) -> Pilot:
        pilot = pilot_for(stage.env)
        print(f"{pilot.help}, R start again, Q quit (arrow keys as W/A/S/D)", file=self._screen, flush=True)
        return pilot

    def _show(self, stage: Stage, pilot: Pilot, time: float, *, at_once: bool) -> None:
        self._frames += 1
        if self._frames % _FRAMES_PER_STATUS and not at_once:
            return
        speed = float(stage.env.simulator.state.root_lin_vel[0, :2].norm())
        # Back to the start of the line, and whatever was there before is erased.
        self._screen.write(f"\r{time:6.1f} s | {pilot.describe()} | walks at {speed:.2f} m/s\x1b[K")
        self._screen.flush()
