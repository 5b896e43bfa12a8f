# SPDX-License-Identifier: Apache-2.0
"""Headerless robot CSV."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, ReadOptions, load_motions, read_csv
from protomotions_envs.motions.readers.csv import detect_quaternion_order
from protomotions_envs.robots import Robot


@pytest.mark.parametrize("order", ["xyzw", "wxyz"])
def test_both_quaternion_orders_give_the_same_motion(
    swing: Motion, tiny: Robot, tmp_path: Path, write_csv: Callable[..., Path], order: str
):
    """The order is detected; kinematics and velocities follow."""
    motion = read_csv(write_csv(tmp_path / "a.csv", swing, order), tiny, fps=20.0)
    assert (motion.name, motion.source, motion.fps) == ("a", "a.csv", 20.0)
    for field in ("joint_pos", "joint_vel", "body_pos", "body_rot", "body_lin_vel", "body_ang_vel"):
        np.testing.assert_allclose(getattr(motion, field), getattr(swing, field), atol=1e-4)


def test_an_order_that_is_given_is_used(swing: Motion, tiny: Robot, tmp_path: Path, write_csv: Callable[..., Path]):
    """Even where it makes no sense: the first frame, upright, comes out upside down."""
    path = write_csv(tmp_path / "a.csv", swing, "wxyz")
    wrong = load_motions(path, tiny, ReadOptions(quaternion_order="xyzw"))[0]
    np.testing.assert_allclose(wrong.body_rot[0, 0], [0.0, 1.0, 0.0, 0.0], atol=1e-6)


def test_detection_falls_back_on_the_usual_order():
    """(0, 0, 0, 1) stands at the yaw 0 of xyzw and at the yaw 180 degrees of wxyz."""
    assert detect_quaternion_order(np.array([[0.0, 0.0, 0.0, 1.0]])) == "xyzw"
    assert detect_quaternion_order(np.array([[1.0, 0.0, 0.0, 0.0]])) == "wxyz"


def test_an_unknown_order_is_an_error():
    """Options are checked where they are made."""
    with pytest.raises(MotionError, match="Unknown quaternion order 'zyxw'"):
        ReadOptions(quaternion_order="zyxw")  # ty: ignore[invalid-argument-type]


def test_the_rate_is_60_unless_told(swing: Motion, tiny: Robot, tmp_path: Path, write_csv: Callable[..., Path]):
    """The files don't say it."""
    path = write_csv(tmp_path / "a.csv", swing)
    assert load_motions(path, tiny)[0].fps == 60.0
    assert load_motions(path, tiny, ReadOptions(fps=20.0))[0].fps == 20.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a.csv is an empty file"),
        ("\n \n", "a.csv is an empty clip"),
        ("1,2,3\n" * 3, r"a.csv has 3 columns but robot 'tiny' needs 10: root position 3, .* 3 joint angles"),
        ("0,0,1,0,0,0,1,0,0,0\n", "a.csv has 1 frame; at least 2 are needed"),
        ("0,0,1,0,0,0,1,0,0,0\n0,0,1,0,0,0,1,0,nan,0\n", "a.csv: joint_pos of ankle is nan at frame 1"),
        ("0,0,1,0,0,0,1,0,0,0\n0,0,1,0,0,0,2,0,0,0\n", "a.csv: root_rot has a quaternion of norm 2 at frame 1"),
        ("x,y,z\n1,2,3\n", "a.csv is not a table of numbers without header: could not convert string 'x'"),
        ("1,2\n1,2,3\n", "a.csv is not a table of numbers without header: the number of columns changed from 2 to 3"),
    ],
)
def test_wrong_files_are_one_line(tiny: Robot, tmp_path: Path, text: str, message: str):
    """Each says what is wrong and where."""
    path = tmp_path / "a.csv"
    path.write_text(text)
    with pytest.raises(MotionError, match=message) as caught:
        load_motions(path, tiny)
    assert "\n" not in str(caught.value)


def test_binary_is_no_table(tiny: Robot, tmp_path: Path):
    """A picture with the wrong name."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"\xff\xfe\x00\x80")
    with pytest.raises(MotionError, match="is not a text file"):
        load_motions(path, tiny)
