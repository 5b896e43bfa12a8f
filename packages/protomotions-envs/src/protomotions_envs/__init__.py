# SPDX-License-Identifier: Apache-2.0
"""Simulated humanoids as Gymnasium environments.

Importing this package registers `ProtoMotions/Mimic-v0`, `ProtoMotions/Style-v0`, `ProtoMotions/Steering-v0`,
`ProtoMotions/PathFollower-v0` and `ProtoMotions/Target-v0` for `gymnasium.make` (numpy, one robot) and
`gymnasium.make_vec` (torch tensors, many robots).

Conventions, everywhere: SI units and radians; Z up, X forward; unit quaternions **wxyz**; float32 tensors whose first
axis is the environment; bodies and joints in the order of the robot's MJCF file, body 0 the root; body velocities in
the world frame, linear ones of the body frame's origin.
"""

# ruff: noqa: E402  (the choice must come before anything imports MuJoCo)
from protomotions_envs.opengl import choose_opengl

choose_opengl()

import gymnasium

from protomotions_envs.config import EnvConfig
from protomotions_envs.env import HumanoidEnv
from protomotions_envs.errors import MotionError, ProtoMotionsError, RenderError, RobotError, SimulatorError
from protomotions_envs.vector_env import HumanoidVectorEnv

__all__ = [
    "EnvConfig",
    "HumanoidEnv",
    "HumanoidVectorEnv",
    "MotionError",
    "ProtoMotionsError",
    "RenderError",
    "RobotError",
    "SimulatorError",
    "__version__",
]

__version__ = "0.1.0"

_TASK_OF_ID = {
    "Mimic": "mimic",
    "Style": "style",
    "Steering": "steering",
    "PathFollower": "path_follower",
    "Target": "target",
}

for _name, _task in _TASK_OF_ID.items():
    gymnasium.register(
        id=f"ProtoMotions/{_name}-v0",
        entry_point="protomotions_envs.env:HumanoidEnv",
        vector_entry_point="protomotions_envs.vector_env:HumanoidVectorEnv",
        kwargs={"task": _task},
    )
