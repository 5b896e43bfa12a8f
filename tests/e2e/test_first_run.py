# SPDX-License-Identifier: Apache-2.0
"""What a newcomer does, in small: train the shipped experiment, evaluate it, film it."""

import json
import re

import pytest


@pytest.fixture(scope="module")
def first_run(command_line):
    """The commands, after `first_run` has been trained; with what training printed."""
    words = command_line.train_words("--experiment-name", "first_run", "--training-max-steps", 128)
    code, out, err = command_line.run(*words, "--overrides", "agent.eval_every=4")
    assert (code, err) == (0, "")
    return command_line, out


def test_training_needs_no_data_and_says_what_it_does(first_run):
    """The built-in clip is named, lines come per epoch and per evaluation, the next commands at the end."""
    _, out = first_run
    assert "No --motion-file: using the built-in clip 'squat'" in out
    assert re.search(r"^Epoch 8 \| ep_reward: .* \| FPS: \d+$", out, re.MULTILINE)
    assert re.search(r"^Epoch 8 \| score: ", out, re.MULTILINE)
    assert "Next: protomotions eval first_run" in out


def test_training_leaves_the_promised_files(first_run):
    """Those of the training guide."""
    line, _ = first_run
    promised = {"config.yaml", "resolved_configs.yaml", "resolved_configs.pt", "experiment_config.py"}
    checkpoints = {"last.ckpt", "score_based.ckpt", "logs"}
    assert promised | checkpoints <= {path.name for path in (line.folder / "results" / "first_run").iterdir()}
    assert [path.name for path in line.folder.iterdir()] == ["results"]


def test_eval_prints_a_table_and_writes_json(first_run):
    """Of the best checkpoint."""
    line, _ = first_run
    code, out, err = line.run("eval", "first_run")
    assert (code, err) == (0, "")
    assert re.search(r"│\s*squat\s*│", out)
    found = json.loads((line.folder / "results" / "first_run" / "evaluation.json").read_text())
    assert 0 <= found["metrics"]["success_mean_body"] <= 1


def test_play_writes_a_video_or_says_why_not(first_run):
    """A file that begins as MP4 files do; without OpenGL one line and no file."""
    line, _ = first_run
    words = ["--video", "out.mp4", "--seconds", 0.06, "--width", 64, "--height", 48]
    code, _, err = line.run("play", "first_run", *words)
    video = line.folder / "out.mp4"
    if code == 0:
        assert video.read_bytes()[4:8] == b"ftyp"
        video.unlink()
    else:
        assert code == 2
        assert re.fullmatch(r"error: .*OpenGL.*\n", err)
        assert not video.exists()


def test_no_opengl_for_a_video_is_one_line_with_exit_code_2(first_run):
    """MuJoCo is told not to draw."""
    line, _ = first_run
    line.environment["MUJOCO_GL"] = "disable"
    code, out, err = line.run("play", "first_run", "--video", "none.mp4")
    del line.environment["MUJOCO_GL"]
    assert (code, out) == (2, "")
    assert re.fullmatch(r"error: .*OpenGL.*\n", err)
    assert not list(line.folder.glob("*.mp4"))
    assert not list(line.folder.glob(".*.mp4"))
