# SPDX-License-Identifier: Apache-2.0
"""`protomotions motions datasets`: where to get motion."""

from __future__ import annotations

from typing import Annotated

import typer

from protomotions_cli.console import print_facts
from protomotions_cli.errors import UsageError
from protomotions_cli.motion_datasets import DATASETS
from protomotions_cli.suggestions import did_you_mean


def datasets(
    name: Annotated[str | None, typer.Argument(help="Name of one collection; all if left out.")] = None,
) -> None:
    """Tell which collections of motion exist, on which terms, where, and which command reads them.

    Nothing is downloaded.
    """
    known = {one.name.lower(): one for one in DATASETS}
    if name is not None and name.lower() not in known:
        raise UsageError(f"no collection {name!r} is known; {did_you_mean(name.lower(), known)}")
    for one in DATASETS if name is None else [known[name.lower()]]:
        facts = {
            "content": one.content,
            "size": one.size,
            "licence": one.licence,
            "where": one.access,
            "read it with": one.command,
        }
        print_facts(one.name, facts.items())
        print()
