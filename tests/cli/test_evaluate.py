# SPDX-License-Identifier: Apache-2.0
"""Evaluation of trained runs."""

import json
import re

import pytest
import torch

from protomotions_algos.common.checkpoints import CheckpointFolder
from protomotions_cli.experiment import ExperimentArguments
from protomotions_cli.playback import Playback
from protomotions_cli.trained_run import open_run


def evaluation(folder):
    """Return what evaluation.json holds."""
    return json.loads((folder / "evaluation.json").read_text())


def test_eval_prints_a_table_and_writes_a_file(trained, protomotions, clip):
    """One row per clip and one for all, four definitions of success, errors in named units, and where it came from."""
    code, out, err = protomotions("eval", "tiny")
    assert (code, err) == (0, "")
    assert len(re.findall(r"^│\s*(wave|all)\s*│", out, re.MULTILINE)) == 2
    found = evaluation(trained)
    assert (found["experiment"], found["checkpoint"], found["motion_file"]) == ("tiny", "score_based", str(clip))
    success = {"success_mean_body", "success_max_body", "success_root", "success_training"}
    errors = {"global_error_mm", "root_relative_error_mm", "rotation_error_deg", "joint_vel_error", "jerk"}
    assert success | errors <= set(found["metrics"])
    assert [row["clip"] for row in found["clips"]] == ["wave"]
    assert found["clips"][0]["errors"]["jerk"] == found["metrics"]["jerk"]
    assert f"{found['metrics']['root_relative_error_mm']:.1f}" in out


def test_eval_agrees_with_the_score_of_training(trained, protomotions):
    """The saved best policy gets the score that made it the best."""
    assert protomotions("eval", "tiny")[0] == 0
    score = CheckpointFolder(trained).load("score_based.ckpt")["best_score"]
    assert evaluation(trained)["metrics"]["score"] == pytest.approx(score, abs=1e-6)


def test_eval_takes_other_checkpoints(trained, protomotions):
    """By short name or by path."""
    for checkpoint in ("last", "results/tiny/last.ckpt"):
        assert protomotions("eval", "tiny", "--checkpoint", checkpoint)[0] == 0
        assert evaluation(trained)["env_steps"] == 64
        assert evaluation(trained)["checkpoint"] == checkpoint


def test_eval_takes_other_clips_and_several_tries(trained, protomotions, workspace, clip):
    """A folder of two clips, each tried three times from noisy starts, two worlds at once."""
    (workspace / "clips").mkdir()
    for name in ("a.npz", "b.npz"):
        (workspace / "clips" / name).write_bytes(clip.read_bytes())
    assert protomotions("eval", "tiny", "--motion-file", "clips", "--trials", 3, "--num-envs", 2)[0] == 0
    found = evaluation(trained)
    assert len(found["clips"]) == 2
    assert found["trials_per_clip"] == 3
    first, second = (row["errors"]["global_error_mm"] for row in found["clips"])
    assert first != second


def test_eval_takes_overrides(trained, protomotions):
    """A termination that nothing survives shows in its own definition of success alone."""
    code, _, _ = protomotions("eval", "tiny", "--overrides", "env.task.terminations.mean_body_error=1e-6")
    assert code == 0
    found = evaluation(trained)["metrics"]
    assert found["success_training"] == 0.0
    assert found["success_mean_body"] == 1.0


@pytest.mark.filterwarnings("default")
def test_a_corrupt_best_checkpoint_is_replaced_by_the_last(trained, protomotions):
    """Both are named."""
    (trained / "score_based.ckpt").write_bytes(b"garbage")
    code, _, err = protomotions("eval", "tiny")
    assert code == 0
    assert re.fullmatch(r"warning: .*score_based\.ckpt is damaged.*; taking last\.ckpt instead\n", err)
    assert evaluation(trained)["checkpoint"] == "last"


