# SPDX-License-Identifier: Apache-2.0
"""ProtoMotions 3 clips and packs: tensors without names, in files that may carry code."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, load_motions, motion_from_joint_positions
from protomotions_envs.motions.ball_joints import hinge_angles, rotation_matrix
from protomotions_envs.robots import Robot, load_robot

STATE = ("joint_pos", "joint_vel", "body_pos", "body_rot", "body_lin_vel", "body_ang_vel")


class Exploit:
    """Creates a file when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


def assert_same(motion: Motion, expected: Motion) -> None:
    """Compare numbers of two motions."""
    for field in STATE:
        np.testing.assert_allclose(getattr(motion, field), getattr(expected, field), atol=1e-4)


def test_a_clip(swing: Motion, tiny: Robot, tmp_path: Path, write_proto: Callable[..., Path]):
    """Root and joints are read, the rest follows; body 1 and on may be others."""
    motion = load_motions(write_proto(tmp_path / "a.motion", swing), tiny)[0]
    assert (motion.name, motion.fps, motion.robot) == ("a", 20.0, "tiny")
    assert_same(motion, swing)


def test_bodies_of_another_edition_of_the_robot_do_not_matter(
    swing: Motion, tiny: Robot, tmp_path: Path, write_proto: Callable[..., Path]
):
    """A head more, after the root."""
    pos, rot = torch.from_numpy(swing.body_pos), torch.from_numpy(np.roll(swing.body_rot, -1, axis=-1).copy())
    path = write_proto(
        tmp_path / "a.motion",
        swing,
        rigid_body_pos=torch.cat((pos[:, :1], pos), dim=1),
        rigid_body_rot=torch.cat((rot[:, :1], rot), dim=1),
    )
    assert_same(load_motions(path, tiny)[0], swing)


def test_a_pack(swing: Motion, tiny: Robot, tmp_path: Path, write_pack: Callable[..., Path]):
    """Clips come out with their names, rates and weights."""
    kick = replace(swing.cut(0.1, 0.6, name="kick"), weight=3.0)
    clips = load_motions(write_pack(tmp_path / "a.pt", [swing, kick]), tiny)
    assert [(clip.name, clip.num_frames, clip.weight) for clip in clips] == [("swing", 20, 1.0), ("kick", 11, 3.0)]
    assert [clip.fps for clip in clips] == pytest.approx([20.0, 20.0])
    assert_same(clips[0], swing)
    np.testing.assert_allclose(clips[1].body_pos, kick.body_pos, atol=1e-5)


def test_a_pack_without_names_and_weights(swing: Motion, tiny: Robot, tmp_path: Path, write_pack: Callable[..., Path]):
    """Both are optional."""
    path = write_pack(tmp_path / "a.pt", [swing, swing], motion_files=None, motion_weights=None)
    assert [(clip.name, clip.weight) for clip in load_motions(path, tiny)] == [("a_0", 1.0), ("a_1", 1.0)]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"dof_pos": torch.zeros(20, 5)}, "a.motion has 5 joints but robot 'tiny' has 3; the file doesn't name them"),
        ({"dof_pos": torch.zeros(20)}, r"dof_pos has the shape \(20,\); expected \(any, any\)"),
        ({"dof_pos": torch.zeros(0, 3)}, r"rigid_body_pos has the shape \(20, 4, 3\); expected \(0, any, 3\)"),
        ({"dof_pos": "fast"}, "dof_pos is not an array of numbers"),
        ({"dof_pos": torch.full((20, 3), torch.nan)}, "a.motion: joint_pos of hip is nan at frame 0"),
        ({"rigid_body_pos": torch.zeros(20, 0, 3), "rigid_body_rot": torch.zeros(20, 0, 4)}, "has no bodies"),
        ({"rigid_body_rot": torch.ones(20, 4, 4)}, "root_rot has a quaternion of norm 2 at frame 0"),
        ({"fps": 0}, "has 0 frames per second"),
        ({"fps": None}, "has nan frames per second"),
    ],
)
def test_wrong_clips(
    swing: Motion, tiny: Robot, tmp_path: Path, write_proto: Callable[..., Path], changes: dict, text: str
):
    """Each says what is wrong."""
    with pytest.raises(MotionError, match=text):
        load_motions(write_proto(tmp_path / "a.motion", swing, **changes), tiny)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"length_starts": torch.zeros(0)}, "a.pt is an empty pack"),
        ({"length_starts": torch.tensor([1])}, r"clip 0 \(swing\) spans frames 1 to 21 of a pack with 20"),
        ({"length_starts": torch.tensor([torch.nan])}, "spans frames nan"),
        ({"motion_num_frames": torch.tensor([1])}, r"a.pt clip 0 \(swing\) has 1 frame"),
        ({"motion_num_frames": torch.tensor([0])}, "is an empty clip"),
        ({"motion_dt": torch.tensor([0.0])}, "motion_dt must be positive"),
        ({"motion_weights": torch.tensor([-1.0])}, "sampling weight -1"),
        ({"gts": torch.zeros(3, 4, 3)}, r"gts has the shape \(3, 4, 3\)"),
    ],
)
def test_wrong_packs(
    swing: Motion, tiny: Robot, tmp_path: Path, write_pack: Callable[..., Path], changes: dict, text: str
):
    """Each says what is wrong."""
    with pytest.raises(MotionError, match=text):
        load_motions(write_pack(tmp_path / "a.pt", [swing], **changes), tiny)


