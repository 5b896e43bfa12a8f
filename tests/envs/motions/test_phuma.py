# SPDX-License-Identifier: Apache-2.0
"""PHUMA's pickled clips: what goes in comes out, and what is wrong is said in one line."""

from pathlib import Path

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, load_motions
from protomotions_envs.robots import Robot


def write(path: Path, motion: Motion, **changes: object) -> Path:
    """Write a motion as PHUMA does, entries changed or, given None, left out."""
    content: dict[str, object] = {
        "root_trans": motion.body_pos[:, 0],
        "root_ori": np.roll(motion.body_rot[:, 0], -1, axis=1),
        "dof_pos": motion.joint_pos,
        "fps": int(motion.fps),
    }
    content = {key: value for key, value in (content | changes).items() if value is not None}
    np.save(path, np.array(content, dtype=object), allow_pickle=True)
    return path


@pytest.mark.parametrize("fps", [20, 20.0, np.array(20), np.array([20.0]), np.float32(20.0), [20]])
def test_round_trip(tmp_path: Path, tiny: Robot, swing: Motion, fps: object):
    """The quaternion's w comes last in the file and first with us; the rate is a number of any kind."""
    (motion,) = load_motions(write(tmp_path / "a.npy", swing, fps=fps), tiny)
    assert (motion.name, motion.source, motion.fps) == ("a", "a.npy", 20.0)
    for field in ("joint_pos", "joint_vel", "body_pos", "body_rot", "body_lin_vel", "body_ang_vel"):
        np.testing.assert_allclose(getattr(motion, field), getattr(swing, field), atol=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dof_pos": np.zeros((20, 29))}, "has 29 joints but robot 'tiny' has 3; the file doesn't name them"),
        ({"dof_pos": np.zeros(20)}, r"dof_pos has the shape \(20,\); expected \(any, any\)"),
        ({"root_trans": np.zeros((19, 3))}, r"root_trans has the shape \(19, 3\); expected \(20, 3\)"),
        ({"root_ori": np.zeros((20, 3))}, r"root_ori has the shape \(20, 3\); expected \(20, 4\)"),
        ({"root_ori": np.zeros((20, 4))}, "root_rot has a quaternion of norm 0 at frame 0"),
        ({"dof_pos": np.full((20, 3), np.inf)}, "joint_pos of hip is inf at frame 0"),
        ({"dof_pos": "text"}, "dof_pos is not an array of numbers"),
        ({"fps": None}, "is not a clip of PHUMA or poselib: it has dof_pos, root_ori, root_trans but lacks fps"),
        ({"fps": "fast"}, "fps is not an array of numbers"),
        ({"fps": 0}, "has 0 frames per second"),
    ],
)
def test_wrong_files_are_one_line(tmp_path: Path, tiny: Robot, swing: Motion, changes: dict[str, object], message: str):
    """Each says what is wrong."""
    with pytest.raises(MotionError, match=rf"^a\.npy\b.*{message}") as caught:
        load_motions(write(tmp_path / "a.npy", swing, **changes), tiny)
    assert "\n" not in str(caught.value)


def test_an_unknown_dictionary_names_both_kinds(tmp_path: Path, tiny: Robot):
    """Nobody knows whether it should be PHUMA's or poselib's."""
    np.save(tmp_path / "a.npy", np.array({"poses": 1}, dtype=object), allow_pickle=True)
    with pytest.raises(
        MotionError, match=r"^a\.npy is not a clip of PHUMA or poselib: it has poses but lacks root_trans, "
    ):
        load_motions(tmp_path / "a.npy", tiny)


def test_a_plain_array_is_refused(tmp_path: Path, tiny: Robot):
    """An array of numbers without names."""
    np.save(tmp_path / "a.npy", np.zeros((20, 36)))
    with pytest.raises(MotionError, match=r"^a\.npy holds no dictionary of arrays"):
        load_motions(tmp_path / "a.npy", tiny)
