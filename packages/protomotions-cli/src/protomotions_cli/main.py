# SPDX-License-Identifier: Apache-2.0
"""The command `protomotions`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from protomotions_cli import __version__
from protomotions_cli.commands import bench, evaluate, info, motions, play, train
from protomotions_cli.console import readable_warnings
from protomotions_cli.errors import UsageError, is_user_error

app = typer.Typer(
    name="protomotions",
    help="Train, evaluate and film simulated humanoids.",
    add_completion=False,
    # A user's traceback should be Python's: rich prints the values of all local variables, whole tensors included.
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("train")(train.train)
app.command("eval")(evaluate.evaluate)
app.command("play")(play.play)
app.add_typer(motions.app, name="motions")
app.command("bench")(bench.bench)
app.command("info")(info.info)


@app.callback(invoke_without_command=True)
def protomotions(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Train, evaluate and film simulated humanoids."""
    if version:
        print(f"protomotions {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 2 after an error that a user can mend, printed as one line.

    Args:
        arguments: The words after `protomotions`; None takes those of the process.
    """
    try:
        with readable_warnings():
            return app(arguments, standalone_mode=False) or 0
    except typer.TyperException as error:
        return _fail(error.format_message())
    except typer.Abort:
        return 1
    except ValueError as error:
        if isinstance(error, UsageError) or is_user_error(error):
            return _fail(str(error))
        raise


def _fail(message: str) -> int:
    print("error:", " ".join(message.split()), file=sys.stderr)
    return 2
