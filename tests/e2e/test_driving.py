# SPDX-License-Identifier: Apache-2.0
"""A robot that is driven from a terminal, and one that follows a file of commands."""

import fcntl
import os
import re
import signal
import subprocess
import sys
import termios
import threading

import pytest


@pytest.fixture(scope="module")
def steering(command_line):
    """The commands, after `steering` has been trained, on a machine without a screen."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        command_line.environment.pop(name, None)
    words = ["--experiment-name", "steering", "--training-max-steps", 32]
    code, _, err = command_line.run(*command_line.train_words(*words, experiment="steering_mlp.py"))
    assert (code, err) == (0, "")
    return command_line


class Terminal:
    """A pseudo-terminal with `protomotions play --keyboard` on it, and what it shows."""

    def __init__(self, line):
        self.typing, inner = os.openpty()
        self.before = termios.tcgetattr(inner)
        script = os.path.join(os.path.dirname(sys.executable), "protomotions")
        self.process = subprocess.Popen(
            [script, "play", "steering", "--keyboard", "--seconds", "60"],
            cwd=line.folder,
            env=line.environment,
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
            # Ctrl-C is for the process whose terminal it is.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        line.started.append(self.process)
        self.inner = inner
        self.shown = ""
        self._changed = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        while True:
            try:
                data = os.read(self.typing, 4096)
            except OSError:
                return
            with self._changed:
                self.shown += data.decode(errors="replace")
                self._changed.notify_all()

    def wait_for(self, pattern):
        """Wait until the screen has shown something."""
        with self._changed:
            assert self._changed.wait_for(lambda: re.search(pattern, self.shown), timeout=60), self.shown

    def type(self, keys):
        """Press keys."""
        os.write(self.typing, keys)

    def finish(self):
        """Return the exit code, and whether the terminal is as it was before."""
        code = self.process.wait(timeout=60)
        same = termios.tcgetattr(self.inner) == self.before
        os.close(self.inner)
        self._reader.join(timeout=10)
        os.close(self.typing)
        return code, same


def test_keys_drive_the_robot_until_q(steering):
    """The line shows what was told; afterwards the terminal is as before."""
    terminal = Terminal(steering)
    terminal.wait_for(r"0\.00 m/s towards 0 deg")
    terminal.type(b"w\x1b[Aa")
    terminal.wait_for(r"0\.50 m/s towards 15 deg \| walks at \d\.\d\d m/s")
    terminal.type(b"q")
    assert terminal.finish() == (0, True)


@pytest.mark.parametrize("end", ["ctrl-c", "sigterm"])
def test_a_drive_that_is_cut_off_leaves_the_terminal_as_before(steering, end):
    """No traceback either."""
    terminal = Terminal(steering)
    terminal.wait_for(r"0\.00 m/s towards 0 deg")
    if end == "ctrl-c":
        terminal.type(b"\x03")
    else:
        terminal.process.send_signal(signal.SIGTERM)
    assert terminal.finish() == (130 if end == "ctrl-c" else 128 + signal.SIGTERM, True)
    assert "Traceback" not in terminal.shown


def test_a_file_of_commands_is_filmed_or_opengl_is_named(steering):
    """As any other film."""
    (steering.folder / "square.yaml").write_text("- {at: 0, speed: 1}\n- {at: 0.04, direction: 90}\n")
    words = ["--commands", "square.yaml", "--video", "out.mp4", "--seconds", 0.1, "--width", 64, "--height", 48]
    code, out, err = steering.run("play", "steering", *words)
    if code == 0:
        assert "Written to out.mp4: 0.1 s, 64 x 48 at 50 frames/s." in out
        assert (steering.folder / "out.mp4").read_bytes()[4:8] == b"ftyp"
    else:
        assert re.fullmatch(r"error: .*OpenGL.*\n", err)
