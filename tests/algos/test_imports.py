# SPDX-License-Identifier: Apache-2.0
"""The package stands alone: nothing in it needs environments or the command line."""

import subprocess
import sys

IMPORT_EVERYTHING = """
import importlib, pkgutil, sys
for blocked in ("protomotions_envs", "protomotions_cli", "mujoco", "stable_baselines3"):
    sys.modules[blocked] = None
import protomotions_algos
names = [module.name for module in pkgutil.walk_packages(protomotions_algos.__path__, "protomotions_algos.")]
for name in names:
    importlib.import_module(name)
assert "torch.utils.tensorboard" not in sys.modules
print(len(names))
"""


def test_imports_with_the_other_packages_blocked():
    """Every module can be imported, and TensorBoard isn't until a logger is made."""
    command = [sys.executable, "-W", "error", "-c", IMPORT_EVERYTHING]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 20
