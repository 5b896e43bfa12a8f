# SPDX-License-Identifier: Apache-2.0
"""How commands print: tables of names and values on standard output, notes on standard error."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Collection, Generator, Iterable, Sequence
from contextlib import contextmanager
from typing import TextIO

from rich.console import Console
from rich.table import Table

_MIN_WIDTH_OF_PIPES = 160


def console() -> Console:
    """Return a console on standard output; piped output isn't folded at 80 columns."""
    width = None if sys.stdout.isatty() else _MIN_WIDTH_OF_PIPES
    return Console(width=width, highlight=False, soft_wrap=True)


def note(text: str) -> None:
    """Print a line that isn't a result to standard error."""
    print(text, file=sys.stderr, flush=True)


def print_facts(title: str, facts: Iterable[tuple[str, object]]) -> None:
    """Print a title and aligned pairs of names and values."""
    table = Table(title=title, title_justify="left", title_style="bold", show_header=False, box=None, pad_edge=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts:
        table.add_row(name, str(value))
    console().print(table)


def print_table(
    title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, texts: Collection[int] = (0,)
) -> None:
    """Print rows under column heads.

    Args:
        title: Above the table.
        columns: Heads.
        rows: A cell for each column.
        texts: Numbers of the columns that hold words; the others are aligned right.
    """
    table = Table(title=title, title_justify="left", title_style="bold", header_style="cyan")
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index in texts else "right", overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    console().print(table)


def _cell(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


@contextmanager
def readable_warnings() -> Generator[None]:
    """Show warnings as one line each, without the place in the source that raised them."""
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning  # ty: ignore[invalid-assignment]
        yield


def _show_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    note(f"warning: {' '.join(str(message).split())}")
