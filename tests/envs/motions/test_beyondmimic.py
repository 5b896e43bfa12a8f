# SPDX-License-Identifier: Apache-2.0
"""Clips of BeyondMimic and mjlab: orders of joints, bodies and quaternions are found out or refused."""

import os
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks.mjlab_motion import mjlab_clip

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, ReadOptions, load_motions, motion_from_joint_positions
from protomotions_envs.motions.readers.files import npz_archive
from protomotions_envs.motions.readers.files.npz_archive import npz_keys
from protomotions_envs.motions.readers.robots.beyondmimic import breadth_first, read_beyondmimic
from protomotions_envs.robots import Robot

# Isaac Lab's order of the G1's joints, as its users list it.
ISAACLAB_G1_JOINTS = (
    *("left_hip_pitch", "right_hip_pitch", "waist_yaw", "left_hip_roll", "right_hip_roll", "waist_roll"),
    *("left_hip_yaw", "right_hip_yaw", "waist_pitch", "left_knee", "right_knee"),
    *("left_shoulder_pitch", "right_shoulder_pitch", "left_ankle_pitch", "right_ankle_pitch"),
    *("left_shoulder_roll", "right_shoulder_roll", "left_ankle_roll", "right_ankle_roll"),
    *("left_shoulder_yaw", "right_shoulder_yaw", "left_elbow", "right_elbow", "left_wrist_roll", "right_wrist_roll"),
    *("left_wrist_pitch", "right_wrist_pitch", "left_wrist_yaw", "right_wrist_yaw"),
)


@pytest.fixture(scope="module")
def dance(g1: Robot) -> Motion:
    """A second of a G1 that moves every joint."""
    time = np.arange(50) / 50.0
    phase = np.arange(g1.num_joints)
    middle, half = (g1.joint_lower + g1.joint_upper) / 2, (g1.joint_upper - g1.joint_lower) / 2
    return motion_from_joint_positions(
        g1,
        name="dance",
        fps=50.0,
        root_pos=np.stack((time, 0 * time, 0.8 + 0 * time), axis=1),
        root_rot=np.stack((np.cos(time / 2), 0 * time, 0 * time, np.sin(time / 2)), axis=1),
        joint_pos=middle + 0.5 * half * np.sin(6 * time[:, None] + phase),
    )


def write(path: Path, motion: Motion, **changes: object) -> Path:
    """Write a motion as mjlab does, arrays of it changed or, given None, left out."""
    content: dict[str, object] = {
        "fps": [motion.fps],
        "joint_pos": motion.joint_pos,
        "joint_vel": motion.joint_vel,
        "body_pos_w": motion.body_pos,
        "body_quat_w": motion.body_rot,
        "body_lin_vel_w": motion.body_lin_vel,
        "body_ang_vel_w": motion.body_ang_vel,
    }
    np.savez(path, **{key: np.array(value) for key, value in (content | changes).items() if value is not None})
    return path


def assert_same(found: Motion, expected: Motion) -> None:
    """Compare what a reader must keep."""
    for field in ("joint_pos", "body_pos", "body_rot"):
        np.testing.assert_allclose(getattr(found, field), getattr(expected, field), atol=1e-5)


def test_breadth_first_is_the_order_of_isaac_lab(g1: Robot):
    """Joint by joint, and the bodies that they move after the root."""
    joints, bodies = breadth_first(g1)
    assert [g1.joint_names[joint].removesuffix("_joint") for joint in joints] == list(ISAACLAB_G1_JOINTS)
    assert bodies[:4] == [0, *(g1.body_names.index(f"{name}_link") for name in ISAACLAB_G1_JOINTS[:3])]
    assert sorted(bodies) == list(range(g1.num_bodies))


@pytest.mark.parametrize("order", ["wxyz", "xyzw"])
@pytest.mark.parametrize("bodies_first", ["depth", "breadth"])
@pytest.mark.parametrize("joints_first", ["depth", "breadth"])
def test_orders_are_found_out(
    tmp_path: Path, g1: Robot, dance: Motion, joints_first: str, bodies_first: str, order: str
):
    """Depth first of MuJoCo, breadth first of PhysX, and mixtures, without names, in both orders of quaternions."""
    joints, bodies = breadth_first(g1)
    joint_pos = dance.joint_pos if joints_first == "depth" else dance.joint_pos[:, joints]
    known = list(range(g1.num_bodies)) if bodies_first == "depth" else bodies
    rotations = dance.body_rot[:, known]
    path = write(
        tmp_path / "a.npz",
        dance,
        joint_pos=joint_pos,
        body_pos_w=dance.body_pos[:, known],
        body_quat_w=rotations if order == "wxyz" else np.roll(rotations, -1, axis=-1),
    )
    (motion,) = load_motions(path, g1)
    assert (motion.name, motion.fps) == ("a", 50.0)
    assert_same(motion, dance)


def test_names_are_followed(tmp_path: Path, g1: Robot, dance: Motion):
    """In any order, with bodies that the robot lacks."""
    rng = np.random.default_rng(0)
    joints, bodies = rng.permutation(g1.num_joints), rng.permutation(g1.num_bodies)
    path = write(
        tmp_path / "a.npz",
        dance,
        joint_names=[g1.joint_names[joint] for joint in joints],
        joint_pos=dance.joint_pos[:, joints],
        body_names=["head", *(g1.body_names[body] for body in bodies)],
        body_pos_w=np.concatenate((dance.body_pos[:, :1] + 0.4, dance.body_pos[:, bodies]), axis=1),
        body_quat_w=np.concatenate((dance.body_rot[:, :1], dance.body_rot[:, bodies]), axis=1),
    )
    assert_same(load_motions(path, g1)[0], dance)


