# SPDX-License-Identifier: Apache-2.0
"""Robot CSV without and with a header, in metres and radians or in centimetres and degrees."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, ReadOptions, load_motions, motion_from_joint_positions, read_csv
from protomotions_envs.motions.quaternions import from_euler
from protomotions_envs.motions.readers.robots.csv import detect_quaternion_order
from protomotions_envs.robots import Robot, load_robot


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
        (
            "x,y,z\n1,2,3\n",
            "a.csv has a header without root_x, root_y, root_z; it has x, y, z. Expected root_translateX",
        ),
        ("0,1,x\n1,2,3\n", "a.csv has a header without root_x"),
        ("1,2\n1,2,3\n", "a.csv is not a table of numbers: the number of columns changed from 2 to 3"),
        ("1,2\n1,x\n", "a.csv is not a table of numbers: could not convert string 'x' to float64 at row 1, column 2"),
        ("x,y\n", "a.csv is an empty clip: it has no frames under its header"),
        ("x,y\n1,2,3\n", "a.csv has 2 names, 2 of them different, over 3 columns"),
        ("x,\0\n1,2\n", "a.csv has a header with characters that can't be printed"),
        ("x,x\n1,2\n", "a.csv has 2 names, 1 of them different, over 2 columns"),
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


def write_bones(path: Path, motion: Motion, *, joints: tuple[str, ...] | None = None, suffix: str = "_dof") -> Path:
    """Write a motion as BONES-SEED does: centimetres, turns in degrees about the world's x, then y, then z axis."""
    w, x, y, z = motion.body_rot[:, 0].astype(np.float64).T
    # Angles of Rz Ry Rx from the entries of its matrix.
    about_x = np.arctan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
    about_y = np.arcsin(2 * (w * y - x * z))
    about_z = np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    turns = np.degrees(np.stack((about_x, about_y, about_z), axis=1))
    columns = (np.arange(motion.num_frames)[:, None], 100 * motion.body_pos[:, 0], turns, np.degrees(motion.joint_pos))
    names = ["Frame", *(f"root_translate{axis}" for axis in "XYZ"), *(f"root_rotate{axis}" for axis in "XYZ")]
    names += [f"{name}{suffix}" for name in joints or motion.joint_names]
    np.savetxt(path, np.concatenate(columns, axis=1), "%.7f", ",", header=",".join(names), comments="")
    return path


@pytest.fixture
def tumble(tiny: Robot) -> Motion:
    """A motion whose root turns about all axes at once, 20 frames at 120 per second."""
    time = np.arange(20) / 20.0
    turns = from_euler(np.stack((time, 0.5 + 0.3 * time, -1.2 * time), axis=1), "zyx")
    joints = np.stack((np.sin(3 * time), 0.2 * time, -0.5 * time), axis=1)
    position = np.stack((time, -0.2 * time, 0.9 + 0 * time), axis=1)
    return motion_from_joint_positions(
        tiny, name="tumble", fps=120.0, root_pos=position, root_rot=turns, joint_pos=joints
    )


@pytest.mark.parametrize("suffix", ["_dof", ""])
def test_centimetres_degrees_and_turns(tmp_path: Path, tiny: Robot, tumble: Motion, suffix: str):
    """BONES-SEED's header; its rate is 120 unless told."""
    path = write_bones(tmp_path / "a.csv", tumble, suffix=suffix)
    (motion,) = load_motions(path, tiny)
    assert motion.fps == 120.0
    for field in ("joint_pos", "body_pos", "body_rot", "body_lin_vel"):
        np.testing.assert_allclose(getattr(motion, field), getattr(tumble, field), atol=1e-4)
    assert load_motions(path, tiny, ReadOptions(fps=30.0))[0].fps == 30.0


def test_small_angles_of_such_files_are_degrees_too(tmp_path: Path, tiny: Robot, tumble: Motion):
    """Joints that stay within 6 degrees could be radians by their size."""
    still = replace(tumble, joint_pos=0.1 * tumble.joint_pos)
    assert np.abs(np.degrees(still.joint_pos)).max() < 2 * np.pi
    (motion,) = load_motions(write_bones(tmp_path / "a.csv", still), tiny)
    np.testing.assert_allclose(motion.joint_pos, still.joint_pos, atol=1e-6)


