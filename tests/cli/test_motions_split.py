# SPDX-License-Identifier: Apache-2.0
"""Clips for training and testing, and pieces of long clips."""

import hashlib

import numpy as np
import pytest

from protomotions_cli.motion_batches.splitting import in_training, pieces
from protomotions_envs.motions import read_motion, save_motion


def test_a_clip_stays_on_its_side():
    """The rule is public, so that anyone can repeat it; about the share asked for is for training."""
    names = [f"clip{index}" for index in range(2000)]
    training = {name for name in names if in_training(name, 0.9, 0)}
    assert 0.87 < len(training) / 2000 < 0.93
    assert in_training("clip7", 0.5, 3) == (hashlib.sha256(b"3/clip7").digest()[0] < 128)
    assert training <= {name for name in names if in_training(name, 0.95, 0)}
    assert training != {name for name in names if in_training(name, 0.9, 1)}


def test_pieces_of_one_clip_stay_together():
    """Else a policy is tested on what comes right after what it was trained on."""
    sides = {in_training(f"walk_part{index:03d}", 0.5, 0) for index in range(100)}
    assert sides == {in_training("walk", 0.5, 0)}


def test_pieces_are_equal_and_complete(clip):
    """29 steps in pieces of at most 12: three of 10, 9 and 10 that share the frames at their ends."""
    motion = read_motion(clip)
    parts = list(pieces(motion, 0.4))
    assert [part.name for part in parts] == ["wave_part000", "wave_part001", "wave_part002"]
    assert [part.num_frames for part in parts] == [11, 10, 11]
    assert sum(part.duration for part in parts) == pytest.approx(motion.duration)
    joined = np.concatenate([parts[0].joint_pos, *(part.joint_pos[1:] for part in parts[1:])])
    np.testing.assert_array_equal(joined, motion.joint_pos)
    assert list(pieces(motion, motion.duration)) == [motion]


def test_clips_are_divided(protomotions, workspace, clip):
    """Each to one of two folders, with the structure below it kept."""
    motion = read_motion(clip)
    for index in range(12):
        path = workspace / "in" / "deep" / f"{index}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_motion(type(motion)(**{**vars(motion), "name": f"clip{index}"}), path)
    code, out, err = protomotions("motions", "split", "in", "out", "--train", 0.5, "--jobs", 1)
    assert (code, err) == (0, "")
    training = {index for index in range(12) if in_training(f"clip{index}", 0.5, 0)}
    sides = {"train": training, "test": set(range(12)) - training}
    assert 0 < len(training) < 12
    for side, indices in sides.items():
        assert {path.name for path in (workspace / "out" / side / "deep").iterdir()} == {f"{i}.npz" for i in indices}
    assert out.endswith(f"12 clips written to out, 0.2 min; {12 - len(training)} to test, {len(training)} to train\n")


def test_long_clips_are_cut(protomotions, workspace, clip):
    """A dry run says into what."""
    words = ["motions", "split", clip, "out", "--seconds", 0.5]
    code, out, _ = protomotions(*words, "--dry-run")
    assert code == 0
    assert f"would write {clip} to out/wave_part001.npz: 16 frames, 0.50 s\n" in out
    assert not (workspace / "out").exists()
    assert protomotions(*words)[0] == 0
    assert sorted(path.name for path in (workspace / "out").iterdir()) == ["wave_part000.npz", "wave_part001.npz"]
    assert read_motion(workspace / "out" / "wave_part001.npz").name == "wave_part001"
    assert protomotions("motions", "split", clip, "whole", "--seconds", 5)[0] == 0
    assert [path.name for path in (workspace / "whole").iterdir()] == ["wave.npz"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--seconds", 0], "--seconds must be positive"),
        (["--train", 1], "--train must be between 0 and 1"),
        (["--seconds", 5, "--seed", 1], "give either --seconds"),
    ],
)
def test_wrong_usage(protomotions, workspace, clip, words, message):
    """One line, exit code 2, nothing written."""
    code, _, err = protomotions("motions", "split", clip, "out", *words)
    assert code == 2
    assert err.startswith(f"error: {message}")
    assert not (workspace / "out").exists()
