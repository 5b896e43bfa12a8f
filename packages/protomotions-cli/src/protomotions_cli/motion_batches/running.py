# SPDX-License-Identifier: Apache-2.0
"""The same work on many items, on all cores; it can be interrupted at any moment and then leaves nothing behind.

Work that is interrupted is not killed: an exception is raised in it, so that it removes what it had begun to write.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import wait
from pathlib import Path
from types import FrameType
from typing import Generic, TypeVar

from protomotions_cli.errors import UsageError
from protomotions_cli.system_report import cpu_cores

Item = TypeVar("Item")
Result = TypeVar("Result")

WORKER_DIED = (
    "a worker process ended unexpectedly, most likely because memory ran out; run the command again with fewer --jobs"
)


def number_of_jobs(jobs: int, items: int) -> int:
    """Return how many processes to use for some items; 0 jobs stand for all cores.

    Raises:
        UsageError: A negative number of jobs.
    """
    if jobs < 0:
        raise UsageError(f"--jobs must be positive, or 0 for all cores, not {jobs}")
    return max(1, min(jobs or cpu_cores(), items))


@dataclass(frozen=True)
class Task(Generic[Item, Result]):
    """What to do with each item; sent to other processes, so it is plain data and functions of modules."""

    work: Callable[[Item], Result]
    """Does it."""
    on_defect: Callable[[Item, str], Result]
    """Makes a result for an item whose work broke down, given why."""

    def __call__(self, item: Item) -> Result:
        """Return the result for an item.

        Raises:
            UsageError: The work raised one: what is wrong for one item is wrong for all.
        """
        try:
            return self.work(item)
        except UsageError:
            raise
        # One broken file must not cost the work on thousands of others; the place helps whoever has to mend it.
        except Exception as error:
            reason = f"a defect of this program: {type(error).__name__}: {error} ({_place(error)})"
            return self.on_defect(item, reason)


def run_all(task: Task[Item, Result], items: Sequence[Item], jobs: int) -> Iterator[Result]:
    """Yield the results of a task for each item, in the order in which they are ready.

    Args:
        task: What to do.
        items: What to do it to.
        jobs: Number of processes; 1 works in this one.

    Raises:
        UsageError: The work raised one; the rest is not done.
        KeyboardInterrupt: After the work has been stopped.
    """
    if jobs == 1:
        yield from map(task, items)
        return
    others = set(multiprocessing.active_children())
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_start_worker) as pool:
        job = _WorkerTask(task)
        with _interrupts_held_back():
            futures = {pool.submit(job, item): item for item in items}
        try:
            for future in as_completed(futures):
                yield _result(future, futures[future], task)
        except BaseException:
            for future in futures:
                future.cancel()
            # Only the pool waits for them, at its exit: of two threads that wait for one process, one never learns of
            # its end.
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise


def _result(future: Future[Result], item: Item, task: Task[Item, Result]) -> Result:
    try:
        return future.result()
    except BrokenProcessPool:
        return task.on_defect(item, WORKER_DIED)


def _place(error: BaseException) -> str:
    """Return the file and line that raised an error."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown place"


@dataclass(frozen=True)
class _WorkerTask(Generic[Item, Result]):
    """A task in a process of its own."""

    task: Task[Item, Result]

    def __call__(self, item: Item) -> Result:
        global _at_work
        try:
            _at_work = True
            try:
                return self.task(item)
            finally:
                _at_work = False
        except SystemExit:
            # Raised by `_stop`. The pool would take it for a result and go on with the next item.
            os._exit(1)


def _start_worker() -> None:
    # Before NumPy is imported: each process has one core.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_stop_with_parent, daemon=True).start()


_at_work = False
"""Whether this process has begun an item, so that there may be something to clean up."""


def _stop(number: int, frame: FrameType | None) -> None:
    if not _at_work:
        # What is raised in the pool's own code may be taken for a result, and the process would wait for ever.
        os._exit(1)
    # The pool asks once more when it finds another process gone; cleaning up must not be interrupted.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(1)


def _stop_with_parent() -> None:
    """Wait for the end of the process that started this one, which may have been killed, and end as well."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _interrupts_held_back() -> Generator[None]:
    """Start processes that Ctrl-C in a terminal doesn't reach: it is for this one, which then stops them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
