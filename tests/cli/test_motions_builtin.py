# SPDX-License-Identifier: Apache-2.0
"""The clips that ship with the package: listed, and made again."""

import re

import pytest


def test_the_built_in_clips_are_listed(protomotions):
    """With the one that is taken where none is named; a robot without clips has none."""
    code, out, _ = protomotions("motions", "list")
    assert code == 0
    assert re.search(r"squat .*Apache-2\.0 .*yes", out)
    assert "squat" not in protomotions("motions", "list", "--robot", "smpl")[1]


def test_a_built_in_clip_can_be_made_again(protomotions, workspace):
    """The same motion as the one that ships."""
    pytest.importorskip("mink", reason="needs protomotions-envs[retarget]")
    code, out, _ = protomotions("motions", "generate", "made", "--clip", "squat")
    assert code == 0
    assert re.fullmatch(r"wrote made/squat\.npz: \d+ frames, \d+\.\d\d s\n", out)
    assert protomotions("motions", "inspect", "made/squat.npz")[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["generate", "made", "--clip", "sqat"], "No clip 'sqat'"),
        (["generate", "made", "--robot", "smpl"], "no clips can be generated for robot 'smpl'"),
        (["list", "--robot", "g2"], "nknown robot 'g2'"),
    ],
)
def test_bad_input_is_one_line_with_exit_code_2(protomotions, workspace, words, message):
    """Nothing is written."""
    pytest.importorskip("mink", reason="needs protomotions-envs[retarget]")
    code, out, err = protomotions("motions", *words)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: .*{message}.*\n", err)
    assert [path.name for path in workspace.iterdir()] == ["tiny.py"]
