# SPDX-License-Identifier: Apache-2.0
"""Simulators by the names that `--simulator` takes; engines are imported only when one is built."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass

import torch

from protomotions_envs.errors import SimulatorError, did_you_mean
from protomotions_envs.robots.robot import Robot
from protomotions_envs.simulators.properties import ALL_CAPABILITIES, Capability, WorldProperties
from protomotions_envs.simulators.simulator import Simulator

__all__ = [
    "ALIASES",
    "SIMULATORS",
    "Capability",
    "Simulator",
    "SimulatorEntry",
    "WorldProperties",
    "check_capabilities",
    "default_device",
    "make_simulator",
]


@dataclass(frozen=True)
class SimulatorEntry:
    """How to find and build an engine."""

    entry_point: str
    """`module:class` of the Simulator."""
    requires: str
    """Import name of the engine's own package."""
    install: str
    """The command that installs it."""
    prefers_gpu: bool = False
    """Whether the engine is made for a GPU."""
    capabilities: frozenset[Capability] = frozenset()
    """What it can vary between worlds or do to some of them."""

    @property
    def installed(self) -> bool:
        """Whether the engine's package can be imported."""
        return importlib.util.find_spec(self.requires) is not None


SIMULATORS = {
    "mujoco": SimulatorEntry(
        "protomotions_envs.simulators.mujoco:MujocoSimulator",
        "mujoco",
        "pip install protomotions-envs",
        capabilities=ALL_CAPABILITIES,
    ),
    "mujoco-warp": SimulatorEntry(
        "protomotions_envs.simulators.mujoco_warp.simulator:MujocoWarpSimulator",
        "mujoco_warp",
        'pip install "protomotions-envs[warp]"',
        prefers_gpu=True,
        capabilities=ALL_CAPABILITIES,
    ),
}
"""All simulators by name."""

ALIASES = {"warp": "mujoco-warp", "newton": "mujoco-warp"}
"""Other names of simulators."""


def make_simulator(
    name: str,
    robot: Robot,
    num_envs: int,
    device: torch.device,
    *,
    num_threads: int = 0,
    graph: bool = True,
    properties: WorldProperties | None = None,
) -> Simulator:
    """Build a simulator by name.

    Args:
        name: Of `SIMULATORS` or `ALIASES`.
        robot: The robot that stands in every world.
        num_envs: Number of worlds.
        device: Where its tensors live.
        num_threads: Threads that step the worlds on a CPU, 0 for one per core.
        graph: Whether to capture the physics as a CUDA graph, where the engine can.
        properties: In what the worlds differ; None for nothing. Only these can be replaced later.

    Raises:
        SimulatorError: The name is unknown or its engine isn't installed.
    """
    entry = SIMULATORS.get(ALIASES.get(name, name))
    if entry is None:
        raise SimulatorError(f"Unknown simulator {name!r}.{did_you_mean(name, SIMULATORS)} {_overview()}")
    if not entry.installed:
        raise SimulatorError(f"Simulator {name!r} is not installed. Install it with: {entry.install}. {_overview()}")
    module, _, cls = entry.entry_point.partition(":")
    return getattr(importlib.import_module(module), cls)(
        robot, num_envs, device, num_threads=num_threads, graph=graph, properties=properties
    )


def check_capabilities(name: str, needed: Iterable[Capability]) -> None:
    """Raise a SimulatorError that names the simulators that can, unless this one has all capabilities.

    Unknown simulators pass; `make_simulator` refuses them.
    """
    entry, needed = SIMULATORS.get(ALIASES.get(name, name)), frozenset(needed)
    if entry is None or needed <= entry.capabilities:
        return
    able = ", ".join(other for other, entry in SIMULATORS.items() if needed <= entry.capabilities) or "none"
    missing = ", ".join(sorted(needed - entry.capabilities))
    raise SimulatorError(f"Simulator {name!r} can't randomise {missing}; simulators that can do all of it: {able}")


def default_device(name: str) -> torch.device:
    """Return where a simulator's tensors should live if nobody says: on the GPU if it is made for one and there is."""
    entry = SIMULATORS.get(ALIASES.get(name, name))
    on_gpu = entry is not None and entry.prefers_gpu and torch.cuda.is_available()
    return torch.device("cuda" if on_gpu else "cpu")


def _overview() -> str:
    installed = [name for name, entry in SIMULATORS.items() if entry.installed]
    missing = [f"{name} ({entry.install})" for name, entry in SIMULATORS.items() if not entry.installed]
    return f"Installed: {', '.join(installed)}." + (f" To be installed: {', '.join(missing)}." if missing else "")
