# SPDX-License-Identifier: Apache-2.0
"""Training that is killed, stopped or started twice."""

import multiprocessing
import random
import re
import signal
import time

import pytest
import yaml

from protomotions_algos.common.checkpoints import CheckpointFolder
from protomotions_cli.main import main

KILLS = 10
FOREVER = 10**9
SAMPLES_PER_EPOCH = 16


def wait_for_an_epoch(process):
    """Read a run's output until it has trained for an epoch."""
    for line in process.stdout:
        if line.startswith("Epoch "):
            return
    pytest.fail(f"training ended by itself: {process.communicate()[1]}")


def wait_for_growth(path, process):
    """Wait until a run has appended figures to its log."""
    size = path.stat().st_size if path.is_file() else 0
    while not path.is_file() or path.stat().st_size < size + 2000:
        assert process.is_alive()
        time.sleep(0.01)


def saved_epoch(folder):
    """Return the epoch that a run can resume from, 0 if it has saved nothing yet."""
    checkpoints = CheckpointFolder(folder)
    return int(str(checkpoints.load()["epoch"])) if checkpoints.exists() else 0


def test_training_that_is_killed_ten_times_resumes_and_finishes(command_line, monkeypatch):
    """SIGKILL at random moments, start-up included; what was saved is whole and never goes back."""
    folder = command_line.folder / "results" / "killed"
    words = command_line.train_words("--experiment-name", "killed", "--results-dir", folder.parent)
    # Forked from a process that has imported what is slow to import, so that ten starts take seconds. What the forks
    # run is the whole command.
    for name in ("OMP_NUM_THREADS", "PYTHONPYCACHEPREFIX"):
        if name in command_line.environment:
            monkeypatch.setenv(name, command_line.environment[name])
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["protomotions_cli.training", "torch._dynamo", "torch.utils.tensorboard"])
    epoch = 0
    for kill in range(KILLS):
        command = [str(word) for word in (*words, "--training-max-steps", FOREVER)]
        process = processes.Process(target=main, args=(command,))
        process.start()
        if kill % 5 == 4:
            time.sleep(random.uniform(0.0, 1.0))
        else:
            wait_for_growth(folder / "logs" / "train.log", process)
            time.sleep(random.uniform(0.0, 0.3))
        process.kill()
        process.join()
        assert process.exitcode == -signal.SIGKILL
        assert saved_epoch(folder) >= epoch
        epoch = saved_epoch(folder)
        assert yaml.safe_load((folder / "resolved_configs.yaml").read_text())["training_max_steps"] == FOREVER
    assert epoch >= KILLS
    steps = (epoch + 3) * SAMPLES_PER_EPOCH
    code, out, _ = command_line.run(*words, "--training-max-steps", steps)
    assert code == 0
    assert f"killed: resumes at {epoch * SAMPLES_PER_EPOCH:,} steps (epoch {epoch:,})" in out
    assert CheckpointFolder(folder).load()["env_steps"] == steps


def test_a_second_run_is_refused_and_sigterm_stops_the_first_in_good_order(command_line):
    """The lock names the folder; the stopped run saves, says how to go on, and exits as shells expect."""
    words = command_line.train_words("--experiment-name", "stopped", "--training-max-steps", FOREVER)
    process = command_line.start(*words)
    wait_for_an_epoch(process)
    code, _, err = command_line.run(*words)
    assert code == 2
    assert re.fullmatch(r"error: another run is writing to results/stopped; .*\n", err)
    process.send_signal(signal.SIGTERM)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + signal.SIGTERM
    stopped = re.search(r"Stopped by SIGTERM after ([\d,]+) steps .* Run the same command again to go on\.", out)
    assert stopped
    state = CheckpointFolder(command_line.folder / "results" / "stopped").load()
    assert state["env_steps"] == int(stopped[1].replace(",", ""))
