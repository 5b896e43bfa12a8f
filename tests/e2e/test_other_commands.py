# SPDX-License-Identifier: Apache-2.0
"""Commands that need no trained run."""

import json
import re


def test_info_reports_this_machine(command_line):
    """Versions, simulators and robots, as JSON."""
    code, out, err = command_line.run("info", "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["simulators"]["mujoco"] == "installed"
    assert "g1" in found["robots"]


def test_bench_prints_both_rates_and_their_ratio(command_line):
    """The line that the issue asks for."""
    words = ["--simulator", "mujoco", "--robot-name", "g1", "--num-envs", 4, "--seconds", 0.1, "--num-threads", 1]
    code, out, err = command_line.run("bench", *words)
    assert (code, err) == (0, "")
    assert re.search(r"^ratio +0\.\d+ ", out, re.MULTILINE)


def test_bad_input_is_one_line_on_standard_error_with_exit_code_2(command_line):
    """In a process of its own as in the tests of the commands."""
    code, out, err = command_line.run(*command_line.train_words("--robot-name", "g2"))
    assert (code, out) == (2, "")
    assert re.fullmatch(r"error: .*nknown robot 'g2'.*\n", err)
    assert not list(command_line.folder.iterdir())
