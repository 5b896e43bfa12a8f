# SPDX-License-Identifier: Apache-2.0
"""`protomotions bench`: environment steps per second beside those of the physics alone."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Annotated

import typer

from protomotions_cli.console import print_facts
from protomotions_cli.errors import UsageError
from protomotions_cli.system_report import cpu_cores, cpu_name, versions


def bench(
    simulator: Annotated[str, typer.Option(help="Simulator to measure.")] = "mujoco",
    robot_name: Annotated[str, typer.Option(help="Robot to simulate.")] = "g1",
    num_envs: Annotated[int, typer.Option(help="Robots side by side.")] = 256,
    motion_file: Annotated[str | None, typer.Option(help="Clips to follow; a built-in clip if left out.")] = None,
    seconds: Annotated[float, typer.Option(help="How long to measure, s.")] = 20.0,
    num_threads: Annotated[int, typer.Option(help="Threads of the physics; 0 takes all cores.")] = 0,
    device: Annotated[str, typer.Option(help="Where observations and actions live.")] = "cpu",
    seed: Annotated[int, typer.Option(help="Of resets and actions.")] = 0,
    json_file: Annotated[Path | None, typer.Option("--json", help="Append one line of JSON to this file.")] = None,
) -> None:
    """Measure environment steps/s with random actions and resets, and the physics-only rate of the same batch.

    Blocks of both kinds alternate in one process; rates and their ratio are medians over pairs of neighbouring blocks.
    """
    if seconds <= 0:
        raise UsageError(f"--seconds must be positive, not {seconds:g}")
    from protomotions_cli.benchmarking import measure
    from protomotions_envs import EnvConfig, HumanoidVectorEnv

    config = EnvConfig(
        robot=robot_name,
        simulator=simulator,
        motion_file=motion_file,
        num_threads=num_threads,
        device=device,
        autoreset_mode="same_step",
        flatten=True,
    )
    env = HumanoidVectorEnv(num_envs, config=config)
    rates = measure(env, seconds=seconds, seed=seed)
    decimation = env.robot.config.decimation
    env.close()
    record = {
        "simulator": simulator,
        "robot": robot_name,
        "num_envs": num_envs,
        "device": device,
        "threads": num_threads or cpu_cores(),
        "seed": seed,
        "physics_steps_per_env_step": decimation,
        "cpu": cpu_name(),
        "versions": versions(),
        **dataclasses.asdict(rates),
    }
    _print(record, decimation)
    if json_file is not None:
        with json_file.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")


def _print(record: dict[str, object], decimation: int) -> None:
    env, physics, ratio = (float(str(record[key])) for key in ("env", "physics", "ratio"))
    quartiles = f"{record['ratio_low']:.3f} to {record['ratio_high']:.3f}"
    print_facts(
        f"{record['simulator']}, {record['robot']}, {record['num_envs']} environments, {record['threads']} threads",
        [
            ("environment", f"{_both(env, decimation)} (random actions, resets on)"),
            ("physics only", f"{_both(physics, decimation)} (same batch)"),
            ("ratio", f"{ratio:.3f} (quartiles {quartiles}, {record['pairs']} pairs of blocks)"),
            ("machine", record["cpu"]),
        ],
    )


def _both(rate: float, decimation: int) -> str:
    return f"{rate:,.0f} steps/s = {rate * decimation:,.0f} physics steps/s"
