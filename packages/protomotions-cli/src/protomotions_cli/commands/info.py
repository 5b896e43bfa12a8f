# SPDX-License-Identifier: Apache-2.0
"""`protomotions info`: what is installed here and what it can do."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from protomotions_cli.console import print_facts
from protomotions_cli.system_report import report


def info(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
) -> None:
    """Show versions, devices, simulators, robots, tasks, algorithms, built-in clips and experiments."""
    found = report()
    if as_json:
        print(json.dumps(found, indent=2))
        return
    for title, facts in found.items():
        print_facts(title, facts.items() or [("none", "")])
        print()
