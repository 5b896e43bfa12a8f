# SPDX-License-Identifier: Apache-2.0
"""Keep the exact versions of all dependencies, transitive ones too, in pyproject.toml.

uv.lock is not committed, because it records the hosts of package registries. In its stead
`[tool.uv] constraint-dependencies` holds every version, and uv resolves to the same set everywhere.

    uv run python tools/pins.py check      fails if a package of uv.lock is missing there or has another version
    uv run python tools/pins.py refresh    resolves to the newest versions that our bounds admit and writes them
"""

import argparse
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START = "constraint-dependencies = ["


def locked(lock: dict) -> list[str]:
    """Return the requirement lines that pin every package of a uv.lock which comes from a registry."""
    lines = []
    for package in lock["package"]:
        if "registry" not in package["source"]:
            continue
        markers = package.get("resolution-markers", [])
        # A package that differs between Python versions stands once for each.
        suffix = f" ; {' or '.join(markers)}" if markers else ""
        lines.append(f"{package['name']}=={package['version']}{suffix}")
    return sorted(lines)


def pinned(project: dict) -> list[str]:
    """Return the constraints that pyproject.toml holds."""
    return sorted(project["tool"]["uv"].get("constraint-dependencies", []))


def with_pins(text: str, lines: list[str]) -> str:
    """Return the text of pyproject.toml with its constraints replaced."""
    before, _, rest = text.partition(START)
    after = rest[rest.index("\n]") :] if "\n]" in rest else "\n]" + rest.partition("]")[2]
    entries = "".join(f'\n    "{line}",' for line in lines)
    return before + START + entries + after


def read(name: str) -> dict:
    """Return a TOML file of the workspace."""
    return tomllib.loads((ROOT / name).read_text())


def check() -> int:
    """Print what differs between uv.lock and the pins; 0 if nothing does."""
    wanted, found = set(locked(read("uv.lock"))), set(pinned(read("pyproject.toml")))
    for line in sorted(wanted - found):
        print(f"not pinned: {line}")
    for line in sorted(found - wanted):
        print(f"pinned but not in uv.lock: {line}")
    if wanted != found:
        print("Run: uv run python tools/pins.py refresh")
        return 1
    print(f"{len(found)} versions pinned")
    return 0


def refresh() -> int:
    """Resolve anew without pins, and write what comes out."""
    project = ROOT / "pyproject.toml"
    text = project.read_text()
    project.write_text(with_pins(text, []))
    try:
        subprocess.run(["uv", "lock", "--upgrade"], cwd=ROOT, check=True)
    except subprocess.CalledProcessError as error:
        project.write_text(text)
        print(f"uv lock failed with exit code {error.returncode}; the pins are as they were")
        return 1
    project.write_text(with_pins(text, locked(read("uv.lock"))))
    # The lock file notes the constraints it was made with.
    subprocess.run(["uv", "lock"], cwd=ROOT, check=True)
    return check()


def main() -> int:
    """Run one of the two commands."""
    parser = argparse.ArgumentParser(description="Exact versions of all dependencies in pyproject.toml.")
    parser.add_argument("command", choices=["check", "refresh"])
    return {"check": check, "refresh": refresh}[parser.parse_args().command]()


if __name__ == "__main__":
    sys.exit(main())
