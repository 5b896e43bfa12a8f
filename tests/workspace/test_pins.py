# SPDX-License-Identifier: Apache-2.0
"""The versions in pyproject.toml are complete: `tools/pins.py` and the state of this checkout."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def pins():
    """The tool as a module."""
    spec = importlib.util.spec_from_file_location("pins", ROOT / "tools" / "pins.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LOCK = {
    "package": [
        {"name": "numpy", "version": "2.0", "source": {"registry": "r"}, "resolution-markers": ["python < '3.12'"]},
        {"name": "numpy", "version": "2.1", "source": {"registry": "r"}, "resolution-markers": ["python >= '3.12'"]},
        {"name": "protomotions-envs", "version": "0.1.0", "source": {"editable": "packages/protomotions-envs"}},
        {"name": "attrs", "version": "1.0", "source": {"registry": "r"}},
    ]
}


def test_locked_lists_registry_packages_with_markers(pins):
    """Workspace members are left out; versions per Python keep their markers."""
    expected = ["attrs==1.0", "numpy==2.0 ; python < '3.12'", "numpy==2.1 ; python >= '3.12'"]
    assert pins.locked(LOCK) == expected


@pytest.mark.parametrize("old", ["constraint-dependencies = []", 'constraint-dependencies = [\n    "a==1",\n]'])
def test_with_pins_replaces_the_list_only(pins, old):
    """What stands before and after stays."""
    text = pins.with_pins(f"[tool.uv]\npackage = false\n{old}\n\n[tool.other]\nx = [1]\n", ["b==2"])
    expected = '[tool.uv]\npackage = false\nconstraint-dependencies = [\n    "b==2",\n]\n\n[tool.other]\nx = [1]\n'
    assert text == expected


def test_every_dependency_of_this_checkout_is_pinned(pins, capsys):
    """`tools/pins.py check` passes; otherwise its output says what to do."""
    assert pins.check() == 0, capsys.readouterr().out


def test_check_names_what_is_missing(pins, capsys, monkeypatch):
    """A package without a pin is named and fails the check."""
    files = {"uv.lock": LOCK, "pyproject.toml": {"tool": {"uv": {"constraint-dependencies": ["attrs==1.0"]}}}}
    monkeypatch.setattr(pins, "read", files.get)
    assert pins.check() == 1
    assert "not pinned: numpy==2.0" in capsys.readouterr().out
