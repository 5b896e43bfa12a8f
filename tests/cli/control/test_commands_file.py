# SPDX-License-Identifier: Apache-2.0
"""Files of commands: what is read, and what is said of mistakes."""

import re

import pytest

from protomotions_cli.control.commands_file import read_commands
from protomotions_cli.control.orders import Order
from protomotions_cli.control.script import Entry
from protomotions_cli.errors import UsageError


def read(tmp_path, text, task="steering"):
    """Return the commands in a file of this text."""
    path = tmp_path / "commands.yaml"
    path.write_text(text, encoding="utf-8")
    return read_commands(path, task)


def test_a_file_for_steering(tmp_path):
    """Times, speeds and angles, in either style of YAML; whole numbers are numbers too."""
    text = "- {at: 0, speed: 1}\n- at: 2.5\n  direction: -90\n  facing: 45.5\n"
    assert read(tmp_path, text) == [Entry(0.0, Order(speed=1.0)), Entry(2.5, Order(direction=-90.0, facing=45.5))]


def test_a_file_for_the_other_tasks(tmp_path):
    """Points of a path, with a speed or without, and targets."""
    path = read(tmp_path, "- {at: 0, path: [[0, 1], [2, 3]], speed: 0.5}\n- {at: 1, path: [[0, 0]]}", "path_follower")
    assert path == [
        Entry(0.0, Order(path=((0.0, 1.0), (2.0, 3.0)), speed=0.5)),
        Entry(1.0, Order(path=((0.0, 0.0),))),
    ]
    assert read(tmp_path, "- {at: 0.5, target: [2, -1]}", "target") == [Entry(0.5, Order(target=(2.0, -1.0)))]


WRONG = {
    "empty": ("", "steering", r"holds no commands; expected a list, such as - \{at: 0, speed: 1\.0, direction: 90\}"),
    "mapping": ("at: 0", "target", r"holds no commands; .*\{at: 0, target: \[2, 1\]\}"),
    "no YAML": ("- {at: 0", "steering", "is not valid YAML"),
    "no mapping": ("- 3", "steering", r"command 1: expected something like \{at: 0, .*got 3"),
    "unknown key": ("- {at: 0, sped: 1}", "steering", "takes no 'sped'; did you mean 'speed'"),
    "key of another task": ("- {at: 0, target: [1, 2]}", "steering", "the task 'steering' takes no 'target'"),
    "no time": ("- {speed: 1}", "steering", "expected 'at' and at least one of speed, direction, facing"),
    "nothing told": ("- {at: 1}", "steering", "expected 'at' and at least one of"),
    "negative time": ("- {at: -1, speed: 1}", "steering", "at must be a number from 0 up, not -1"),
    "negative speed": ("- {at: 1, speed: -1}", "steering", "speed must be a number from 0 up, not -1"),
    "text": ("- {at: 1, direction: left}", "steering", "direction must be a number, not 'left'"),
    "truth": ("- {at: 1, speed: yes}", "steering", "speed must be a number from 0 up, not True"),
    "not finite": ("- {at: 1, direction: .nan}", "steering", "direction must be a number, not nan"),
    "time goes back": ("- {at: 1, speed: 1}\n- {at: 1, speed: 2}", "steering", "command 2: 1 s is not after 1 s"),
    "point": ("- {at: 0, target: [1]}", "target", r"target must be a point \[x, y\] in metres, not \[1\]"),
    "point of text": ("- {at: 0, target: ab}", "target", "target must be a point"),
    "path": ("- {at: 0, path: []}", "path_follower", r"path must be 1 to 64 points \[\[x, y\], ...\]"),
    "long path": (f"- {{at: 0, path: {[[0, 0]] * 65}}}", "path_follower", "path must be 1 to 64 points"),
    "path of numbers": ("- {at: 0, path: [1, 2]}", "path_follower", r"path must be a point \[x, y\] in metres, not 1"),
    "speed alone": ("- {at: 0, speed: 1}", "path_follower", "expected a path"),
    "no speed": ("- {at: 0, path: [[1, 2]], speed: 0}", "path_follower", "a speed above 0"),
}


@pytest.mark.parametrize("case", WRONG)
def test_mistakes_are_told_in_one_line(tmp_path, case):
    """File, number of the command, what is wrong."""
    text, task, message = WRONG[case]
    with pytest.raises(UsageError) as caught:
        read(tmp_path, text, task)
    assert re.search(rf"commands\.yaml.*{message}", str(caught.value))
    assert "\n" not in str(caught.value)


def test_a_file_that_isn_t_there_or_no_text(tmp_path):
    """The reason is given."""
    with pytest.raises(UsageError, match=r"can't read commands .*none\.yaml: No such file"):
        read_commands(tmp_path / "none.yaml", "steering")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="it is not a text file"):
        read_commands(tmp_path / "binary.yaml", "steering")
