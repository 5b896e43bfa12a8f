# SPDX-License-Identifier: Apache-2.0
"""What is said about clips: single ones, many, other skeletons, and the plot."""

import re

import numpy as np
import pytest
from tests.envs.states import standing_motion

from protomotions_envs.motions import motion_from_joint_positions, read_motion, save_motion
from protomotions_envs.robots import load_robot


def facts_of(out):
    """Return the names and values of a listing."""
    return dict(re.findall(r"^(\S.*?)  +(.*?) *$", out, re.MULTILINE))


def test_a_clip_is_described(protomotions, clip):
    """Length, rate, names and licence of the waving clip, and that nothing is wrong with it."""
    code, out, err = protomotions("motions", "inspect", clip)
    assert (code, err) == (0, "")
    facts = facts_of(out)
    assert (facts["name"], facts["robot"], facts["frames"], facts["fps"]) == ("wave", "g1", "30", "30")
    assert (facts["seconds"], facts["joints"], facts["licence"]) == ("0.97", "29", "CC0-1.0")
    assert (facts["root travel, m"], facts["mean root speed, m/s"]) == ("0.00", "0.00")
    assert (facts["frames in stance"], facts["foot skating, cm/s"], facts["outside limits, rad"]) == (
        "100 %",
        "0.0",
        "0",
    )
    assert facts["to look at"] == "nothing"


def test_a_clip_is_checked_against_the_robot_that_it_names(protomotions, workspace):
    """Without --robot, whichever command reads it; what is given wins."""
    still = standing_motion(load_robot("amp"), name="still")
    save_motion(still, workspace / "still.npz")
    code, out, err = protomotions("motions", "inspect", "still.npz")
    assert (code, err) == (0, "")
    assert (facts_of(out)["robot"], facts_of(out)["joints"]) == ("amp", "28")
    assert protomotions("motions", "pack", "still.npz", "still.pack")[0] == 0
    assert protomotions("motions", "split", "still.pack", "halves", "--seconds", "0.5")[0] == 0
    assert protomotions("motions", "filter", "halves", "long", "--min-seconds", "0.1")[0] == 0
    assert {read_motion(path).robot for path in (workspace / "long").rglob("*.npz")} == {"amp"}
    code, _, err = protomotions("motions", "inspect", "still.npz", "--robot", "g1")
    assert code == 2
    assert "it was made for 'amp'" in err


def test_what_is_wrong_is_said_with_where(protomotions, workspace, clip):
    """A knee bent back to -0.5 rad, 0.413 beyond its limit, and everything 0.2 m too low and sliding at 0.1 m/s."""
    robot, motion = load_robot("g1"), read_motion(clip)
    joint_pos = motion.joint_pos.copy()
    joint_pos[:, robot.joint_names.index("left_knee_joint")] = -0.5
    time = np.arange(30) / 30
    bad = motion_from_joint_positions(
        robot,
        name="bad",
        fps=30,
        root_pos=motion.body_pos[:, 0] + np.stack((0.1 * time, 0 * time, 0 * time - 0.2), axis=1),
        root_rot=motion.body_rot[:, 0],
        joint_pos=joint_pos,
    )
    save_motion(bad, workspace / "bad.npz")
    facts = facts_of(protomotions("motions", "inspect", "bad.npz")[1])
    assert facts["outside limits, rad"] == "0.413 (left_knee_joint, 100 % of frames)"
    assert facts["foot skating, cm/s"] == "10.0"
    assert re.fullmatch(r"2\d\.\d \((left|right)_ankle_roll_link, frame \d+\)", facts["below ground, cm"])
    for words in ("feet skate", "joints are outside their limits", "bodies are below the ground"):
        assert words in facts["to look at"]


def test_many_clips_are_a_table(protomotions, workspace, clip):
    """One row each, what is worth a look with a star; a file that can't be read is named and ends in exit code 1."""
    for name in ("a.npz", "b.npz"):
        (workspace / name).write_bytes(clip.read_bytes())
    code, out, _ = protomotions("motions", "inspect", ".", "--jobs", 1)
    assert code == 0
    assert out.startswith("2 clips of the robot\n")
    assert len(re.findall(r"^│\s*wave\s*│\s*0\.97\s*│\s*30\s*│", out, re.MULTILINE)) == 2
    (workspace / "c.csv").write_text("1,2,3\n4,5,6\n")
    code, out, _ = protomotions("motions", "inspect", ".", "--jobs", 1)
    assert code == 1
    assert "\nfailed: c.csv: c.csv has 3 columns" in out


def test_a_plot_shows_the_clip_over_time(protomotions, workspace, clip):
    """A picture that isn't empty."""
    pytest.importorskip("matplotlib", reason="needs protomotions-cli[plot]")
    from PIL import Image

    code, out, _ = protomotions("motions", "inspect", clip, "--plot", "wave.png")
    assert code == 0
    assert out.startswith("Drawn to wave.png.\n")
    with Image.open(workspace / "wave.png") as picture:
        assert picture.size == (1200, 1200)
        assert np.asarray(picture.convert("L")).std() > 10
    code, _, err = protomotions("motions", "inspect", clip, clip, "--plot", "wave.png")
    assert (code, err) == (2, "error: --plot draws one clip, but 2 files are given; give one\n")


def test_a_plot_needs_matplotlib(protomotions, workspace, clip, monkeypatch):
    """The error says how to install it."""
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    code, _, err = protomotions("motions", "inspect", clip, "--plot", "wave.png")
    assert code == 2
    assert "pip install 'protomotions-cli[plot]'" in err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.npz"], "No such motion file"),
        (["tiny.py"], "files ending in '.py' are not read"),
        (["WAVE", "--robot", "g2"], "nknown robot 'g2'"),
        (["WAVE", "--quaternion-order", "zyxw"], "Unknown quaternion order 'zyxw'"),
    ],
)
def test_bad_input_is_one_line_with_exit_code_2(protomotions, workspace, clip, words, message):
    """Nothing is written."""
    code, out, err = protomotions("motions", "inspect", *(clip if word == "WAVE" else word for word in words))
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: .*{message}.*\n", err)
    assert [path.name for path in workspace.iterdir()] == ["tiny.py"]
