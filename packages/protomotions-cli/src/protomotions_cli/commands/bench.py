# SPDX-License-Identifier: Apache-2.0
"""`protomotions bench`: environment steps per second beside those of the physics alone."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from protomotions_cli.console import print_facts
from protomotions_cli.errors import UsageError
from protomotions_cli.system_report import cpu_cores, cpu_name, device_name, versions


def bench(
    simulator: Annotated[str, typer.Option(help="Simulator to measure.")] = "mujoco",
    robot_name: Annotated[str, typer.Option(help="Robot to simulate.")] = "g1",
    num_envs: Annotated[int, typer.Option(help="Robots side by side.")] = 256,
    motion_file: Annotated[str | None, typer.Option(help="Clips to follow; a built-in clip if left out.")] = None,
    seconds: Annotated[float, typer.Option(help="How long to measure, s.")] = 40.0,
    num_threads: Annotated[int, typer.Option(help="Threads of the physics; 0 takes all cores.")] = 0,
    device: Annotated[
        str | None, typer.Option(help="cpu, cuda, ...; the GPU for simulators that run on one, if left out.")
    ] = None,
    train_iterations: Annotated[int, typer.Option(help="Rollouts of training to time as well.")] = 0,
    graph: Annotated[bool, typer.Option(help="Replay steps as CUDA graphs.")] = True,
    compile_terms: Annotated[
        bool, typer.Option("--compile/--no-compile", help="Fuse observations and rewards, where graphs are on.")
    ] = True,
    seed: Annotated[int, typer.Option(help="Of resets and actions.")] = 0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Append one line of JSON to this file.")] = None,
) -> None:
    """Measure environment steps/s with random actions and resets, and the physics-only rate of the same batch.

    Blocks of both kinds alternate in one process; rates and their ratio are medians over pairs of neighbouring blocks.
    """
    if seconds <= 0:
        raise UsageError(f"--seconds must be positive, not {seconds:g}")
    from protomotions_cli.benchmarking import measure, measure_training, memory_in_use
    from protomotions_cli.building import check_device
    from protomotions_envs import EnvConfig, HumanoidVectorEnv

    check_device(device)

    config = EnvConfig(
        robot=robot_name,
        simulator=simulator,
        motion_file=motion_file,
        num_threads=num_threads,
        device=device,
        graph=graph,
        compile=compile_terms,
        autoreset_mode="same_step",
        flatten=True,
    )
    start = time.perf_counter()
    env = HumanoidVectorEnv(num_envs, config=config)
    build_seconds = time.perf_counter() - start
    rates = measure(env, seconds=seconds, seed=seed)
    training = measure_training(env, train_iterations, seed) if train_iterations else None
    decimation, on = env.robot.config.decimation, env.device
    memory = memory_in_use(on)
    env.close()
    record: dict[str, object] = {
        "simulator": env.simulator.name,
        "robot": robot_name,
        "num_envs": num_envs,
        "device": device_name(on),
        "graphs": env.graphs,
        "build_seconds": build_seconds,
        "gpu_memory_gib": memory,
        "threads": num_threads or cpu_cores(),
        "seed": seed,
        "physics_steps_per_env_step": decimation,
        "cpu": cpu_name(),
        "versions": versions(),
        **dataclasses.asdict(rates),
        **(dataclasses.asdict(training) if training else {}),
    }
    _print(record, decimation)
    if json_file is not None:
        with json_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


def _print(record: dict[str, object], decimation: int) -> None:
    figures = {key: float(value) for key, value in record.items() if isinstance(value, (int, float))}
    env, physics, ratio = (figures[key] for key in ("env", "physics", "ratio"))
    quartiles = f"{record['ratio_low']:.3f} to {record['ratio_high']:.3f}"
    print_facts(
        f"{record['simulator']}, {record['robot']}, {record['num_envs']} environments, {record['device']}, "
        f"{record['threads']} threads",
        [
            ("environment", f"{_both(env, decimation)} (random actions, resets on)"),
            ("physics only", f"{_both(physics, decimation)} (same batch)"),
            ("ratio", f"{ratio:.3f} (quartiles {quartiles}, {record['pairs']} pairs of blocks)"),
            *_training_facts(figures),
            (
                "start",
                f"{figures['build_seconds']:.1f} s to build, compile and capture; graphs {_on(record['graphs'])}",
            ),
            *([("GPU memory", f"{figures['gpu_memory_gib']:.2f} GiB in use")] if "gpu_memory_gib" in figures else []),
            ("machine", record["cpu"]),
        ],
    )


def _training_facts(figures: Mapping[str, float]) -> list[tuple[str, str]]:
    if "training" not in figures:
        return []
    parts = f"{figures['collection_seconds']:.3f} s collection and {figures['update_seconds']:.3f} s update"
    return [("training", f"{figures['training']:,.0f} steps/s ({parts} per rollout)")]


def _on(flag: object) -> str:
    return "on" if flag else "off"


def _both(rate: float, decimation: int) -> str:
    return f"{rate:,.0f} steps/s = {rate * decimation:,.0f} physics steps/s"
