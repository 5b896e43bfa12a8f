# SPDX-License-Identifier: Apache-2.0
"""Simulators by the names that `--simulator` takes; engines are imported only when one is built."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

import torch

from protomotions_envs.errors import SimulatorError, did_you_mean
from protomotions_envs.robots.robot import Robot
from protomotions_envs.simulators.simulator import Simulator

__all__ = ["SIMULATORS", "Simulator", "SimulatorEntry", "make_simulator"]


@dataclass(frozen=True)
class SimulatorEntry:
    """How to find and build an engine."""

    entry_point: str
    """`module:class` of the Simulator."""
    requires: str
    """Import name of the engine's own package."""
    install: str
    """The command that installs it."""

    @property
    def installed(self) -> bool:
        """Whether the engine's package can be imported."""
        return importlib.util.find_spec(self.requires) is not None


SIMULATORS = {
    "mujoco": SimulatorEntry(
        "protomotions_envs.simulators.mujoco:MujocoSimulator", "mujoco", "pip install protomotions-envs"
    ),
}
"""All simulators by name."""


def make_simulator(name: str, robot: Robot, num_envs: int, device: torch.device, num_threads: int = 0) -> Simulator:
    """Build a simulator by name.

    Raises:
        SimulatorError: The name is unknown or its engine isn't installed.
    """
    entry = SIMULATORS.get(name)
    if entry is None:
        raise SimulatorError(f"Unknown simulator {name!r}.{did_you_mean(name, SIMULATORS)} {_overview()}")
    if not entry.installed:
        raise SimulatorError(f"Simulator {name!r} is not installed. Install it with: {entry.install}. {_overview()}")
    module, _, cls = entry.entry_point.partition(":")
    return getattr(importlib.import_module(module), cls)(robot, num_envs, device, num_threads)


def _overview() -> str:
    installed = [name for name, entry in SIMULATORS.items() if entry.installed]
    missing = [f"{name} ({entry.install})" for name, entry in SIMULATORS.items() if not entry.installed]
    return f"Installed: {', '.join(installed)}." + (f" To be installed: {', '.join(missing)}." if missing else "")
