# SPDX-License-Identifier: Apache-2.0
"""Training runs: what they write, how they resume, what they refuse."""

import re

import pytest
import torch
import yaml

from protomotions_algos.common.checkpoints import CheckpointFolder
from protomotions_cli.results_lock import FolderLock

FILES = [
    ".lock",
    "config.yaml",
    "experiment_config.py",
    "last.ckpt",
    "logs",
    "previous.ckpt",
    "resolved_configs.pt",
    "resolved_configs.yaml",
]


def snapshot(folder):
    """Return the content and time of every file."""
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.rglob("*")) if path.is_file()}


def weights(folder):
    """Return the actor's weights in a results folder's last checkpoint."""
    modules = CheckpointFolder(folder).load()["modules"]
    assert isinstance(modules, dict)
    return modules["policy"]


def test_a_run_writes_its_results_folder(train, workspace, clip):
    """Names, readability, arguments, settings, copy of the experiment, logs, and what the console says."""
    code, out, err = train("--seed", 3, "--overrides", "agent.config.gamma=0.9 agent.clip=0.1")
    folder = workspace / "results" / "tiny"
    assert (code, err) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == FILES
    arguments = yaml.safe_load((folder / "config.yaml").read_text())
    assert arguments["experiment_path"] == "tiny.py"
    assert arguments["overrides"] == ["agent.config.gamma=0.9 agent.clip=0.1"]
    assert arguments["seed"] == 3
    config = yaml.safe_load((folder / "resolved_configs.yaml").read_text())
    assert (config["agent"]["gamma"], config["agent"]["clip"], config["seed"]) == (0.9, 0.1, 3)
    assert config["env"]["motion_file"] == str(clip)
    assert torch.load(folder / "resolved_configs.pt", weights_only=True) == config
    assert (folder / "experiment_config.py").read_text() == (workspace / "tiny.py").read_text()
    assert list((folder / "logs").glob("events.out.tfevents.*"))
    assert CheckpointFolder(folder).load()["env_steps"] == 64
    assert re.search(r"^Epoch 4 \| ep_reward: .* \| value_loss: .* \| policy_loss: .* \| FPS: \d+$", out, re.MULTILINE)
    assert "g1, 29 joints" in out
    assert "Next: protomotions eval tiny\n      protomotions play tiny --video tiny.mp4" in out