def test_a_told_order_of_quaternions_is_the_only_one_tried(tmp_path: Path, g1: Robot, dance: Motion):
    """A wrong one is refused."""
    path = write(tmp_path / "a.npz", dance)
    assert_same(load_motions(path, g1, ReadOptions(quaternion_order="wxyz"))[0], dance)
    with pytest.raises(MotionError, match=r"^a\.npz: its joint angles put a body of robot 'g1'"):
        load_motions(path, g1, ReadOptions(quaternion_order="xyzw"))


def test_another_order_is_refused(tmp_path: Path, g1: Robot, dance: Motion):
    """Neither depth first nor breadth first: guessing would give silently wrong targets."""
    path = write(tmp_path / "a.npz", dance, joint_pos=dance.joint_pos[:, ::-1])
    with pytest.raises(MotionError, match=r"^a\.npz: its joint angles put a body .* or save the names of joints and"):
        load_motions(path, g1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"joint_pos": np.zeros((20, 5))}, "has 5 joints without names but robot 'tiny' has 3"),
        ({"body_pos_w": np.zeros((20, 6, 3)), "body_quat_w": np.zeros((20, 6, 4))}, "has 6 bodies without names but"),
        ({"joint_names": ["hip", "ankle"]}, "has 2 joint names for 3 columns"),
        ({"body_names": ["trunk", "leg"]}, "has 2 body names for 4 columns"),
        ({"joint_names": ["hip", "ankle", "x"]}, "missing: shoulder; extra: x"),
        ({"body_names": ["a", "b", "c", "d"]}, "lacks the body 'trunk'"),
        ({"fps": None}, "is not a BeyondMimic clip: it has .* but lacks fps"),
        ({"fps": [-50]}, "has -50 frames per second"),
        ({"joint_pos": np.zeros(3)}, r"joint_pos has the shape \(3,\); expected \(any, any\)"),
        ({"joint_pos": np.full((20, 3), 1j)}, "is damaged: not a readable .npz archive of plain arrays"),
    ],
)
def test_wrong_files_are_one_line(tmp_path: Path, tiny: Robot, swing: Motion, changes: dict[str, object], message: str):
    """Each says what is wrong."""
    with pytest.raises(MotionError, match=rf"^a\.npz\b.*{message}") as caught:
        load_motions(write(tmp_path / "a.npz", swing, **changes), tiny)
    assert "\n" not in str(caught.value)


def test_what_the_benchmark_writes_is_read(tmp_path: Path, g1: Robot):
    """The file that our comparison gives to mjlab comes back as the clip that it was made of."""
    content = mjlab_clip(None)
    np.savez(tmp_path / "walk.npz", allow_pickle=False, **content)
    motion = read_beyondmimic(tmp_path / "walk.npz", g1)
    np.testing.assert_allclose(motion.joint_pos, content["joint_pos"], atol=1e-6)
    assert np.linalg.norm(motion.body_pos - content["body_pos_w"], axis=-1).max() < 1e-3


def test_one_frame_is_too_few(tmp_path: Path, tiny: Robot, swing: Motion):
    """A velocity needs two."""
    one = replace(swing, **{field: getattr(swing, field)[:1] for field in ("joint_pos", "body_pos", "body_rot")})
    with pytest.raises(MotionError, match=r"^a\.npz has 1 frame; at least 2 are needed"):
        load_motions(write(tmp_path / "a.npz", one), tiny)


def test_archives_do_not_unpack_to_more_than_a_limit(
    tmp_path: Path, tiny: Robot, swing: Motion, monkeypatch: pytest.MonkeyPatch
):
    """Neither honestly nor by a directory that lies."""
    path = write(tmp_path / "a.npz", swing)
    with monkeypatch.context() as patched:
        patched.setattr(npz_archive, "LARGEST_CONTENT", 1000)
        with pytest.raises(MotionError, match=r"^a\.npz unpacks to [\d,]+ bytes; expected 1,000 at most: cut it$"):
            load_motions(path, tiny)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for key in ("fps", "joint_pos", "body_pos_w", "body_quat_w"):
            archive.writestr(f"{key}.npy", b"\0" * 10_000_000)
    # The size that the directory states, in its central entry: signature, 20 bytes, then 4 of it.
    content = bytearray(path.read_bytes())
    for place in [place for place in range(len(content)) if content[place : place + 4] == b"PK\x01\x02"]:
        content[place + 24 : place + 28] = (100).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(MotionError, match=r"^a\.npz is damaged"):
        load_motions(path, tiny)


def test_looking_at_a_pipe_does_not_wait(tmp_path: Path):
    """Nor does a missing file or another kind raise."""
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "junk.npz").write_bytes(b"junk")
    for name in ("pipe.npz", "junk.npz", "nowhere.npz"):
        assert npz_keys(tmp_path / name) == frozenset()
    with pytest.raises(MotionError, match="No such motion file"):
        npz_archive.load_npz_arrays(tmp_path / "nowhere.npz", (), (), "a clip")
