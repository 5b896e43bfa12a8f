# SPDX-License-Identifier: Apache-2.0
"""Conversion of many files: where clips go, what is kept, and how an interruption ends."""

import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

from protomotions_envs.motions import read_motion, save_motion

LATER = 10_000


def write_table(clip, path):
    """Write a clip as a CSV with x y z w quaternions, which says neither its rate nor its order."""
    motion = read_motion(clip)
    root_rot = np.roll(motion.body_rot[:, 0], -1, axis=1)
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savetxt(path, np.hstack((motion.body_pos[:, 0], root_rot, motion.joint_pos)), delimiter=",")


def files_in(folder):
    """Paths of all files below a folder, hidden ones too."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def make_older(path, seconds=LATER):
    """Date a file back."""
    age = path.stat().st_mtime - seconds
    os.utime(path, (age, age))


def test_one_file_becomes_one_clip(protomotions, workspace, clip):
    """A CSV at a rate that it doesn't say, written to a name."""
    write_table(clip, workspace / "walk.csv")
    code, out, err = protomotions("motions", "convert", "walk.csv", "new/walk.npz", "--fps", 30)
    assert (code, out, err) == (0, "wrote new/walk.npz: 30 frames, 0.97 s\n", "")
    motion, again = read_motion(clip), read_motion(workspace / "new" / "walk.npz")
    assert (again.name, again.robot, again.fps) == ("walk", "g1", 30.0)
    np.testing.assert_allclose(again.joint_pos, motion.joint_pos, atol=1e-6)
    np.testing.assert_allclose(again.body_pos, motion.body_pos, atol=1e-5)


def test_small_faults_are_mended_unless_told_not_to(protomotions, workspace, clip):
    """A G1 that hovers 3 cm above the ground with a knee bent back beyond its limit of -0.087 rad."""
    motion = read_motion(clip)
    root_pos, joint_pos = motion.body_pos[:, 0] + np.array([0, 0, 0.03]), motion.joint_pos.copy()
    knee = motion.joint_names.index("left_knee_joint")
    joint_pos[:, knee] = -0.2
    root_rot = np.roll(motion.body_rot[:, 0], -1, axis=1)
    np.savetxt("walk.csv", np.hstack((root_pos, root_rot, joint_pos)), delimiter=",")
    code, out, _ = protomotions("motions", "convert", "walk.csv", "mended.npz")
    assert code == 0
    assert "joints up to 0.11 rad outside their limits were brought inside; set on the ground by" in out
    mended = read_motion(workspace / "mended.npz")
    np.testing.assert_allclose(mended.joint_pos[:, knee], -0.08727, atol=1e-4)
    assert mended.body_contact.any()
    _, out, _ = protomotions("motions", "convert", "walk.csv", "plain.npz", "--as-is")
    assert out == "wrote plain.npz: 30 frames, 0.48 s\n"
    np.testing.assert_allclose(read_motion(workspace / "plain.npz").joint_pos, joint_pos, atol=1e-6)


def test_folders_keep_their_structure(protomotions, workspace, clip):
    """Two processes; a file that can't be used is named with the reason, one that is no motion is passed over."""
    for name in ("a.csv", "deep/er/b.csv"):
        write_table(clip, workspace / "in" / name)
    (workspace / "in" / "deep" / "bad.csv").write_text("1,2,3\n4,5,6\n")
    (workspace / "in" / "README.md").write_text("Notes")
    (workspace / "single.npz").write_bytes(clip.read_bytes())
    code, out, err = protomotions("motions", "convert", "in", "single.npz", "out", "--jobs", 2)
    assert (code, err) == (1, "")
    assert files_in(workspace / "out") == ["a.npz", "deep/er/b.npz", "single.npz"]
    assert "3 clips written to out, 0.0 min; 1 failed\n" in out
    assert re.search(r"^failed: in/deep/bad\.csv: bad\.csv has 3 columns but robot 'g1' needs 36", out, re.MULTILINE)
    assert out.endswith("passed over: in/README.md: no motion file\n")