def test_a_checkpoint_is_no_pack(tiny: Robot, tmp_path: Path):
    """The keys it has and lacks are named."""
    torch.save({"model": torch.zeros(3), "epoch": 4}, tmp_path / "last.pt")
    with pytest.raises(
        MotionError, match=r"last.pt is not a pack of motion clips: it has epoch, model but lacks gts, "
    ):
        load_motions(tmp_path / "last.pt", tiny)


def test_something_other_than_a_dictionary(tiny: Robot, tmp_path: Path):
    """A bare tensor."""
    torch.save(torch.zeros(3), tmp_path / "a.motion")
    with pytest.raises(MotionError, match="holds a Tensor; expected a dictionary"):
        load_motions(tmp_path / "a.motion", tiny)


@pytest.mark.parametrize("name", ["a.motion", "a.pt"])
def test_code_in_a_file_is_refused_and_not_run(
    swing: Motion, tiny: Robot, tmp_path: Path, write_proto: Callable[..., Path], name: str
):
    """A pickle that would make a folder."""
    target = tmp_path / "made_by_exploit"
    path = write_proto(tmp_path / name, swing, state_conversion=Exploit(target))
    with pytest.raises(MotionError, match=r"needs the code \w+\.mkdir to load; files that run code are refused") as e:
        load_motions(path, tiny)
    assert "\n" not in str(e.value)
    assert not target.exists()
    # The exploit is real: an unguarded load runs it.
    torch.load(path, weights_only=False)
    assert target.exists()


def test_bare_pickles_are_refused(tiny: Robot, tmp_path: Path):
    """Files without the archive around them don't even reach the unpickler."""
    path = tmp_path / "a.motion"
    path.write_bytes(b"cos\nmkdir\n(S'" + str(tmp_path / "made").encode() + b"'\ntR.")
    with pytest.raises(MotionError, match=r"was not written by torch.save"):
        load_motions(path, tiny)
    assert not (tmp_path / "made").exists()


def test_ball_joints_become_hinges(tmp_path: Path, write_proto: Callable[..., Path]):
    """SMPL clips store rotation vectors; orientations of all 24 bodies come out as in the file."""
    smpl, random = load_robot("smpl"), np.random.default_rng(0)
    time = np.linspace(0.0, 2.0, 30)[:, None]
    vectors = 0.6 * np.sin(time * random.uniform(1, 3, 69) + random.uniform(0, 6, 69))
    expected = global_matrices(smpl, vectors)
    motion = motion_from_joint_positions(
        smpl,
        name="wave",
        fps=30.0,
        root_pos=np.tile([0.0, 0.0, 1.0], (30, 1)),
        root_rot=np.tile([1.0, 0.0, 0.0, 0.0], (30, 1)),
        joint_pos=hinge_angles(smpl, vectors),
    )
    path = write_proto(
        tmp_path / "a.motion", motion, dof_pos=torch.from_numpy(vectors), local_rigid_body_rot=torch.zeros(30, 24, 4)
    )
    read = load_motions(path, smpl)[0]
    np.testing.assert_allclose(matrices(read.body_rot), expected, atol=1e-5)

    swapped = torch.from_numpy(np.roll(vectors, 3, axis=1).copy())
    path = write_proto(tmp_path / "b.motion", motion, dof_pos=swapped, local_rigid_body_rot=torch.zeros(30, 24, 4))
    with pytest.raises(MotionError, match="joint rotations don't give its body orientations on robot 'smpl'"):
        load_motions(path, smpl)


def global_matrices(robot: Robot, vectors: np.ndarray) -> np.ndarray:
    """Return body orientations from one rotation vector per joint, down the tree, [T, B, 3, 3]."""
    result = [np.tile(np.eye(3), (len(vectors), 1, 1))]
    for body in range(1, robot.num_bodies):
        local = rotation_matrix(vectors[:, 3 * (body - 1) : 3 * body])
        result.append(result[robot.parents[body]] @ local)
    return np.stack(result, axis=1)


def matrices(quaternions: np.ndarray) -> np.ndarray:
    """Return the matrices of unit quaternions wxyz, [..., 3, 3]."""
    w, x, y, z = np.moveaxis(quaternions, -1, 0)
    entries = (
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    )  # fmt: skip
    return np.stack(entries, axis=-1).reshape(*w.shape, 3, 3)
