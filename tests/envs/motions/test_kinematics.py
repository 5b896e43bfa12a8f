# SPDX-License-Identifier: Apache-2.0
"""Forward kinematics and the motion made of it, by hand on a small robot."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, forward_kinematics, motion_from_joint_positions
from protomotions_envs.robots import Robot

UPRIGHT = np.array([1.0, 0.0, 0.0, 0.0])


def test_bodies_stand_where_the_angles_put_them(tiny: Robot):
    """Root at (1, 2, 3) turned by 90 degrees to the left, hip 90 degrees, ankle -90, arm turned by 180 about x."""
    turned = np.array([np.sqrt(0.5), 0.0, 0.0, np.sqrt(0.5)])
    pos, rot = forward_kinematics(
        tiny, np.array([[1.0, 2.0, 3.0]]), turned[None], np.array([[np.pi / 2, -np.pi / 2, np.pi]])
    )
    # A positive turn about y swings what hangs down towards -x of the trunk, which is -y of the world here.
    np.testing.assert_allclose(pos[0, 0], [1.0, 2.0, 3.0])
    np.testing.assert_allclose(pos[0, 1], [1.0, 2.0, 2.5])
    np.testing.assert_allclose(pos[0, 2], [1.0, 1.6, 2.5], atol=1e-12)
    np.testing.assert_allclose(pos[0, 3], [0.8, 2.0, 3.3], atol=1e-12)
    np.testing.assert_allclose(rot[0, 0], turned)
    # Hip and ankle cancel each other, so the foot is turned like the trunk.
    np.testing.assert_allclose(np.abs(rot[0, 2] @ turned), 1.0)


def test_a_spinning_robot(tiny: Robot):
    """2 rad/s about z: the arm's frame, 0.2 m from the axis, moves at 0.4 m/s; all bodies turn alike."""
    half = 0.5 * 2.0 * np.arange(30) / 50.0
    motion = motion_from_joint_positions(
        tiny,
        name="spin",
        fps=50.0,
        root_pos=np.tile([0.0, 0.0, 1.0], (30, 1)),
        root_rot=np.stack((np.cos(half), 0 * half, 0 * half, np.sin(half)), axis=1),
        joint_pos=np.zeros((30, 3)),
    )
    np.testing.assert_allclose(motion.body_ang_vel, np.broadcast_to([0.0, 0.0, 2.0], (30, 4, 3)), atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(motion.body_lin_vel[1:-1, 3], axis=-1), 0.4, rtol=1e-3)
    np.testing.assert_allclose(motion.body_lin_vel[:, 0], 0.0, atol=1e-6)


def test_a_swinging_joint(tiny: Robot):
    """0.5 rad/s at the hip turns leg and foot about y and leaves the trunk at rest."""
    angles = np.zeros((10, 3))
    angles[:, 0] = 0.5 * np.arange(10) / 25.0
    motion = motion_from_joint_positions(
        tiny,
        name="kick",
        fps=25.0,
        root_pos=np.tile([0.0, 0.0, 1.0], (10, 1)),
        root_rot=np.tile(UPRIGHT, (10, 1)),
        joint_pos=angles,
    )
    np.testing.assert_allclose(motion.joint_vel, np.tile([0.5, 0.0, 0.0], (10, 1)), atol=1e-6)
    np.testing.assert_allclose(motion.body_ang_vel[:, 1:3], np.broadcast_to([0.0, 0.5, 0.0], (10, 2, 3)), atol=1e-5)
    assert not motion.body_ang_vel[:, [0, 3]].any()
    assert motion.joint_pos.dtype == motion.body_rot.dtype == np.float32


def test_names_and_words_are_kept(swing: Motion, tiny: Robot):
    """A motion says what it is."""
    assert (swing.name, swing.robot, swing.fps) == ("swing", "tiny", 20.0)
    assert (swing.source, swing.licence) == ("made up", "CC0-1.0")
    assert swing.joint_names == tiny.joint_names == ("hip", "ankle", "shoulder")
    assert swing.body_names == tiny.body_names


@pytest.fixture
def make(tiny: Robot) -> Callable[..., Motion]:
    """Maker of a still motion of five frames with some inputs replaced."""

    def make(**changes: Any) -> Motion:
        still: dict[str, Any] = {
            "name": "still",
            "fps": 30.0,
            "root_pos": np.tile([0.0, 0.0, 1.0], (5, 1)),
            "root_rot": np.tile(UPRIGHT, (5, 1)),
            "joint_pos": np.zeros((5, 3)),
        }
        return motion_from_joint_positions(tiny, **(still | changes))

    return make


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"joint_pos": np.full((5, 3), np.nan)}, "still: joint_pos of hip is nan at frame 0"),
        ({"root_pos": np.full((5, 3), np.inf)}, "still: root_pos is inf at frame 0"),
        ({"root_rot": np.full((5, 4), 1.0)}, "root_rot has a quaternion of norm 2 at frame 0"),
        ({"joint_pos": np.zeros((5, 2))}, r"joint_pos has the shape \(5, 2\); 5 frames of robot 'tiny' with 3 joints"),
        ({"root_pos": np.zeros((4, 3))}, r"root_pos has the shape \(4, 3\)"),
        ({"joint_pos": np.zeros((0, 3))}, "is an empty clip"),
        ({"fps": 0.0}, "has 0 frames per second"),
        ({"fps": -1.0, "label": "walk.csv"}, r"^walk\.csv has -1 frames per second"),
    ],
)
def test_wrong_inputs_are_named(make: Callable[..., Motion], changes: dict[str, object], text: str):
    """Before any kinematics is computed."""
    with pytest.raises(MotionError, match=text):
        make(**changes)
