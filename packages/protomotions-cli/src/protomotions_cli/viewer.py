# SPDX-License-Identifier: Apache-2.0
"""A playback in a window, in real time."""

from __future__ import annotations

import mujoco
import numpy as np
from mujoco.viewer import launch_passive

from protomotions_cli.pacing import paced
from protomotions_cli.playback import Playback
from protomotions_envs.rendering import add_marker
from protomotions_envs.simulators.world import world_spec


def watch(playback: Playback) -> None:
    """Show the robot and its goal until the playback or the window ends; the mouse moves the camera."""
    env = playback.env
    model = world_spec(env.robot).compile()
    data = mujoco.MjData(model)
    with launch_passive(model, data) as window:
        for _ in paced(playback.frames(), env.robot.control_dt):
            if not window.is_running():
                return
            state = env.simulator.state
            parts = (state.root_pos[0], state.root_rot[0], state.joint_pos[0])
            data.qpos[:] = np.concatenate([part.numpy(force=True) for part in parts])
            mujoco.mj_forward(model, data)
            window.user_scn.ngeom = 0
            for marker in env.task.markers(state):
                add_marker(window.user_scn, marker)
            window.sync()
