# SPDX-License-Identifier: Apache-2.0
"""The training loop: when it evaluates, saves and stops."""

import math
import os
import signal
import threading

import pytest

from protomotions_algos.common.checkpoints import CheckpointFolder
from protomotions_algos.common.evaluation import ReturnEvaluator
from protomotions_algos.common.training import train
from protomotions_algos.errors import AlgorithmError


class Recorder:
    """Keeps what is logged; runs `action` after the epoch `at`."""

    def __init__(self, at=0, action=lambda: None):
        self.entries = []
        self.closed = 0
        self.at = at
        self.action = action

    def log(self, step, metrics):
        """Keep it."""
        self.entries.append((step, dict(metrics)))
        if metrics["time/epoch"] == self.at:
            self.action()

    def close(self):
        """Count it."""
        self.closed += 1


def scores(*values):
    """An evaluator that gives one score after the other."""
    remaining = iter(values)
    return lambda policy: {"score": next(remaining), "extra": 2.0}


def test_steps_epochs_and_logs(small_ppo, point_env):
    """Four worlds and 8 steps make 32 env steps an epoch; 70 steps take 3 epochs."""
    recorder = Recorder()
    result = train(small_ppo(point_env()), max_steps=70, loggers=[recorder])
    assert (result.env_steps, result.epoch, result.stopped_by, result.best_score) == (96, 3, None, None)
    assert [step for step, _ in recorder.entries] == [32, 64, 96]
    assert recorder.closed == 1
    wanted = {
        "rollout/episode_return", "rollout/episode_length", "loss/policy", "loss/value", "policy/kl", "policy/std",
        "policy/clip_fraction", "policy/entropy", "time/env_steps_per_second", "time/collection_seconds",
        "time/update_seconds", "reward/near", "env/broken_worlds",
    }  # fmt: skip
    assert wanted <= recorder.entries[-1][1].keys()
    assert not any(name.startswith(("broken/", "episodes/")) for name in recorder.entries[-1][1])
    assert all(math.isfinite(value) for value in recorder.entries[-1][1].values())


def test_evaluation_schedule_and_best_checkpoint(small_ppo, point_env, tmp_path):
    """Evaluated after epochs 2, 4 and at the end, 5; the best score's weights stay in score_based.ckpt."""
    recorder = Recorder()
    folder = CheckpointFolder(tmp_path)
    agent = small_ppo(point_env(), eval_every=2)
    result = train(agent, max_steps=160, loggers=[recorder], checkpoints=folder, evaluator=scores(1.0, 5.0, 3.0))
    evaluations = [(metrics["time/epoch"], metrics["eval/score"], metrics["eval/extra"])
                   for _, metrics in recorder.entries if "eval/score" in metrics]  # fmt: skip
    assert evaluations == [(2.0, 1.0, 2.0), (4.0, 5.0, 2.0), (5.0, 3.0, 2.0)]
    assert result.best_score == 5.0
    assert folder.load("score_based.ckpt")["epoch"] == 4
    assert folder.load()["epoch"] == 5
    assert folder.load()["best_score"] == 5.0


def test_no_score_is_worse_than_any(small_ppo, point_env, tmp_path):
    """NaN never becomes the best."""
    agent = small_ppo(point_env(), eval_every=1)
    folder = CheckpointFolder(tmp_path)
    assert train(agent, max_steps=64, checkpoints=folder, evaluator=scores(math.nan, -3.0)).best_score == -3.0
    assert folder.load("score_based.ckpt")["epoch"] == 2


def test_worlds_begin_anew_after_an_evaluation(small_ppo, point_env):
    """Because the evaluator may have stepped them; not if it has its own."""
    for restart, resets in ((True, 3), (False, 1)):
        env = point_env()
        agent = small_ppo(env, eval_every=1)
        train(agent, max_steps=96, evaluator=scores(1, 2, 3), restart_after_evaluation=restart)
        # The third evaluation is the last thing in the run; its restart waits for steps that never come.
        assert len(env.seeds) - (1 if restart else 0) == resets
        assert len(set(env.seeds)) == len(env.seeds)


