# SPDX-License-Identifier: Apache-2.0
"""How fast mjlab's Unitree G1 motion tracking steps and trains, to be put beside our figures from the same GPU.

    python benchmarks/mjlab_motion.py --output walk_mjlab.npz          # where our packages are
    python benchmarks/mjlab_tracking.py --motion-file walk_mjlab.npz [--num-envs 4096] [--train]

The second command needs mjlab 1.6, which brings another MuJoCo than ours, and none of our packages. The task is mjlab's
own, unchanged: observations with noise, rewards, terminations, randomisation and pushes. Standard output is one JSON
line; whatever else the libraries print goes to standard error.

Rates count control steps of all worlds. As in `protomotions bench`, blocks of ten environment steps with actions drawn
uniformly from -1 to 1 take turns with blocks of physics alone, which start from the same states and apply the same
targets; both rates are medians over the blocks. Physics alone is what the environment asks of the engine within a
control step, its four substeps, without the one further forward pass that `env.step` makes before it observes.
"""

from __future__ import annotations

import argparse
import dataclasses
import importlib.metadata
import json
import math
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from mjlab.envs import ManagerBasedRlEnv  # ty: ignore[import-not-found]
    from mjlab.rl import MjlabOnPolicyRunner, RslRlOnPolicyRunnerCfg  # ty: ignore[import-not-found]

TASK = "Mjlab-Tracking-Flat-Unitree-G1"
PACKAGES = ("mjlab", "mujoco", "mujoco-warp", "warp-lang", "rsl-rl-lib", "tensordict", "torch", "numpy")
BLOCK_STEPS = 10
"""Control steps per timed block."""
MIN_PAIRS = 4
WARM_UP_PAIRS = 2
WARM_UP_ITERATIONS = 2
ACTION_SETS = 8
STATE = ("qpos", "qvel", "qacc_warmstart", "ctrl", "time")
"""What the physics of a G1 in mjlab, whose actuators have no state of their own, goes on from."""

Result = TypeVar("Result")


def main() -> None:
    """Measure and print one JSON line."""
    arguments = parse_arguments()
    # mjlab, rsl_rl and Warp print, and so do kernels; file descriptor 1 is kept for the result.
    result = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    # All of these are read at import. GIT_PYTHON_REFRESH: rsl_rl imports GitPython, which refuses to do without git.
    for name, value in (("MUJOCO_GL", "disable"), ("WANDB_MODE", "disabled"), ("GIT_PYTHON_REFRESH", "quiet")):
        os.environ.setdefault(name, value)

    env, training = make_env(arguments.motion_file, arguments.num_envs, arguments.device)
    measured = describe(env) | measure(env, arguments.steps)
    if arguments.train:
        measured |= measure_training(env, training, arguments.iterations)
    env.close()
    print(json.dumps(measured), file=result, flush=True)


def parse_arguments() -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    default_device = "cuda:0" if torch.cuda.is_available() else "cpu"
    parser.add_argument("--motion-file", type=Path, required=True, help="clip in the npz format of mjlab's tracking")
    parser.add_argument("--num-envs", type=int, default=4096)
    parser.add_argument(
        "--steps",
        type=int,
        default=500,
        help=f"environment steps to time, rounded up to blocks of {BLOCK_STEPS}, at least {MIN_PAIRS} blocks",
    )
    parser.add_argument("--device", default=default_device)
    parser.add_argument("--train", action="store_true", help="also time PPO of rsl_rl as mjlab sets it up")
    parser.add_argument(
        "--iterations", type=int, default=10, help=f"PPO iterations to time, after {WARM_UP_ITERATIONS} that are not"
    )
    return parser.parse_args()


