# SPDX-License-Identifier: Apache-2.0
"""What is installed on this machine and what it can do."""

from __future__ import annotations

import importlib.metadata
import inspect
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from protomotions_envs.tasks import TaskConfig

_PACKAGES = (
    "protomotions-envs",
    "protomotions-algos",
    "protomotions-cli",
    "torch",
    "mujoco",
    "mujoco-warp",
    "warp-lang",
    "gymnasium",
    "numpy",
)
EXPERIMENTS = Path("examples/experiments")
"""Where experiments are looked for, from the current folder."""

Report = dict[str, dict[str, str]]


def report() -> Report:
    """Return sections of names and descriptions."""
    return {
        "versions": versions(),
        "devices": _devices(),
        "simulators": _simulators(),
        "robots": _robots(),
        "tasks": _tasks(),
        "algorithms": _algorithms(),
        "built-in clips": _clips(),
        "experiments": _experiments(),
    }


def versions() -> dict[str, str]:
    """Return the versions that decide what a run computes."""
    return {"python": platform.python_version()} | {name: _version(name) for name in _PACKAGES}


def cpu_name() -> str:
    """Return the name of the processor, as the system gives it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def cpu_cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def device_name(device: torch.device) -> str:
    """Return the name of a GPU, or cpu."""
    import torch

    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def first_line(thing: object) -> str:
    """Return the first line of what a class, or that of an object, says of itself."""
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _devices() -> dict[str, str]:
    import torch

    gpus = {f"cuda:{i}": torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())}
    graphs = "on for mujoco-warp (env.graph=false switches them off)" if gpus else "off: there is no GPU"
    return {"cpu": f"{cpu_name()}, {cpu_cores()} cores"} | (gpus or {"cuda": "none found"}) | {"CUDA graphs": graphs}


def _simulators() -> dict[str, str]:
    from protomotions_envs.simulators import SIMULATORS

    return {
        name: "installed" if entry.installed else f"missing; install it with: {entry.install}"
        for name, entry in SIMULATORS.items()
    }


def _robots() -> dict[str, str]:
    from protomotions_envs.robots import load_robot, robot_names

    robots = [load_robot(name) for name in robot_names()]
    return {one.name: f"{one.num_joints} joints, {one.num_bodies} bodies, {one.mass:.1f} kg" for one in robots}


def _tasks() -> dict[str, str]:
    import gymnasium

    from protomotions_envs.tasks import TASKS

    tasks = {
        name: TASKS[spec.kwargs["task"]]
        for name, spec in gymnasium.registry.items()
        if name.startswith("ProtoMotions/")
    }
    return {name: f"{first_line(task)} {_clips_of(task)}" for name, task in sorted(tasks.items())}


def _clips_of(task: type[TaskConfig]) -> str:
    return "Needs clips." if task.needs_motion else "Clips for its style if --motion-file gives some."


def _algorithms() -> dict[str, str]:
    from protomotions_cli.algorithms import ALGORITHMS

    return {config.algorithm: first_line(agent) for config, agent in ALGORITHMS.items()}


def _clips() -> dict[str, str]:
    from protomotions_envs.motions import builtin_motions
    from protomotions_envs.robots import load_robot, robot_names

    return {
        f"{robot}/{name}": str(path)
        for robot in robot_names()
        for name, path in builtin_motions(load_robot(robot)).items()
    }


def _experiments() -> dict[str, str]:
    files = sorted(path for path in EXPERIMENTS.rglob("*.py") if not path.name.startswith("_"))
    return {str(path): _first_line(path) for path in files}


def _first_line(path: Path) -> str:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith('"""')]
    return lines[0].strip('"') if lines else ""