def test_the_same_command_again_does_only_what_is_left(protomotions, workspace, clip):
    """A clip that is newer than its source stays; an older, a missing and a damaged one are made."""
    for name in ("kept", "changed", "damaged", "missing"):
        write_table(clip, workspace / "in" / f"{name}.csv")
        make_older(workspace / "in" / f"{name}.csv")
    assert protomotions("motions", "convert", "in", "out", "--jobs", 1)[0] == 0
    (workspace / "out" / "missing.npz").unlink()
    (workspace / "out" / "damaged.npz").write_bytes(b"PK garbage")
    make_older(workspace / "out" / "changed.npz", 2 * LATER)
    kept = (workspace / "out" / "kept.npz").stat().st_mtime_ns
    code, out, _ = protomotions("motions", "convert", "in", "out", "--jobs", 1)
    assert code == 0
    written = re.findall(r"^wrote out/(\w+)\.npz", out, re.MULTILINE)
    assert sorted(written) == ["changed", "damaged", "missing"]
    assert "3 clips written to out, 0.0 min; 1 done already (--overwrite makes them again)\n" in out
    assert (workspace / "out" / "kept.npz").stat().st_mtime_ns == kept
    _, out, _ = protomotions("motions", "convert", "in", "out", "--jobs", 1, "--overwrite")
    assert "4 clips written to out" in out
    assert "done already" not in out


def test_a_single_clip_that_is_done_is_kept(protomotions, workspace, clip):
    """And the line says how to make it again."""
    write_table(clip, workspace / "a.csv")
    make_older(workspace / "a.csv")
    assert protomotions("motions", "convert", "a.csv", "a.npz")[0] == 0
    said = "a.npz is done already; --overwrite makes it again\n"
    assert protomotions("motions", "convert", "a.csv", "a.npz") == (0, said, "")


def test_a_dry_run_writes_nothing(protomotions, workspace, clip):
    """It says what would be written and what would fail."""
    write_table(clip, workspace / "in" / "a.csv")
    (workspace / "in" / "bad.csv").write_text("1,2,3\n4,5,6\n")
    code, out, _ = protomotions("motions", "convert", "in", "out", "--dry-run", "--jobs", 1)
    assert code == 1
    assert "would write in/a.csv to out/a.npz: 30 frames, 0.48 s\n" in out
    assert "1 clip would be written to out, 0.0 min; 1 failed\nfailed: in/bad.csv: bad.csv has 3 columns" in out
    assert not (workspace / "out").exists()


def test_a_file_of_several_clips_becomes_a_folder(protomotions, workspace, clip):
    """Clips of one name get numbers, and names that files can't have are changed."""
    motion = read_motion(clip)
    for file, name in (("a", "jump/high"), ("b", "wave"), ("c", "wave")):
        save_motion(replace_name(motion, name), workspace / f"{file}.npz")
    (workspace / "list.yaml").write_text("motions:\n- file: a.npz\n- file: b.npz\n- file: c.npz\n")
    make_older(workspace / "list.yaml")
    assert protomotions("motions", "convert", "list.yaml", "out")[0] == 0
    assert files_in(workspace / "out") == ["list/jump_high.npz", "list/wave.npz", "list/wave_2.npz"]
    _, out, _ = protomotions("motions", "convert", "list.yaml", "out")
    assert out == "0 clips written to out, 0.0 min; 3 done already (--overwrite makes them again)\n"


def replace_name(motion, name):
    """Return a clip with another name."""
    return type(motion)(**{**vars(motion), "name": name})