def make_env(motion_file: Path, num_envs: int, device: str) -> tuple[ManagerBasedRlEnv, RslRlOnPolicyRunnerCfg]:
    """Return the environment and the training settings as `train Mjlab-Tracking-Flat-Unitree-G1` makes them."""
    import mjlab.tasks  # noqa: F401  # ty: ignore[import-not-found]
    from mjlab.envs import ManagerBasedRlEnv  # ty: ignore[import-not-found]
    from mjlab.tasks.registry import load_env_cfg, load_rl_cfg  # ty: ignore[import-not-found]
    from mjlab.utils.torch import configure_torch_backends  # ty: ignore[import-not-found]

    # Matrix products in TF32 and tuned convolutions.
    configure_torch_backends()
    config, training = load_env_cfg(TASK), load_rl_cfg(TASK)
    config.seed = training.seed
    config.scene.num_envs = num_envs
    config.commands["motion"].motion_file = str(motion_file)
    env = ManagerBasedRlEnv(config, device=device)
    check_motion(motion_file, env)
    return env, training


def check_motion(motion_file: Path, env: ManagerBasedRlEnv) -> None:
    """Raise SystemExit for a clip that says that its order or rate is not the one in which mjlab reads it."""
    robot = env.scene["robot"]
    with np.load(motion_file) as clip:
        for key, names in (("joint_names", robot.joint_names), ("body_names", robot.body_names)):
            if key in clip and tuple(clip[key]) != tuple(names):
                raise SystemExit(f"{motion_file}: {key} are not those of mjlab's G1, {', '.join(names)}")
        if "fps" in clip and not math.isclose(fps := float(np.ravel(clip["fps"])[0]), 1 / env.step_dt):
            raise SystemExit(f"{motion_file} has {fps:g} frames per second; mjlab needs {1 / env.step_dt:g}")


def describe(env: ManagerBasedRlEnv) -> dict[str, object]:
    """Return what was measured and on what."""
    is_cuda = torch.device(env.device).type == "cuda"
    return {
        "task": TASK,
        "num_envs": env.num_envs,
        "physics_steps_per_control_step": env.cfg.decimation,
        "physics_timestep": env.physics_dt,
        "cuda_graph": env.sim.use_cuda_graph,
        "device": torch.cuda.get_device_name(env.device) if is_cuda else platform.processor() or platform.machine(),
        "versions": {name: importlib.metadata.version(name) for name in PACKAGES} | {"torch": torch.__version__},
    }


def measure(env: ManagerBasedRlEnv, steps: int) -> dict[str, object]:
    """Time blocks of environment steps and of physics alone in turn."""
    generator = torch.Generator(env.device).manual_seed(0)
    shape = (ACTION_SETS, env.num_envs, env.action_manager.total_action_dim)
    actions = torch.rand(shape, generator=generator, device=env.device) * 2 - 1
    targets = [actuator_targets(env, action) for action in actions]
    env.reset()
    for _ in range(WARM_UP_PAIRS):
        time_pair(env, actions, targets)
    pairs = [time_pair(env, actions, targets) for _ in range(max(math.ceil(steps / BLOCK_STEPS), MIN_PAIRS))]
    low, ratio, high = statistics.quantiles([physics / whole for whole, physics in pairs], n=4)
    worlds_steps = env.num_envs * BLOCK_STEPS
    return {
        "env_steps_per_second": round(worlds_steps / statistics.median(whole for whole, _ in pairs), 1),
        "physics_only_steps_per_second": round(worlds_steps / statistics.median(physics for _, physics in pairs), 1),
        "ratio": round(ratio, 4),
        "ratio_quartiles": [round(low, 4), round(high, 4)],
        "blocks": len(pairs),
        "share_of_worlds_reset_per_step": round(reset_share(env, actions), 5),
    }


def actuator_targets(env: ManagerBasedRlEnv, action: Tensor) -> Tensor:
    """Return what an action makes of the engine's controls, [N, actuators]; the action is left pending."""
    env.action_manager.process_action(action)
    env.action_manager.apply_action()
    env.scene.write_data_to_sim()
    return env.sim.data.ctrl.clone()


