# SPDX-License-Identifier: Apache-2.0
"""What a training run says of itself before it starts and after it has ended."""

from __future__ import annotations

import math
from pathlib import Path

from protomotions_algos.common.training import TrainingResult
from protomotions_algos.ppo import PPO
from protomotions_cli.console import print_facts
from protomotions_cli.run_plan import RunPlan
from protomotions_cli.system_report import cpu_cores, first_line, versions
from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.motions import default_motion

Announcement = tuple[str, list[tuple[str, str]]]
"""A title and pairs of names and values."""


def announcement(plan: RunPlan, env: HumanoidVectorEnv, agent: PPO) -> Announcement:
    """Return what is about to be trained."""
    config, robot = plan.config, env.robot
    epochs = math.ceil(config.training_max_steps / (config.num_envs * config.agent.num_steps))
    samples = config.num_envs * config.agent.num_steps
    facts = [
        ("robot", f"{robot.name}, {robot.num_joints} joints, {robot.mass:.1f} kg"),
        ("simulator", f"{config.env.simulator}, {config.num_envs} environments, {_threads(plan)}"),
        ("task", _task(env)),
        ("motion", _motion(env)),
        ("policy", f"{_observation_size(env)} observations -> {robot.num_joints} actions, device {env.device}"),
        ("algorithm", config.agent.algorithm.upper()),
        ("training", f"{config.training_max_steps:,} steps = {epochs:,} epochs of {samples:,} samples, minibatches of "
                     f"{agent.batch_size:,}, seed {config.seed}"),
        ("results", str(plan.folder.path)),
    ]  # fmt: skip
    return f"{plan.folder.name}: {_start(plan, agent)}", [*facts, *(("changed", str(one)) for one in plan.changes)]


def show(about: Announcement) -> None:
    """Print an announcement."""
    print_facts(about[0], about[1])
    print(flush=True)


def as_text(about: Announcement) -> str:
    """Return an announcement, with the versions of packages, as lines for the text log."""
    title, facts = about
    installed = ", ".join(f"{name} {version}" for name, version in versions().items())
    return "\n".join([title, *(f"{name}: {value}" for name, value in facts), f"versions: {installed}"])


def closing(plan: RunPlan, result: TrainingResult) -> str:
    """Return how a run ended and what to do next, as lines."""
    folder = plan.folder
    score = "" if result.best_score is None else f", best score {result.best_score:.4f}"
    done = f"{result.env_steps:,} steps ({result.epoch:,} epochs){score}"
    if result.stopped_by is not None:
        return f"Stopped by {result.stopped_by} after {done}. Run the same command again to go on."
    where = "" if folder.path.parent == Path("results") else f" --results-dir {folder.path.parent}"
    return "\n".join(
        [
            f"Finished {folder.name}: {done}. Results are in {folder.path}.",
            f"Next: protomotions eval {folder.name}{where}",
            f"      protomotions play {folder.name}{where} --video {folder.name}.mp4",
        ]
    )


def no_motion_file(env: HumanoidVectorEnv) -> str | None:
    """Return what to say where the task needs clips and the settings name none; None otherwise."""
    wanted = env.config.motion_file is None and env.config.task.needs_motion
    clip = default_motion(env.robot) if wanted else None
    if clip is None:
        return None
    return f"No --motion-file: using the built-in clip {clip.stem!r} (others: protomotions motions list)"


def _start(plan: RunPlan, agent: PPO) -> str:
    if not plan.resumes:
        return "new run"
    done = f"{agent.env_steps:,} steps (epoch {agent.epoch:,})"
    if agent.env_steps >= plan.config.training_max_steps:
        return f"finished at {done}; to train on, raise --training-max-steps"
    return f"resumes at {done}"


def _task(env: HumanoidVectorEnv) -> str:
    return f"{env.config.task.name}: {first_line(env.config.task)}"


def _motion(env: HumanoidVectorEnv) -> str:
    library = env.motion_library
    if library is None:
        return "no clips, and the task needs none"
    seconds = float(library.durations.sum())
    clips = repr(library.names[0]) if library.num_motions == 1 else f"{library.num_motions} clips"
    return f"{clips}, {seconds:.1f} s, {'built in' if env.config.motion_file is None else env.config.motion_file}"


def _threads(plan: RunPlan) -> str:
    threads = plan.config.env.num_threads or cpu_cores()
    return f"{threads} thread" + "s" * (threads > 1)


def _observation_size(env: HumanoidVectorEnv) -> int:
    return sum(env.observation_sizes.values())