def test_the_text_log_tells_the_whole_run(train, workspace):
    """Start with versions, a line per epoch with all figures, and the end."""
    train()
    log = (workspace / "results" / "tiny" / "logs" / "train.log").read_text()
    assert re.search(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d tiny: new run$", log, re.MULTILINE)
    assert "versions: python 3." in log
    assert re.findall(r"step (\d+) .*loss/value=", log) == ["16", "32", "48", "64"]
    assert "Finished tiny: 64 steps" in log


def test_without_a_motion_file_the_built_in_clip_is_used_and_named(protomotions, workspace):
    """The first run needs no data."""
    code, out, _ = protomotions("train", "--experiment-path", "tiny.py", "--create-config-only")
    assert code == 0
    assert re.match(r"No --motion-file: using the built-in clip '\w+'", out)


def test_the_same_seed_gives_the_same_weights(train, workspace):
    """On the CPU a run can be repeated bit by bit; another seed gives another run."""
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        assert train("--experiment-name", name, "--seed", seed)[0] == 0
    first, again, other = (weights(workspace / "results" / name) for name in "abc")
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not all(torch.equal(first[key], other[key]) for key in first)


def test_evaluation_during_training_keeps_the_best_checkpoint(train, workspace):
    """The score is on the console, the checkpoint beside the last one."""
    code, out, _ = train("--overrides", "agent.eval_every=2 agent.eval_length=10")
    assert code == 0
    assert re.search(r"^Epoch 2 \| score: -?\d\.\d{4} \| success_mean_body: ", out, re.MULTILINE)
    assert CheckpointFolder(workspace / "results" / "tiny").exists("score_based.ckpt")


def test_the_length_may_be_given_in_iterations(train, workspace):
    """Three rollouts of 4 steps in 4 worlds; both lengths at once are refused."""
    assert train("--training-max-iterations", 3)[0] == 0
    assert CheckpointFolder(workspace / "results" / "tiny").load()["env_steps"] == 48
    code, _, err = train("--training-max-iterations", 3, "--training-max-steps", 48)
    assert (code, err) == (2, "error: give either --training-max-steps or --training-max-iterations, not both\n")


def test_create_config_only_writes_the_settings_and_nothing_else(train, workspace):
    """The next command without the flag trains in that folder."""
    assert train("--create-config-only")[0] == 0
    folder = workspace / "results" / "tiny"
    assert sorted(path.name for path in folder.iterdir()) == [name for name in FILES if ".ckpt" not in name]
    code, out, _ = train("--overrides", "agent.hidden_units=[4]")
    assert code == 0
    assert "tiny: new run" in out
    assert weights(folder)


def test_the_same_command_again_resumes(train, workspace):
    """Steps go on where they stood, the change is shown, the log of the first part stays."""
    train()
    code, out, _ = train("--training-max-steps", 96)
    assert code == 0
    assert "tiny: resumes at 64 steps (epoch 4)" in out
    assert re.search(r"^changed +training_max_steps: 64 -> 96 *$", out, re.MULTILINE)
    assert "Epoch 6 |" in out
    folder = workspace / "results" / "tiny"
    assert CheckpointFolder(folder).load()["env_steps"] == 96
    assert yaml.safe_load((folder / "resolved_configs.yaml").read_text())["training_max_steps"] == 96
    assert len(list((folder / "logs").glob("events.out.tfevents.*"))) == 2


def test_a_finished_run_has_nothing_left_to_train(train, workspace):
    """It says so with exit code 0 and leaves the weights alone."""
    train()
    before = weights(workspace / "results" / "tiny")
    code, out, _ = train()
    assert code == 0
    assert "tiny: finished at 64 steps (epoch 4); to train on, raise --training-max-steps" in out
    after = weights(workspace / "results" / "tiny")
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_changes_that_a_run_can_take_are_shown_and_applied(train, workspace):
    """Learning rates, number of worlds, minibatches, evaluation."""
    train()
    changes = "agent.learning_rate=1e-5 agent.critic_learning_rate=2e-5 agent.eval_every=5"
    code, out, _ = train("--num-envs", 2, "--batch-size", 4, "--training-max-steps", 80, "--overrides", changes)
    assert code == 0
    shown = re.findall(r"^changed +(\S+): (\S+) -> (\S+) *$", out, re.MULTILINE)
    assert shown == [
        ("agent.batch_size", "8", "4"),
        ("agent.learning_rate", "0.0003", "1e-05"),
        ("agent.eval_every", "0", "5"),
        ("agent.critic_learning_rate", "0.001", "2e-05"),
        ("num_envs", "4", "2"),
        ("training_max_steps", "64", "80"),
    ]
    log = (workspace / "results" / "tiny" / "logs" / "train.log").read_text()
    assert re.findall(r"policy/learning_rate=(\S+)", log)[-1] == "1e-05"
    assert CheckpointFolder(workspace / "results" / "tiny").load()["epoch"] == 6


@pytest.mark.parametrize(
    "words",
    [
        ["--overrides", "agent.hidden_units=[16]"],
        ["--overrides", "env.task.observations=[max_coords]"],
        ["--overrides", "env.task.action=default_offset"],
        ["--robot-name", "smpl"],
        ["--seed", "5"],
    ],
)
def test_changes_that_a_run_can_t_take_are_refused_with_nothing_changed(train, workspace, words):
    """The difference and the reason are in the message."""
    train()
    before = snapshot(workspace / "results")
    code, out, err = train(*words, "--training-max-steps", 96)
    assert (code, out) == (2, "")
    assert re.fullmatch(
        r"error: can't resume results/tiny with changed settings: \S+: .* -> .* \(.*\)\. Give .*\n", err
    )
    assert snapshot(workspace / "results") == before


def test_a_folder_of_another_experiment_is_refused(train, workspace):
    """The message names the experiment that owns it."""
    train("--experiment-name", "shared")
    (workspace / "other.py").write_text((workspace / "tiny.py").read_text().replace("A tiny", "Another"))
    before = snapshot(workspace / "results")
    code, _, err = train("--experiment-name", "shared", "--experiment-path", "other.py")
    assert code == 2
    assert err.startswith("error: results/shared holds another experiment (tiny.py); choose another --experiment-name")
    assert snapshot(workspace / "results") == before


def test_an_experiment_file_that_moved_is_the_same_experiment(train, workspace):
    """Its text decides."""
    train()
    (workspace / "moved").mkdir()
    (workspace / "tiny.py").rename(workspace / "moved" / "tiny.py")
    assert train("--experiment-path", "moved/tiny.py", "--training-max-steps", 80)[0] == 0


def test_an_experiment_file_that_was_edited_shows_as_changed_settings(train, workspace):
    """The copy in the results folder follows."""
    train()
    text = (workspace / "tiny.py").read_text().replace("save_every=2", "save_every=1")
    (workspace / "tiny.py").write_text(text)
    code, out, _ = train()
    assert code == 0
    assert "agent.save_every: 2 -> 1" in out
    assert (workspace / "results" / "tiny" / "experiment_config.py").read_text() == text


def test_a_folder_that_is_no_results_folder_is_left_alone(train, workspace):
    """Somebody's photos are not training."""
    (workspace / "results" / "tiny").mkdir(parents=True)
    (workspace / "results" / "tiny" / "photo.jpg").touch()
    code, _, err = train()
    assert code == 2
    assert "results/tiny has no config.yaml: it is not a results folder" in err
    assert [path.name for path in (workspace / "results" / "tiny").iterdir()] == ["photo.jpg"]


def test_a_second_run_in_the_same_folder_is_refused(train, workspace):
    """While the first one writes."""
    train()
    lock = FolderLock(workspace / "results" / "tiny")
    code, _, err = train()
    lock.release()
    assert (code, err) == (
        2,
        "error: another run is writing to results/tiny; wait for it, or choose another --experiment-name\n",
    )


@pytest.mark.filterwarnings("default")
def test_a_corrupt_last_checkpoint_falls_back_to_the_one_before(train, workspace):
    """Both are named, and training goes on from epoch 2."""
    train()
    (workspace / "results" / "tiny" / "last.ckpt").write_bytes(b"garbage")
    code, out, err = train()
    assert code == 0
    assert re.fullmatch(r"warning: .*last\.ckpt is damaged.*continuing from previous\.ckpt instead\n", err)
    assert "resumes at 32 steps (epoch 2)" in out


def test_two_corrupt_checkpoints_are_an_error(train, workspace):
    """Nothing is overwritten."""
    train()
    for name in ("last.ckpt", "previous.ckpt"):
        (workspace / "results" / "tiny" / name).write_bytes(b"garbage")
    before = snapshot(workspace / "results")
    code, _, err = train()
    assert code == 2
    assert "last.ckpt is damaged" in err
    assert "previous.ckpt is damaged" in err
    assert snapshot(workspace / "results") == before


def test_a_run_can_be_repeated_from_its_resolved_settings(train, protomotions, workspace):
    """The YAML file alone gives the same weights, and flags still change it."""
    train("--seed", 4)
    resolved = "results/tiny/resolved_configs.yaml"
    assert protomotions("train", "--config", resolved, "--experiment-name", "again")[0] == 0
    first, again = (weights(workspace / "results" / name) for name in ("tiny", "again"))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert (workspace / "results" / "again" / "experiment_config.py").is_file()
    code, out, _ = protomotions("train", "--config", resolved, "--training-max-steps", 80)
    assert code == 0
    assert "tiny: resumes at 64 steps" in out


def test_resolved_settings_without_a_results_folder_around_them_are_enough(train, protomotions, workspace):
    """A lone YAML file has no experiment to copy."""
    train("--create-config-only")
    (workspace / "results" / "tiny" / "resolved_configs.yaml").rename(workspace / "mine.yaml")
    assert protomotions("train", "--config", "mine.yaml", "--experiment-name", "lone")[0] == 0
    assert not (workspace / "results" / "lone" / "experiment_config.py").exists()


def test_a_warm_start_takes_the_weights_and_counts_from_zero(train, workspace):
    """A results folder or a file; a folder with training of its own refuses."""
    train("--overrides", "agent.eval_every=2")
    code, out, _ = train("--experiment-name", "warm", "--checkpoint", "results/tiny", "--training-max-steps", 16)
    assert code == 0
    assert "warm: new run" in out
    assert CheckpointFolder(workspace / "results" / "warm").load()["env_steps"] == 16
    code, _, err = train("--checkpoint", "results/warm/last.ckpt")
    assert code == 2
    assert "results/tiny has training to resume, so --checkpoint results/warm/last.ckpt can't start it" in err


def test_settings_of_another_version_are_named_with_their_file(train, protomotions, workspace):
    """A key that is gone stops the run."""
    train("--create-config-only")
    text = (workspace / "results" / "tiny" / "resolved_configs.yaml").read_text()
    (workspace / "old.yaml").write_text(text.replace("gamma:", "gama:"))
    code, _, err = protomotions("train", "--config", "old.yaml")
    assert (code, err) == (2, "error: old.yaml: unknown key 'agent.gama'; did you mean 'agent.gamma'?\n")


@pytest.mark.filterwarnings("default")
def test_training_that_breaks_down_is_told_in_the_log(train, workspace):
    """One line on the console, the traceback in logs/train.log, the folder there to look into."""
    code, _, err = train("--overrides", "agent.learning_rate=1e38 agent.critic_learning_rate=1e38")
    assert code == 2
    assert re.search(r"^error: .*not finite.*$", err, re.MULTILINE)
    assert "Traceback" in (workspace / "results" / "tiny" / "logs" / "train.log").read_text()


BAD_INPUT = {
    "no experiment": ([], "give either --experiment-path"),
    "experiment": (["--experiment-path", "none.py"], "can't read experiment none.py"),
    "robot": (["--robot-name", "g2"], r"[Uu]nknown robot 'g2'.*g1"),
    "simulator": (["--simulator", "mujoko"], r"Unknown simulator 'mujoko'.*Did you mean 'mujoco'\?.*Installed: mujoco"),
    "motion file": (["--motion-file", "none.npz"], "No such motion file.*none.npz"),
    "override": (["--overrides", "agent.config.num_stebs=16"], r"did you mean 'agent.num_steps'\?"),
    "override value": (["--overrides", "agent.gamma=high"], "expected float, got 'high'"),
    "batch size": (["--batch-size", "5"], r"batch_size 5 doesn't divide .*use 4 or 8"),
    "device": (["--device", "cuda:99"], r"device 'cuda:99' can't be used here; found: cpu"),
    "checkpoint": (["--checkpoint", "none.ckpt"], r"there is no checkpoint none\.ckpt"),
    "name": (["--experiment-name", "../up"], "experiment name '../up' must be"),
    "wandb": (["--use-wandb"], "not yet: --use-wandb"),
    "gpus": (["--ngpu", "4"], "not yet: --ngpu 4"),
    "nodes": (["--nodes", "2"], "not yet: .*--nodes 2"),
    "num envs": (["--num-envs", "0"], "num_envs must be at least 1, not 0"),
    "threads": (["--num-threads", "-1"], "num_threads must be"),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_bad_input_is_one_line_with_exit_code_2_and_leaves_nothing(protomotions, workspace, clip, case):
    """Whatever is wrong is found before anything is written."""
    words, message = BAD_INPUT[case]
    first = ["--experiment-path", "tiny.py"] if case != "no experiment" else []
    before = snapshot(workspace)
    code, out, err = protomotions("train", *first, "--motion-file", clip, *words)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: .*{message}.*\n", err)
    assert snapshot(workspace) == before
    assert sorted(path.name for path in workspace.iterdir()) == ["tiny.py"]
