# SPDX-License-Identifier: Apache-2.0
"""Motion of people: what is said about it, and that it becomes a robot's."""

import json
import re
import sys

import numpy as np
import pytest

from protomotions_envs.motions import read_motion

FRAMES = 20
SNAKE = """HIERARCHY
ROOT tail
{
    OFFSET 0 0 0
    CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
    JOINT head
    {
        OFFSET 0 50 0
        CHANNELS 3 Zrotation Xrotation Yrotation
        End Site
        {
            OFFSET 0 50 0
        }
    }
}
MOTION
Frames: 2
Frame Time: 0.01
0 90 0 0 0 0 0 0 0
0 91 0 0 0 0 0 0 0
"""


def write_person(path):
    """Write a DeepMimic clip of somebody who stands with arms hanging and bends the right knee by up to 1.5 rad."""
    rows = np.zeros((FRAMES, 44))
    rows[:, 0] = 1 / 30
    rows[:, 2] = 0.89
    rows[:, [4, 8, 12, 16, 21, 25, 30, 35, 39]] = 1.0
    rows[:, 20] = -1.5 * np.sin(np.linspace(0, np.pi, FRAMES))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"Loop": "none", "Frames": rows.tolist()}), encoding="utf-8")


def test_inspect_shows_what_retargeting_goes_by(protomotions, workspace):
    """Joints, size, and which of them are hips, knees and the like; several clips are a table."""
    write_person(workspace / "person.txt")
    code, out, err = protomotions("motions", "inspect", "person.txt")
    assert (code, err) == (0, "")
    facts = dict(re.findall(r"^(\S.*?)  +(.*?) *$", out, re.MULTILINE))
    assert facts["moves"] == "a skeleton of its own; retargeting makes it a robot's"
    assert (facts["seconds"], facts["frames"], facts["fps"], facts["joints"]) == ("0.63", "20", "30", "17")
    assert facts["right leg"] == "right_thigh, right_shin, right_foot, right_foot_toe"
    assert facts["left arm"] == "left_upper_arm, left_lower_arm, left_hand"
    assert 1.2 < float(facts["tallest pose, m"]) < 1.6
    write_person(workspace / "other.txt")
    _, out, _ = protomotions("motions", "inspect", "person.txt", "other.txt", "--jobs", 1)
    assert out.startswith("2 clips of other skeletons\n")


def test_a_skeleton_with_unknown_joints_is_inspected_all_the_same(protomotions, workspace):
    """It says which joint retargeting looks for in vain."""
    (workspace / "snake.bvh").write_text(SNAKE, encoding="utf-8")
    code, out, _ = protomotions("motions", "inspect", "snake.bvh", "--metres-per-unit", 0.01)
    assert code == 0
    assert re.search(r"^roles +.*the skeleton has no left hip", out, re.MULTILINE)


@pytest.mark.parametrize("command", ["convert", "retarget"])
def test_motion_of_a_person_becomes_the_robot_s(protomotions, workspace, command):
    """And the console says so."""
    pytest.importorskip("mink", reason="needs protomotions-envs[retarget]")
    write_person(workspace / "in" / "person.txt")
    (workspace / "in" / "LICENSE.txt").write_text("Do what you like.")
    code, out, err = protomotions("motions", command, "in", "out", "--jobs", 1)
    assert (code, err) == (0, "")
    assert re.search(r"^wrote out/person\.npz: \d+ frames, 0\.6\d s, retargeted", out, re.MULTILINE)
    assert "1 clip written to out, 0.0 min; 1 retargeted\n" in out
    clip = read_motion(workspace / "out" / "person.npz")
    assert (clip.robot, clip.name) == ("g1", "person")
    assert np.ptp(clip.joint_pos[:, clip.joint_names.index("right_knee_joint")]) > 1.0


def test_the_robot_that_the_file_was_made_for_needs_no_retargeting(protomotions, workspace):
    """Its angles are taken over; `retarget` then has nothing to do and says so."""
    write_person(workspace / "person.txt")
    code, out, _ = protomotions("motions", "convert", "person.txt", "clip.npz", "--robot", "amp")
    assert code == 0
    assert out.startswith("wrote clip.npz: 20 frames, 0.63 s")
    assert "retargeted" not in out
    code, _, err = protomotions("motions", "retarget", "person.txt", "other.npz", "--robot", "amp")
    assert (code, err) == (2, "error: person moves robot 'amp' already; `motions convert` takes it as it is\n")


def test_a_dry_run_does_not_retarget(protomotions, workspace):
    """It says for which files it would."""
    write_person(workspace / "person.txt")
    code, out, _ = protomotions("motions", "convert", "person.txt", "out", "--dry-run")
    assert code == 0
    assert out.startswith(
        "would write person.txt to out/person.npz: 20 frames, 0.63 s, retargeted from a skeleton of 17"
    )
    assert not (workspace / "out").exists()


def test_filter_does_not_retarget(protomotions, workspace):
    """It says what to do first."""
    write_person(workspace / "person.txt")
    code, out, _ = protomotions("motions", "filter", "person.txt", "out", "--min-seconds", 0.1)
    assert code == 1
    assert "failed: person.txt: person moves another skeleton than that of robot 'g1'; retarget it first: " in out


@pytest.mark.parametrize("words", [["convert", "person.txt", "out"], ["play", "person.txt", "--video", "x.mp4"]])
def test_without_mink_the_error_names_the_extra(protomotions, workspace, monkeypatch, words):
    """Once, and nothing is written."""
    for name in [name for name in sys.modules if name.startswith("protomotions_envs.motions.retargeting")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mink", None)
    write_person(workspace / "person.txt")
    code, _, err = protomotions("motions", *words)
    assert code == 2
    assert "mink, which is not installed; run: pip install 'protomotions-envs[retarget]'\n" in err
    assert sorted(path.name for path in workspace.iterdir()) == ["person.txt", "tiny.py"]


def test_a_scale_must_be_positive(protomotions, workspace):
    """It is the robot's size as a share of the person's."""
    write_person(workspace / "person.txt")
    code, _, err = protomotions("motions", "retarget", "person.txt", "out", "--scale", 0)
    assert (code, err) == (2, "error: --scale must be positive, not 0\n")
