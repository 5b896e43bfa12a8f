# SPDX-License-Identifier: Apache-2.0
"""Work on many items in several processes: results, defects, death, interruption."""

import math
import multiprocessing
import os
import signal
import threading
import time

import pytest

from protomotions_cli.errors import UsageError
from protomotions_cli.motion_batches.running import WORKER_DIED, Task, number_of_jobs, run_all
from protomotions_cli.system_report import cpu_cores


def failed(item, reason):
    """Make a result of a defect."""
    return f"{item}: {reason}"


def root(number):
    """Return a square root, whose absence for negative numbers stands for a defect."""
    return math.sqrt(number)


def refuse(number):
    """Raise an error that concerns all items."""
    raise UsageError(f"no {number}")


def die(number):
    """End the process as the system does when memory runs out, but for the number 1."""
    if number != 1:
        os._exit(9)


class Unfinished:
    """A result whose way back from its process is interrupted by what asks processes to end."""

    def __reduce__(self):
        os.kill(os.getpid(), signal.SIGTERM)
        return int, ()


def return_unfinished(number):
    """Return such a result."""
    return Unfinished()


def write_slowly(path):
    """Write an unfinished file, then work until stopped, then clean up."""
    path.touch()
    try:
        time.sleep(60)
    finally:
        path.unlink()


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_defect_costs_one_item(jobs):
    """All others get their results; the reason says what broke and where."""
    results = set(run_all(Task(root, failed), [4.0, -1.0, 9.0], jobs))
    (reason,) = [result for result in results if isinstance(result, str)]
    assert results - {reason} == {2.0, 3.0}
    assert reason.startswith("-1.0: a defect of this program: ValueError: ")
    assert "(test_motion_batches.py:" in reason


@pytest.mark.parametrize("jobs", [1, 2])
def test_wrong_usage_ends_the_work(jobs):
    """What is wrong for one item is wrong for all."""
    with pytest.raises(UsageError, match=r"no [12]"):
        list(run_all(Task(refuse, failed), [1, 2], jobs))
    assert living_children() == []


def test_a_dead_process_is_noticed():
    """Its item and those that nobody could work on any more are named with the reason."""
    results = list(run_all(Task(die, failed), [0, 2, 3], 2))
    assert sorted(results) == [f"{item}: {WORKER_DIED}" for item in (0, 2, 3)]


def test_a_process_that_is_stopped_between_items_ends():
    """The pool's own code would take an exception for a result, and a process that hasn't ended is waited for."""
    results = list(run_all(Task(return_unfinished, failed), [0, 2, 3], 2))
    assert sorted(results) == [f"{item}: {WORKER_DIED}" for item in (0, 2, 3)]
    assert living_children() == []


def test_work_that_is_interrupted_cleans_up(tmp_path):
    """Long before it would be done, and no process stays."""
    unfinished = [tmp_path / "a", tmp_path / "b"]
    results = run_all(Task(write_slowly, failed), [*unfinished, tmp_path / "c"], 2)
    interrupt_when(lambda: all(path.exists() for path in unfinished))
    with pytest.raises(KeyboardInterrupt):
        next(results)
    assert living_children() == []
    assert list(tmp_path.iterdir()) == []


def living_children() -> list[int]:
    """Return the processes that were started here and exist; two threads may have waited for one that is gone."""
    return [process.pid for process in multiprocessing.active_children() if exists(process.pid)]


def exists(number: int) -> bool:
    """Return whether there is a process of this number."""
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def interrupt_when(holds):
    """Send this process what Ctrl-C sends, once something holds."""

    def wait():
        while not holds():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait, daemon=True).start()


def test_jobs_are_no_more_than_items_or_cores():
    """0 stands for all cores."""
    assert number_of_jobs(0, 10_000) == cpu_cores()
    assert number_of_jobs(8, 3) == 3
    assert number_of_jobs(8, 0) == 1
    with pytest.raises(UsageError, match="--jobs must be positive"):
        number_of_jobs(-1, 3)