def test_clips_of_another_robot_are_not_replaced(protomotions, workspace, clip):
    """Not even if the source is newer than what is there."""
    other = type(motion := read_motion(clip))(**{**vars(motion), "robot": "h9"})
    (workspace / "out").mkdir()
    save_motion(other, workspace / "out" / "a.npz")
    write_table(clip, workspace / "a.csv")
    code, _, err = protomotions("motions", "convert", "a.csv", "out")
    assert code == 2
    assert re.fullmatch(r"error: out/a\.npz is a clip for robot 'h9'; .*--overwrite\n", err)
    assert read_motion(workspace / "out" / "a.npz").robot == "h9"
    assert protomotions("motions", "convert", "a.csv", "out", "--overwrite")[0] == 0
    assert read_motion(workspace / "out" / "a.npz").robot == "g1"


def test_output_inside_the_input_is_not_read(protomotions, workspace, clip):
    """So that the command can be run again; output above the input is nothing special."""
    write_table(clip, workspace / "in" / "raw" / "a.csv")
    for _ in range(2):
        assert protomotions("motions", "convert", "in", "in/out", "--jobs", 1)[0] == 0
    assert files_in(workspace / "in") == ["out/raw/a.npz", "raw/a.csv"]
    assert protomotions("motions", "convert", "in/raw", "in", "--jobs", 1)[0] == 0
    assert files_in(workspace / "in") == ["a.npz", "out/raw/a.npz", "raw/a.csv"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["none.csv", "x.npz"], "No such motion file"),
        (["in"], "Missing argument 'IN'"),
        (["a.npz", "tiny.py/x.npz"], "can't make the folder tiny.py"),
        (["a.npz", "tiny.py"], "tiny.py is no folder"),
        (["a.npz", "x.csv"], "x.csv is no folder"),
        (["a.npz", "a.npz"], "a.npz would be replaced by its own clip"),
        (["in", "in"], "in/a.npz would be replaced by its own clip"),
        (["a.npz", "in", "x.npz"], "there are 3 files to read; give a folder"),
        (["a.npz", "in", "out"], "a.npz and in/a.npz would both be written to out/a.npz"),
        (["a.npz", "out", "--jobs", -1], "--jobs must be positive"),
        (["a.npz", "out", "--fps", 0], "--fps must be positive"),
        (["a.npz", "out", "--metres-per-unit", -1], "--metres-per-unit must be positive"),
        (["a.npz", "out", "--robot", "g2"], "nknown robot 'g2'"),
        (["a.npz", "out", "--quaternion-order", "zyxw"], "Unknown quaternion order 'zyxw'"),
        (["bad.csv", "x.npz"], "bad.csv has 3 columns"),
    ],
)
def test_wrong_usage_is_one_line_with_exit_code_2(protomotions, workspace, clip, words, message):
    """Nothing is written."""
    (workspace / "in").mkdir()
    for name in ("a.npz", "in/a.npz", "in/b.npz"):
        (workspace / name).write_bytes(clip.read_bytes())
    (workspace / "bad.csv").write_text("1,2,3\n4,5,6\n")
    before = files_in(workspace)
    code, out, err = protomotions("motions", "convert", *words)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: .*{re.escape(message)}.*\n", err)
    assert files_in(workspace) == before


def test_an_interruption_leaves_whole_files_and_the_next_run_the_rest(protomotions, workspace, clip):
    """Ctrl-C ends with code 130 and a summary."""
    for index in range(200):
        write_table(clip, workspace / "in" / f"{index:03d}.csv")
        make_older(workspace / "in" / f"{index:03d}.csv")
    words = [sys.executable, "-m", "protomotions_cli", "motions", "convert", "in", "out", "--jobs", "1"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline().startswith("wrote out/000.npz")
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 130
    assert said.endswith("interrupted; what is listed as written is whole. The same command again does the rest.\n")
    done = files_in(workspace / "out")
    assert 0 < len(done) < 200
    assert all(read_motion(workspace / "out" / name).num_frames == 30 for name in done)
    code, out, _ = protomotions("motions", "convert", "in", "out", "--jobs", 1, "--dry-run")
    assert code == 0
    assert f"{200 - len(done)} clips would be written to out" in out
    assert f"{len(done)} done already" in out
