# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions`: look at, convert and make motion clips; one module per command."""

from __future__ import annotations

import typer

from protomotions_cli.commands.motions import (
    convert,
    datasets,
    generate,
    inspect,
    listing,
    pack,
    play,
    retarget,
    select,
    split,
)

app = typer.Typer(help="Look at, convert and make motion clips.", no_args_is_help=True)
app.command("inspect")(inspect.inspect)
app.command("convert")(convert.convert)
app.command("retarget")(retarget.retarget)
app.command("play")(play.play)
app.command("filter")(select.select)
app.command("split")(split.split)
app.command("pack")(pack.pack)
app.command("generate")(generate.generate)
app.command("list")(listing.list_builtin)
app.command("datasets")(datasets.datasets)
