# SPDX-License-Identifier: Apache-2.0
"""Keys through a pseudo-terminal, which is afterwards as it was before."""

import os
import signal
import sys
import termios
import time

import pytest

from protomotions_cli.control.terminal_keys import HUNG_UP, terminal_keys
from protomotions_cli.errors import UsageError


@pytest.fixture
def terminal(monkeypatch):
    """The typing side of a pseudo-terminal whose other side is standard input."""
    typing, reading = os.openpty()
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        yield typing
    os.close(typing)


def mode():
    """Return the settings of the terminal on standard input."""
    return termios.tcgetattr(sys.stdin.fileno())


def soon(keys):
    """Return the keys that arrive; what is typed takes a moment to get through the kernel."""
    found, end = [], time.monotonic() + 2.0
    while not found and time.monotonic() < end:
        found = keys.pressed()
    return found


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        (b"w", ["w"]),
        (b"WaSd", ["w", "a", "s", "d"]),
        (b" q", ["space", "q"]),
        (b"\x1b[A\x1b[B\x1b[C\x1b[D", ["up", "down", "right", "left"]),
        (b"\x1bOA", ["up"]),
        (b"\x1b[1;5C", ["right"]),
        (b"\x1b[3~x", ["x"]),
        (b"\x1bx", ["x"]),
    ],
)
def test_keys_have_names(terminal, typed, keys):
    """Letters, space and arrows, in both ways that terminals send them; other special keys are passed over."""
    with terminal_keys() as pressed:
        os.write(terminal, typed)
        assert soon(pressed) == keys
        assert pressed.pressed() == []


def test_an_arrow_that_comes_in_two_parts_is_one_key(terminal):
    """The first part waits for the second."""
    with terminal_keys() as pressed:
        os.write(terminal, b"w\x1b[")
        assert soon(pressed) == ["w"]
        os.write(terminal, b"A")
        assert soon(pressed) == ["up"]


def test_keys_come_at_once_and_unseen_and_ctrl_c_still_interrupts(terminal):
    """No line is waited for, nothing is echoed, and signals stay."""
    with terminal_keys():
        flags = mode()[3]
        assert not flags & (termios.ECHO | termios.ICANON)
        assert flags & termios.ISIG


def test_the_terminal_is_as_before_when_it_ends(terminal):
    """In good order."""
    before = mode()
    with terminal_keys():
        assert mode() != before
    assert mode() == before


def fail(error):
    """Raise an error while keys are read."""
    with terminal_keys():
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_the_terminal_is_as_before_after_an_error(terminal, error):
    """And after Ctrl-C."""
    before = mode()
    with pytest.raises(error):
        fail(error)
    assert mode() == before


def wait_to_be_ended(number):
    """Send this process a signal while keys are read."""
    with terminal_keys():
        os.kill(os.getpid(), number)
        time.sleep(1.0)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signals_that_end_the_process_restore_the_terminal_first(terminal, number):
    """With the exit code of the signal; afterwards they do what they did before."""
    before, handler = mode(), signal.getsignal(number)
    with pytest.raises(SystemExit) as caught:
        wait_to_be_ended(number)
    assert caught.value.code == 128 + number
    assert mode() == before
    assert signal.getsignal(number) is handler


def test_a_terminal_that_is_closed_is_told(monkeypatch):
    """Rather than waited for."""
    typing, reading = os.openpty()
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        with terminal_keys() as pressed:
            os.close(typing)
            assert soon(pressed) == [HUNG_UP]


def test_without_a_terminal_keys_are_refused(monkeypatch, tmp_path):
    """With what to do instead."""
    (tmp_path / "input").touch()
    with (tmp_path / "input").open() as file:
        monkeypatch.setattr("sys.stdin", file)
        with pytest.raises(UsageError, match=r"needs a terminal .* use --commands FILE instead"), terminal_keys():
            pass
