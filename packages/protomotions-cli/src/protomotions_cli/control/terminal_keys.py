# SPDX-License-Identifier: Apache-2.0
"""Keys that are pressed in the terminal, one by one, without waiting."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import termios
import tty
from collections.abc import Generator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import NoReturn

from protomotions_cli.errors import UsageError

_ARROWS = {"A": "up", "B": "down", "C": "right", "D": "left"}
# A sequence of a special key, or one character; an unfinished sequence matches neither before its end has come.
_KEY = re.compile(r"\x1b[\[O][^A-Za-z~]*(?P<sequence>[A-Za-z~])|(?P<character>[^\x1b])|\x1b(?=[^\[O])")
_LETHAL = (signal.SIGTERM, signal.SIGHUP)

HUNG_UP = "hung up"
"""Stands for the end of the input, after which no key will come."""


class TerminalKeys:
    """Reads keys of a terminal that passes each one on at once.

    Args:
        descriptor: Of the terminal.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._unread = ""

    def pressed(self) -> list[str]:
        """Return the keys pressed since the last call: small letters, `space`, `up`, `down`, `left`, `right`."""
        while select.select([self._descriptor], [], [], 0)[0]:
            try:
                data = os.read(self._descriptor, 1024)
            except OSError:
                # What Linux gives instead of an end of file when the other side of a terminal is gone.
                data = b""
            if not data:
                return [HUNG_UP]
            self._unread += data.decode(errors="ignore")
        return list(self._parse())

    def _parse(self) -> Generator[str]:
        while found := _KEY.match(self._unread):
            self._unread = self._unread[found.end() :]
            if found["character"]:
                yield "space" if found["character"] == " " else found["character"].lower()
            elif found["sequence"] in _ARROWS:
                yield _ARROWS[found["sequence"]]


@contextmanager
def terminal_keys() -> Generator[TerminalKeys]:
    """Let the terminal on standard input pass keys on at once and unseen; however this ends, it is as before.

    Ctrl-C still interrupts. SIGTERM and SIGHUP end the process in good order.

    Raises:
        UsageError: Standard input is no terminal.
    """
    if not sys.stdin.isatty():
        raise UsageError(
            "--keyboard needs a terminal to read keys from, but standard input is none; use --commands FILE instead"
        )
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    handlers = {number: signal.signal(number, _leave) for number in _LETHAL}
    try:
        tty.setcbreak(descriptor, termios.TCSANOW)
        yield TerminalKeys(descriptor)
    finally:
        # A terminal that has been closed needs no mode.
        with suppress(termios.error):
            # Keys that came too late are not for the shell.
            termios.tcflush(descriptor, termios.TCIFLUSH)
            termios.tcsetattr(descriptor, termios.TCSANOW, before)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
