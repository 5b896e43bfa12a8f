# SPDX-License-Identifier: Apache-2.0
"""Imports go one way: the command line on top of algorithms and environments, which don't know each other."""

import ast
from pathlib import Path

import pytest

PACKAGES = Path(__file__).resolve().parents[2] / "packages"
ALLOWED = {
    "protomotions_envs": set(),
    "protomotions_algos": set(),
    "protomotions_cli": {"protomotions_envs", "protomotions_algos"},
}


def modules(package: str) -> dict[str, Path]:
    """All modules of a package by dotted name."""
    source = PACKAGES / package.replace("_", "-") / "src"
    files = sorted((source / package).rglob("*.py"))
    return {".".join(f.relative_to(source).with_suffix("").parts).removesuffix(".__init__"): f for f in files}


def imported(path: Path, known: set[str]) -> set[str]:
    """Modules that a file imports when it is run, or their parents where `from` names no known module."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        # What only the type checker reads can't be a cycle.
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} has a relative import"
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            names |= whole if whole <= known else {node.module} | (whole & known)
    return names


@pytest.mark.parametrize("package", ALLOWED)
def test_packages_import_only_what_they_may(package):
    """No module reaches for a package above or beside its own."""
    known = modules(package)
    for name, path in known.items():
        ours = {imports.partition(".")[0] for imports in imported(path, set(known))} & set(ALLOWED)
        assert ours <= ALLOWED[package] | {package}, f"{name} imports {ours}"


@pytest.mark.parametrize("package", ALLOWED)
def test_modules_have_no_import_cycles(package):
    """Within a package, modules can be put in an order in which each imports only earlier ones."""
    known = modules(package)
    graph = {name: imported(path, set(known)) & set(known) for name, path in known.items()}
    done, active = set(), []

    def visit(name: str) -> None:
        assert name not in active, " -> ".join([*active[active.index(name) :], name])
        if name in done:
            return
        active.append(name)
        for other in graph[name] - {name}:
            visit(other)
        active.pop()
        done.add(name)

    for name in known:
        visit(name)
