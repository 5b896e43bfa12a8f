# SPDX-License-Identifier: Apache-2.0
"""Pickled clips of General Motion Retargeting."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, load_motions
from protomotions_envs.robots import Robot


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_round_trip(tmp_path: Path, tiny: Robot, swing: Motion, protocol: int):
    """The quaternion's w comes last in the file and first with us; bodies without the root's motion are left out."""
    content = {
        "fps": 20,
        "root_pos": swing.body_pos[:, 0],
        "root_rot": np.roll(swing.body_rot[:, 0], -1, axis=1),
        "dof_pos": swing.joint_pos.astype(np.float64),
        "local_body_pos": None,
        "link_body_list": list(tiny.body_names),
    }
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(content, protocol))
    (motion,) = load_motions(tmp_path / "a.pkl", tiny)
    assert (motion.name, motion.source, motion.fps) == ("a", "a.pkl", 20.0)
    for field in ("joint_pos", "joint_vel", "body_pos", "body_rot", "body_lin_vel", "body_ang_vel"):
        np.testing.assert_allclose(getattr(motion, field), getattr(swing, field), atol=1e-4)


def test_lacking_arrays_are_named(tmp_path: Path, tiny: Robot):
    """What is there and what is not."""
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"fps": 30, "root_pos": 1}))
    message = r"^a\.pkl is not a GMR clip: it has fps, root_pos but lacks root_rot, dof_pos"
    with pytest.raises(MotionError, match=message):
        load_motions(tmp_path / "a.pkl", tiny)


def test_joints_of_another_robot(tmp_path: Path, g1: Robot):
    """They have no names, so their number must be the robot's."""
    content = {"fps": 30, "root_pos": np.zeros((2, 3)), "root_rot": np.zeros((2, 4)), "dof_pos": np.zeros((2, 23))}
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(content))
    with pytest.raises(MotionError, match=r"^a\.pkl has 23 joints but robot 'g1' has 29"):
        load_motions(tmp_path / "a.pkl", g1)