def test_resumed_runs_count_all_steps(small_ppo, point_env, tmp_path):
    """max_steps goes over both runs; a third call has nothing to do and writes nothing."""
    folder = CheckpointFolder(tmp_path)
    train(small_ppo(point_env()), max_steps=64, checkpoints=folder)
    agent = small_ppo(point_env())
    agent.load_state_dict(folder.load())
    assert train(agent, max_steps=128, checkpoints=folder).epoch == 4
    written = (tmp_path / "last.ckpt").stat().st_mtime_ns
    recorder = Recorder()
    assert train(agent, max_steps=128, checkpoints=folder, loggers=[recorder], evaluator=scores()).epoch == 4
    assert (tmp_path / "last.ckpt").stat().st_mtime_ns == written
    assert recorder.entries == []


def test_best_score_survives_a_kill_before_the_last_checkpoint(small_ppo, point_env, tmp_path):
    """score_based.ckpt on disk says more than last.ckpt, so a worse later score doesn't replace it."""
    folder = CheckpointFolder(tmp_path)
    agent = small_ppo(point_env())
    train(agent, max_steps=32, checkpoints=folder)
    agent.best_score = 9.0
    folder.save(agent.state_dict(), "score_based.ckpt")
    resumed = small_ppo(point_env())
    resumed.load_state_dict(folder.load())
    assert resumed.best_score is None
    assert train(resumed, max_steps=64, checkpoints=folder, evaluator=scores(4.0)).best_score == 9.0
    assert folder.load("score_based.ckpt")["epoch"] == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signals_save_and_stop(small_ppo, point_env, tmp_path, number):
    """The epoch is finished, the checkpoint written, loggers closed, no evaluation, former handlers back."""
    former = signal.getsignal(number)
    recorder = Recorder(at=2, action=lambda: os.kill(os.getpid(), number))
    folder = CheckpointFolder(tmp_path)
    result = train(small_ppo(point_env()), max_steps=10_000, loggers=[recorder], checkpoints=folder, evaluator=scores())
    assert result.stopped_by == signal.Signals(number).name
    assert folder.load()["epoch"] == result.epoch == 2
    assert recorder.closed == 1
    assert signal.getsignal(number) is former


def test_second_interrupt_stops_at_once(small_ppo, point_env):
    """A user who presses Ctrl-C twice isn't kept waiting; loggers are still closed."""

    def press_twice():
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)

    recorder = Recorder(at=1, action=press_twice)
    with pytest.raises(KeyboardInterrupt):
        train(small_ppo(point_env()), max_steps=10_000, loggers=[recorder])
    assert recorder.closed == 1


def test_other_threads_leave_signals_alone(small_ppo, point_env):
    """Python catches signals in its main thread only; training elsewhere works all the same."""
    results = []
    thread = threading.Thread(target=lambda: results.append(train(small_ppo(point_env()), max_steps=32)))
    thread.start()
    thread.join()
    assert results[0].epoch == 1


def test_evaluator_of_returns(point_env):
    """Pushing towards zero beats pushing away, episodes count once per world, and cuts are counted as they are."""
    evaluator = ReturnEvaluator(point_env(num_envs=4), episodes=6, max_steps=5)
    towards = evaluator(lambda obs: -obs["position"].sign())
    away = evaluator(lambda obs: obs["position"].sign())
    assert towards["score"] > away["score"]
    assert towards["episodes"] == 8.0
    assert towards["episode_length"] == 5.0
    assert towards["score"] == towards["episode_return"]


@pytest.mark.parametrize("settings", [{"max_steps": 0}, {"max_steps": 32, "evaluator": lambda policy: {"other": 1.0}}])
def test_wrong_use(small_ppo, point_env, settings):
    """Zero steps and an evaluator without a score are refused in words."""
    with pytest.raises(AlgorithmError, match=r"must be at least 1|must return a 'score'"):
        train(small_ppo(point_env()), **settings)


def test_a_damaged_best_checkpoint_is_replaced(small_ppo, point_env, tmp_path):
    """Training goes on with a warning, and the next evaluation writes it anew, even if it is no better."""
    folder = CheckpointFolder(tmp_path)
    train(small_ppo(point_env(), eval_every=1), max_steps=32, checkpoints=folder, evaluator=scores(9.0))
    (tmp_path / "score_based.ckpt").write_bytes(b"no checkpoint")
    resumed = small_ppo(point_env(), eval_every=1)
    resumed.load_state_dict(folder.load())
    with pytest.warns(RuntimeWarning, match=r"score_based\.ckpt.*; the next evaluation writes it anew"):
        result = train(resumed, max_steps=64, checkpoints=folder, evaluator=scores(4.0))
    assert result.best_score == 4.0
    assert folder.load("score_based.ckpt")["epoch"] == 2
