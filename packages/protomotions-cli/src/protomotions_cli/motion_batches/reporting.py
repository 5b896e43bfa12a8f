# SPDX-License-Identifier: Apache-2.0
"""Carries out a batch: a progress bar, a line per clip, and a summary that names what was not done and why."""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from protomotions_cli.errors import UsageError
from protomotions_cli.motion_batches.outcome import ClipOutcome, Status
from protomotions_cli.motion_batches.plan import NOT_MOTION, BatchPlan, PlannedFile
from protomotions_cli.motion_batches.running import Task, number_of_jobs, run_all

Work = Callable[[PlannedFile], list[ClipOutcome]]
"""What a batch does with each file."""

Result = TypeVar("Result")

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells give it."""


def carry_out(
    work: Work,
    plan: BatchPlan,
    target: Path,
    *,
    jobs: int,
    is_done: Callable[[PlannedFile], bool] = lambda file: False,
    dry_run: bool = False,
) -> None:
    """Do some work on all files of a batch and say what became of them.

    Args:
        work: What to do with a file; sent to other processes if there are several jobs.
        plan: The files.
        target: Where clips go.
        is_done: Tells files that need no work because it was done before.
        jobs: Number of processes, 0 for all cores.
        dry_run: Whether the work only says what it would do.

    Raises:
        UsageError: The work raised one, or the only file of a plan that writes a single clip can't be used.
        Exit: Code 1 if something failed, 130 if the user interrupted the work.
    """
    done = {file for file in plan.files if is_done(file)}
    left = [file for file in plan.files if file not in done]
    outcomes = [ClipOutcome(file.source, "kept", file.target) for file in plan.files if file in done]
    try:
        results = run_all(Task(work, _defect), left, number_of_jobs(jobs, len(left)))
        for some in progress(results, len(left)):
            outcomes += some
            _print_lines(some, dry_run)
    except KeyboardInterrupt:
        _print_summary(outcomes, plan, target, dry_run)
        print("interrupted; what is listed as written is whole. The same command again does the rest.")
        raise typer.Exit(INTERRUPTED) from None
    failures = [outcome for outcome in outcomes if outcome.status == "failed"]
    if plan.to_one_file:
        if failures:
            raise UsageError(failures[0].reason)
        if outcomes[0].status == "kept":
            print(f"{target} is done already; --overwrite makes it again")
        return
    _print_summary(outcomes, plan, target, dry_run)
    if failures:
        raise typer.Exit(1)


def progress(results: Iterable[Result], total: int) -> Iterator[Result]:
    """Show a bar on standard error where a person watches it, and pass the results on."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Lines that are printed meanwhile stand above the bar, but go to a pipe as they are.
    screen = Console(stderr=True)
    bar = Progress(
        *columns,
        console=screen,
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        disable=not screen.is_terminal,
    )
    with bar:
        task = bar.add_task("files", total=total)
        for result in results:
            yield result
            bar.advance(task)


def _defect(file: PlannedFile, reason: str) -> list[ClipOutcome]:
    return [ClipOutcome(file.source, "failed", reason=reason)]


def _print_lines(outcomes: Iterable[ClipOutcome], dry_run: bool) -> None:
    for outcome in outcomes:
        if outcome.status == "written":
            verb = f"would write {outcome.source} to" if dry_run else "wrote"
            remark = f", {outcome.remark}" if outcome.remark else ""
            line = f"{verb} {outcome.target}: {outcome.frames} frames, {outcome.seconds:.2f} s{remark}"
            # At once, also where the output is a file that somebody follows.
            print(line, flush=True)


def _print_summary(outcomes: Sequence[ClipOutcome], plan: BatchPlan, target: Path, dry_run: bool) -> None:
    def of(status: Status) -> list[ClipOutcome]:
        return [outcome for outcome in outcomes if outcome.status == status]

    written = of("written")
    retargeted = sum(outcome.retargeted for outcome in written)
    minutes = sum(outcome.seconds for outcome in written) / 60
    parts_of_it = Counter(outcome.part for outcome in written if outcome.part)
    parts = [
        f"{_count(len(written), 'clip')} {'would be ' if dry_run else ''}written to {target}, {minutes:.1f} min",
        ", ".join(f"{number} to {part}" for part, number in sorted(parts_of_it.items())),
        f"{retargeted} retargeted" if retargeted else "",
        f"{len(of('kept'))} done already (--overwrite makes them again)" if of("kept") else "",
        f"{len(of('left out'))} left out" if of("left out") else "",
        f"{len(of('failed'))} failed" if of("failed") else "",
    ]
    print("; ".join(part for part in parts if part))
    for status in ("left out", "failed"):
        reasons: dict[str, list[Path]] = defaultdict(list)
        for outcome in sorted(of(status), key=lambda outcome: outcome.source):
            reasons[outcome.reason].append(outcome.source)
        for reason, files in reasons.items():
            print(f"{status}: {', '.join(map(str, files))}: {reason}")
    if plan.passed_over:
        print(f"passed over: {', '.join(map(str, plan.passed_over))}: {NOT_MOTION}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