def time_pair(env: ManagerBasedRlEnv, actions: Tensor, targets: list[Tensor]) -> tuple[float, float]:
    """Return how long a block of environment steps and one of physics from there took, s; undoes the physics."""
    whole = timed(env.device, lambda: [env.step(actions[step % ACTION_SETS]) for step in range(BLOCK_STEPS)][-1])
    data = env.sim.data
    before = {name: getattr(data, name).clone() for name in STATE}
    physics = timed(env.device, lambda: [step_physics(env, targets[i % ACTION_SETS]) for i in range(BLOCK_STEPS)][-1])
    for name, value in before.items():
        getattr(data, name)[:] = value
    env.sim.forward()
    return whole, physics


def step_physics(env: ManagerBasedRlEnv, targets: Tensor) -> None:
    """Advance the engine by one control step, and nothing else."""
    env.sim.data.ctrl[:] = targets
    for _ in range(env.cfg.decimation):
        env.sim.step()


def reset_share(env: ManagerBasedRlEnv, actions: Tensor) -> float:
    """Return which share of the worlds an environment step resets, on average over a hundred; not timed."""
    ends = []
    for step in range(100):
        _, _, terminated, truncated, _ = env.step(actions[step % ACTION_SETS])
        ends.append((terminated | truncated).float().mean())
    return float(torch.stack(ends).mean())


def measure_training(
    env: ManagerBasedRlEnv, training: RslRlOnPolicyRunnerCfg, iterations: int
) -> dict[str, float | int]:
    """Time PPO of rsl_rl as mjlab runs it, logging to TensorBoard and saving neither checkpoints nor ONNX files.

    The rate is rsl_rl's own "steps per second": an iteration's steps over the time of its collection and update.
    """
    from mjlab.rl import RslRlVecEnvWrapper  # ty: ignore[import-not-found]
    from mjlab.tasks.registry import load_runner_cls  # ty: ignore[import-not-found]

    training.logger = "tensorboard"
    wrapped = RslRlVecEnvWrapper(env, clip_actions=training.clip_actions)
    with tempfile.TemporaryDirectory() as folder:
        runner = load_runner_cls(TASK)(wrapped, dataclasses.asdict(training), folder, env.device)
        # No copy of the working tree's changes, no files of the policy.
        runner.logger.git_status_repos.clear()
        runner.save = lambda *_, **__: None
        marks = mark_phases(runner, env.device)
        runner.learn(WARM_UP_ITERATIONS + iterations, init_at_random_ep_len=True)
        runner.logger.writer.close()
    return summarise_training(marks, env.num_envs * training.num_steps_per_env)


def mark_phases(runner: MjlabOnPolicyRunner, device: str) -> list[float]:
    """Return a list that gets three times per iteration: the end of its collection, of its update, of its logging."""
    marks: list[float] = []

    def mark() -> None:
        synchronize(device)
        marks.append(time.perf_counter())

    # What rsl_rl measures itself leaves work that is still queued to the next phase.
    compute_returns, log = runner.alg.compute_returns, runner.logger.log

    def marked_compute_returns(*arguments: object) -> None:
        mark()
        compute_returns(*arguments)

    def marked_log(**arguments: object) -> None:
        mark()
        log(**arguments)
        mark()

    runner.alg.compute_returns, runner.logger.log = marked_compute_returns, marked_log
    return marks


def summarise_training(marks: list[float], steps: int) -> dict[str, float | int]:
    """Return medians over the iterations after the warm-up, of `steps` environment steps each."""
    phases = np.diff(marks)[3 * WARM_UP_ITERATIONS - 1 :].reshape(-1, 3)
    collection, update, logging = np.median(phases, axis=0)
    return {
        "training_steps_per_second": round(steps / float(np.median(phases[:, :2].sum(axis=1))), 1),
        "collection_seconds_per_iteration": round(float(collection), 4),
        "update_seconds_per_iteration": round(float(update), 4),
        "logging_seconds_per_iteration": round(float(logging), 4),
        "iterations": len(phases),
        "steps_per_iteration": steps,
    }


def timed(device: str, work: Callable[[], object]) -> float:
    """Return how long `work` takes until the device has done it, s."""
    synchronize(device)
    start = time.perf_counter()
    work()
    synchronize(device)
    return time.perf_counter() - start


def synchronize(device: str) -> None:
    """Wait until the device has done all that was asked of it."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    main()
