# SPDX-License-Identifier: Apache-2.0
"""Every script in examples/ runs, in small."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SMALL = {
    "gymnasium_vector_env.py": ["--steps", "5", "--num-envs", "4"],
    "train_with_stable_baselines3.py": ["--steps", "96", "--num-envs", "4"],
    "own_training_loop.py": ["--epochs", "1", "--num-envs", "4"],
    "steering_by_hand.py": ["--epochs", "1", "--num-envs", "4", "--seconds", "0.1"],
}


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.glob("*.py")))
def test_example_runs(name, tmp_path):
    """A new example joins by adding its small arguments here."""
    command = [sys.executable, str(EXAMPLES / name), *SMALL[name]]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert result.stdout