BAD_INPUT = {
    "experiment": (["eval", "tinny"], r"no experiment 'tinny' in results; did you mean 'tiny'\?"),
    "results folder": (["eval", "tiny", "--results-dir", "none"], "no experiment 'tiny' in none; trained so far: none"),
    "checkpoint": (["eval", "tiny", "--checkpoint", "best"], "no checkpoint 'best'; give score_based, last, or"),
    "no checkpoint": (["eval", "bare"], r"there is no last\.ckpt in results/bare; train first"),
    "not a checkpoint": (["eval", "tiny", "--checkpoint", "tiny.py"], r"tiny\.py is damaged or not a checkpoint"),
    "other networks": (["eval", "tiny", "--overrides", "agent.hidden_units=[4]"], "the checkpoint's policy"),
    "motion": (["eval", "tiny", "--motion-file", "none.npz"], "No such motion file"),
    "trials": (["eval", "tiny", "--trials", "0"], "--trials must be at least 1, not 0"),
    "window": (["play", "tiny"], r"there is no display for a window; write a video instead: --video tiny\.mp4"),
    "video suffix": (["play", "tiny", "--video", "x.avi"], r"--video x\.avi must end in \.mp4"),
    "video folder": (["play", "tiny", "--video", "no/x.mp4"], "there is no folder .*no to write the video to"),
    "video size": (["play", "tiny", "--video", "x.mp4", "--width", "641"], "both must be even and at least 16"),
    "seconds": (["play", "tiny", "--video", "x.mp4", "--seconds", "0"], "--seconds must be positive, not 0"),
    "clip": (["play", "tiny", "--video", "x.mp4", "--motion", "wavy"], r"no clip 'wavy'; did you mean 'wave'\?"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_is_one_line_with_exit_code_2_and_changes_nothing(
    trained, protomotions, workspace, monkeypatch, case
):
    """Neither the results folder nor the current folder gets a file."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    words, message = BAD_INPUT[case]
    before = sorted((path, path.stat().st_mtime_ns) for path in workspace.rglob("*"))
    code, out, err = protomotions(*words)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: .*{message}.*\n", err)
    assert sorted((path, path.stat().st_mtime_ns) for path in workspace.rglob("*")) == before


def test_a_playback_follows_the_clip_and_starts_it_again(trained, workspace):
    """48 steps of clip in 50 frames a second; after its end comes its first frame, without noise."""
    run = open_run("tiny", workspace / "results", checkpoint="last", flags=ExperimentArguments(), overrides=[])
    playback = Playback(run, "wave", seconds=1.2)
    frames = [int(playback.env.task.frame[0]) for _ in playback.frames()]
    playback.close()
    assert (playback.fps, playback.num_frames) == (50, 60)
    assert frames == [*range(48), *range(12)]


def test_a_playback_lasts_as_long_as_its_clips_unless_told_otherwise(trained, workspace):
    """29 frames at 30 frames/s are 0.96 s of whole control steps."""
    run = open_run("tiny", workspace / "results", checkpoint=None, flags=ExperimentArguments(), overrides=[])
    playback = Playback(run, None, seconds=None)
    playback.close()
    assert playback.seconds == pytest.approx(0.96)


def test_a_trained_agent_acts_as_its_checkpoint_says(trained, workspace):
    """Two agents from one checkpoint agree, for any number of worlds; the best may be another policy."""
    run = open_run("tiny", workspace / "results", checkpoint="last", flags=ExperimentArguments(), overrides=[])
    playback = Playback(run, None, seconds=None)
    observation, _ = playback.env.reset(seed=0, options={"motion": 0, "frame": 0, "noise": False})
    assert isinstance(observation, torch.Tensor)
    actions = run.agent(playback.env).act(observation)
    repeated = run.agent(playback.env).act(observation.expand(3, -1))
    playback.close()
    assert torch.allclose(repeated, actions.expand(3, -1), atol=1e-6)