def test_joints_of_a_header_are_found_by_name(tmp_path: Path, tiny: Robot, tumble: Motion):
    """In any order; one that the robot lacks is named."""
    turned = replace(tumble, joint_pos=tumble.joint_pos[:, ::-1])
    (motion,) = load_motions(write_bones(tmp_path / "a.csv", turned, joints=("shoulder", "ankle", "hip")), tiny)
    np.testing.assert_allclose(motion.joint_pos, tumble.joint_pos, atol=1e-6)
    path = write_bones(tmp_path / "b.csv", tumble, joints=("hip", "ankle", "neck"))
    with pytest.raises(
        MotionError, match=r"^b\.csv has 3 joints but robot 'tiny' has 3; missing: shoulder; extra: neck"
    ):
        load_motions(path, tiny)


def test_a_header_with_a_quaternion(tmp_path: Path, tiny: Robot, swing: Motion):
    """Metres and radians, the order of the quaternion told by its names."""
    names = "time,root_x,root_y,root_z,root_qx,root_qy,root_qz,root_qw,hip,ankle,shoulder"
    rotation = np.roll(swing.body_rot[:, 0], -1, axis=1)
    columns = (np.arange(20)[:, None] / 20, swing.body_pos[:, 0], rotation, swing.joint_pos)
    np.savetxt(tmp_path / "a.csv", np.concatenate(columns, axis=1), "%.9f", ",", header=names, comments="")
    (motion,) = load_motions(tmp_path / "a.csv", tiny)
    assert motion.fps == 60.0
    np.testing.assert_allclose(motion.body_pos, swing.body_pos, atol=1e-6)


def test_units_follow_from_the_numbers(tmp_path: Path, tiny: Robot, swing: Motion):
    """Without a header: a root 95 units high is in centimetres, joints that turn by 57 units turn by degrees."""
    rotation = np.roll(swing.body_rot[:, 0], -1, axis=1)
    for length, angle in ((1.0, 1.0), (100.0, 1.0), (1.0, 180 / np.pi), (100.0, 180 / np.pi)):
        table = np.concatenate((length * swing.body_pos[:, 0], rotation, angle * swing.joint_pos), axis=1)
        np.savetxt(tmp_path / "a.csv", table, "%.9f", ",")
        (motion,) = load_motions(tmp_path / "a.csv", tiny)
        np.testing.assert_allclose(motion.body_pos, swing.body_pos, atol=1e-6)


def test_a_unit_that_is_given_is_used(tmp_path: Path, tiny: Robot, swing: Motion, write_csv: Callable[..., Path]):
    """Inches, which nobody would guess."""
    path = write_csv(tmp_path / "a.csv", swing)
    (motion,) = load_motions(path, tiny, ReadOptions(metres_per_unit=0.0254))
    np.testing.assert_allclose(motion.body_pos[:, 0], 0.0254 * swing.body_pos[:, 0], atol=1e-6)


def test_a_byte_order_mark_is_no_header(tmp_path: Path, tiny: Robot, swing: Motion, write_csv: Callable[..., Path]):
    """Spreadsheets write it."""
    path = write_csv(tmp_path / "a.csv", swing)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_motions(path, tiny)[0].num_frames == 20


@pytest.mark.parametrize(("name", "columns"), [("h1", 26), ("h1_2", 34)])
def test_unitree_robots_without_header(tmp_path: Path, name: str, columns: int):
    """7 numbers of the root and an angle per joint, in the order of the MJCF."""
    robot = load_robot(name)
    frame = np.concatenate(([0, 0, robot.config.default_root_height, 0, 0, 0, 1], robot.default_joint_pos))
    assert len(frame) == columns
    np.savetxt(tmp_path / "a.csv", np.tile(frame, (3, 1)), "%.9f", ",")
    (motion,) = load_motions(tmp_path / "a.csv", robot)
    np.testing.assert_allclose(motion.joint_pos[0], robot.default_joint_pos, atol=1e-6)
