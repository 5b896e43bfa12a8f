# SPDX-License-Identifier: Apache-2.0
"""Commands about clips."""

import re

import numpy as np
import pytest

from protomotions_envs.motions import read_motion


def test_inspect_shows_what_is_in_a_clip(protomotions, clip):
    """Length, rate, names and licence of the waving clip."""
    code, out, err = protomotions("motions", "inspect", clip)
    assert (code, err) == (0, "")
    facts = dict(re.findall(r"^(\S.*?)  +(.*?) *$", out, re.MULTILINE))
    assert (facts["name"], facts["robot"], facts["frames"], facts["fps"]) == ("wave", "g1", "30", "30")
    assert (facts["seconds"], facts["joints"], facts["licence"]) == ("0.97", "29", "CC0-1.0")
    assert facts["root travel, m"] == "0.00"


def test_inspect_lists_the_clips_of_a_folder(protomotions, workspace, clip):
    """One row each."""
    for name in ("a.npz", "b.npz"):
        (workspace / name).write_bytes(clip.read_bytes())
    code, out, _ = protomotions("motions", "inspect", ".")
    assert code == 0
    assert ".: 2 clips" in out
    assert len(re.findall(r"^│\s*wave\s*│\s*g1\s*│", out, re.MULTILINE)) == 2


def test_convert_makes_a_clip_of_a_table(protomotions, workspace, clip):
    """A CSV with x y z w quaternions at a rate that it doesn't say."""
    motion = read_motion(clip)
    root_rot = np.roll(motion.body_rot[:, 0], -1, axis=1)
    np.savetxt("walk.csv", np.hstack((motion.body_pos[:, 0], root_rot, motion.joint_pos)), delimiter=",")
    code, out, _ = protomotions("motions", "convert", "walk.csv", "new/walk.npz", "--fps", 30)
    assert (code, out) == (0, "wrote new/walk.npz: 30 frames, 0.97 s\n")
    again = read_motion(workspace / "new" / "walk.npz")
    assert (again.name, again.robot, again.fps) == ("walk", "g1", 30.0)
    np.testing.assert_allclose(again.joint_pos, motion.joint_pos, atol=1e-6)
    np.testing.assert_allclose(again.body_pos, motion.body_pos, atol=1e-5)


def test_convert_writes_several_clips_to_a_folder(protomotions, workspace, clip):
    """Each under its own name; clips of one name can't stand beside each other."""
    (workspace / "in").mkdir()
    (workspace / "in" / "a.npz").write_bytes(clip.read_bytes())
    assert protomotions("motions", "convert", "in", "out")[0] == 0
    assert [path.name for path in (workspace / "out").iterdir()] == ["wave.npz"]
    (workspace / "in" / "b.npz").write_bytes(clip.read_bytes())
    code, _, err = protomotions("motions", "convert", "in", "out2")
    assert (code, err) == (2, "error: in has several clips named wave; convert them one by one\n")
    code, _, err = protomotions("motions", "convert", "in", "two.npz")
    assert code == 2
    assert "in holds 2 clip(s)" in err


def test_the_built_in_clips_are_listed(protomotions):
    """With the one that is taken where none is named; a robot without clips has none."""
    code, out, _ = protomotions("motions", "list")
    assert code == 0
    assert re.search(r"squat .*Apache-2\.0 .*yes", out)
    assert "squat" not in protomotions("motions", "list", "--robot", "smpl")[1]


def test_a_built_in_clip_can_be_made_again(protomotions, workspace):
    """The same motion as the one that ships."""
    pytest.importorskip("mink", reason="needs protomotions-envs[generate]")
    code, out, _ = protomotions("motions", "generate", "made", "--clip", "squat")
    assert code == 0
    assert re.fullmatch(r"wrote made/squat\.npz: \d+ frames, \d+\.\d\d s\n", out)
    assert protomotions("motions", "inspect", "made/squat.npz")[0] == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["inspect", "none.npz"], "No such motion file"),
        (["inspect", "tiny.py"], "files ending in '.py' are not read"),
        (["convert", "none.csv", "x.npz"], "No such motion file"),
        (["convert", "WAVE", "tiny.py/x.npz"], "can't make the folder tiny.py"),
        (["inspect", "WAVE", "--robot", "g2"], "nknown robot 'g2'"),
        (["inspect", "WAVE", "--quaternion-order", "zyxw"], "Unknown quaternion order 'zyxw'"),
        (["generate", "made", "--clip", "sqat"], "No clip 'sqat'"),
        (["generate", "made", "--robot", "smpl"], "no clips can be generated for robot 'smpl'"),
    ],
)
def test_bad_input_is_one_line_with_exit_code_2(protomotions, workspace, clip, words, message):
    """Nothing is written."""
    code, out, err = protomotions("motions", *(clip if word == "WAVE" else word for word in words))
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: .*{message}.*\n", err)
    assert [path.name for path in workspace.iterdir()] == ["tiny.py"]
