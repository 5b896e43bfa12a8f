# SPDX-License-Identifier: Apache-2.0
"""The command itself: help, version, and which errors become one line."""

import re

import pytest

from protomotions_cli import __version__
from protomotions_cli.commands import info, motions
from protomotions_cli.main import app, main

MOTIONS = [name for command in motions.app.registered_commands if (name := command.name)]
COMMANDS = [name for command in app.registered_commands if (name := command.name)]


def test_version(protomotions):
    """The version is that of the package."""
    assert protomotions("--version") == (0, f"protomotions {__version__}\n", "")


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"]])
def test_without_a_command_the_commands_are_listed(protomotions, words):
    """Asking for help and asking for nothing are alike."""
    code, out, err = protomotions(*words)
    assert (code, err) == (0, "")
    assert all(command in out for command in [*COMMANDS, "motions"])


@pytest.mark.parametrize("command", [*COMMANDS, *(f"motions {one}" for one in MOTIONS)])
def test_every_command_explains_itself(protomotions, command):
    """Each has a help text, and each of its options too."""
    code, out, _ = protomotions(*command.split(), "--help")
    assert code == 0
    options = re.findall(r"^│ +(?:\*\s+)?--[\w-]+.*<[\w\[\]]+> *(.*?) *│$", out, flags=re.MULTILINE)
    assert options
    assert all(options)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trian"], "No such command 'trian'"),
        (["train", "--experiment-paht", "x.py"], r"No such option: --experiment-paht \(Possible options: .*path"),
        (["train", "--num-envs", "many"], "Invalid value for '--num-envs'"),
        (["eval"], "Missing argument 'name'"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_exit_code_2(protomotions, words, message):
    """What the parser finds reads like every other error."""
    code, out, err = protomotions(*words)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: .*{message}.*\n", err, flags=re.IGNORECASE)


def test_an_unexpected_error_keeps_its_traceback(monkeypatch):
    """A ValueError from the depths is a defect, not a user's mistake."""

    def fail() -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(info, "report", fail)
    with pytest.raises(ValueError, match="a defect"):
        main(["info"])
