# SPDX-License-Identifier: Apache-2.0
"""Each package is built as a wheel and works when it is installed with its dependencies and nothing else."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
USES = {
    "protomotions-envs": (
        "import gymnasium, protomotions_envs, importlib.util as u;"
        "env = gymnasium.make_vec('ProtoMotions/Mimic-v0', num_envs=2); env.reset(seed=0);"
        "env.step(env.action_space.sample()); env.close();"
        "assert u.find_spec('protomotions_algos') is None and u.find_spec('stable_baselines3') is None"
    ),
    "protomotions-algos": (
        "import gymnasium, importlib.util as u;"
        "from protomotions_algos.ppo import PPO, PPOConfig;"
        "env = gymnasium.make_vec('CartPole-v1', num_envs=2, vectorization_mode='sync');"
        "PPO(env, PPOConfig(num_steps=8)).iterate();"
        "assert u.find_spec('protomotions_envs') is None and u.find_spec('mujoco') is None"
    ),
    "protomotions-cli": (
        "import subprocess, sys; from pathlib import Path;"
        "command = Path(sys.executable).with_name('protomotions');"
        "assert 'g1' in subprocess.run([command, 'info'], check=True, capture_output=True, text=True).stdout"
    ),
}


@pytest.fixture(scope="session")
def wheels(tmp_path_factory) -> Path:
    """All wheels of the workspace."""
    folder = tmp_path_factory.mktemp("wheels")
    for package in USES:
        command = ["uv", "build", "--quiet", "--wheel", "--package", package, "--out-dir", str(folder)]
        subprocess.run(command, cwd=ROOT, check=True)
    return folder


@pytest.mark.parametrize("package", USES)
def test_wheel_works_alone(package, wheels, tmp_path):
    """A clean environment gets the wheel, resolved to the pinned versions, and uses it."""
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(tmp_path / "venv")], check=True)
    pins = tmp_path / "pins.txt"
    export = ["uv", "export", "--quiet", "--frozen", "--no-hashes", "--no-emit-workspace", "--all-packages"]
    subprocess.run([*export, "--output-file", str(pins)], cwd=ROOT, check=True)
    wheel = next(wheels.glob(f"{package.replace('-', '_')}-*.whl"))
    install = ["uv", "pip", "install", "--quiet", "--python", str(python), "--find-links", str(wheels)]
    subprocess.run([*install, "--constraint", str(pins), str(wheel)], check=True)
    subprocess.run([str(python), "-c", USES[package]], cwd=tmp_path, check=True)
