# SPDX-License-Identifier: Apache-2.0
"""What `info` tells about this machine."""

import json
from importlib.metadata import version
from pathlib import Path

import pytest

from protomotions_cli import system_report
from protomotions_envs.robots import robot_names
from protomotions_envs.simulators import SIMULATORS

ROOT = Path(__file__).parents[2]


@pytest.fixture
def found(protomotions, monkeypatch):
    """What `info --json` prints at the root of the checkout."""
    monkeypatch.chdir(ROOT)
    code, out, err = protomotions("info", "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_info_names_versions_robots_simulators_tasks_clips_and_experiments(found):
    """Everything that is registered or shipped is in its section."""
    assert found["versions"]["torch"] == version("torch")
    assert found["versions"]["protomotions-cli"] == version("protomotions-cli")
    assert set(found["robots"]) == set(robot_names())
    assert set(found["simulators"]) == set(SIMULATORS)
    assert found["simulators"]["mujoco"] == "installed"
    assert "ProtoMotions/Mimic-v0" in found["tasks"]
    assert found["tasks"]["ProtoMotions/Steering-v0"].startswith("Walk in a given direction at a given speed. Clips")
    assert {f"ProtoMotions/{name}-v0" for name in ("Style", "PathFollower", "Target")} <= set(found["tasks"])
    assert list(found["algorithms"]) == ["ppo", "amp", "ase", "add"]
    assert found["algorithms"]["amp"].startswith("Adversarial motion priors (Peng et al. 2021")
    assert "g1/squat" in found["built-in clips"]
    shipped = {str(path.relative_to(ROOT)) for path in (ROOT / "examples" / "experiments").rglob("*.py")}
    assert set(found["experiments"]) == shipped
    assert all(found["experiments"].values())
    assert "core" in found["devices"]["cpu"]


def test_info_as_tables_shows_the_same_names(found, protomotions):
    """For people."""
    code, out, _ = protomotions("info")
    assert code == 0
    assert all(name in out for section in found.values() for name in section)


def test_a_package_that_is_missing_is_reported_so(monkeypatch):
    """Rather than failing."""
    monkeypatch.setattr(system_report, "_PACKAGES", ("no-such-package",))
    assert system_report.versions()["no-such-package"] == "not installed"


def test_outside_a_checkout_there_are_no_experiments(tmp_path, monkeypatch, protomotions):
    """The section is empty, not missing."""
    monkeypatch.chdir(tmp_path)
    assert json.loads(protomotions("info", "--json")[1])["experiments"] == {}
