# SPDX-License-Identifier: Apache-2.0
"""AMASS archives: poses worked out by hand and in SMPL's own frames, damaged files."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from tests.envs.motions.damage import count_refusals

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.ball_joints import rotation_matrix
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers import ReadOptions, load_clips, load_motions
from protomotions_envs.motions.skeleton import SkeletonMotion
from protomotions_envs.robots import Robot, load_robot

# SMPL's joints by their names in its own papers, with their parents.
SMPL_PARENTS = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19)
SMPL_BODIES = (
    *("Pelvis", "L_Hip", "R_Hip", "Torso", "L_Knee", "R_Knee", "Spine", "L_Ankle", "R_Ankle", "Chest", "L_Toe"),
    *("R_Toe", "Neck", "L_Thorax", "R_Thorax", "Head", "L_Shoulder", "R_Shoulder", "L_Elbow", "R_Elbow", "L_Wrist"),
    "R_Wrist",
)
# Turns SMPL's rest pose, y up, into a world with z up.
STAND_UP = (np.pi / 2, 0.0, 0.0)


@pytest.fixture(scope="module")
def smpl() -> Robot:
    """The robot that AMASS' clips fit."""
    return load_robot("smpl")


def archive(frames: int = 3, width: int = 156) -> dict[str, np.ndarray]:
    """Return the arrays of a clip of a person in the T-pose, as SMPL-H or, with 165 numbers, SMPL-X names them."""
    poses = np.zeros((frames, width))
    poses[:, :3] = STAND_UP
    content = {"poses": poses, "trans": np.tile([1.0, 2.0, 0.95], (frames, 1)), "betas": np.zeros(16)}
    if width == 165:
        return content | {"mocap_frame_rate": np.array(30), "surface_model_type": np.array("smplx")}
    return content | {"mocap_framerate": np.array(120.0), "gender": np.array("female")}


def write(path: Path, **changes: np.ndarray | None) -> Path:
    """Write a clip, arrays of it changed or, given None, left out."""
    content = {key: array for key, array in (archive() | changes).items() if array is not None}
    np.savez(path, **content)
    return path


def positions(path: Path, robot: Robot) -> dict[str, np.ndarray]:
    """Return where the bodies are in the first frame."""
    (clip,) = load_clips(path, robot)
    assert isinstance(clip, SkeletonMotion)
    return dict(zip(clip.skeleton.joint_names, clip.world_poses()[0][0], strict=True))


@pytest.mark.parametrize(("width", "fps"), [(156, 120.0), (165, 30.0)])
def test_the_t_pose(tmp_path: Path, tiny: Robot, width: int, fps: float):
    """Upright, arms to the sides; SMPL faces its z axis, which the turn of the root makes the world's -y."""
    np.savez(tmp_path / "a.npz", **archive(width=width))
    (clip,) = load_clips(tmp_path / "a.npz", tiny)
    assert (clip.name, clip.fps, clip.source) == ("a", fps, "a.npz")
    at = positions(tmp_path / "a.npz", tiny)
    np.testing.assert_allclose(at["Pelvis"], [1, 2, 0.95])
    # Offsets of the robot: hip 0.091 to the side and 0.0525 down, toes 0.14 ahead of the ankle.
    np.testing.assert_allclose(at["L_Hip"] - at["Pelvis"], [0.091, 0, -0.0525], atol=1e-9)
    np.testing.assert_allclose(at["R_Toe"] - at["R_Ankle"], [0, -0.14, -0.0473], atol=1e-9)
    np.testing.assert_allclose(at["L_Hand"] - at["L_Shoulder"], [0.3255 + 0.2555 + 0.0927, 0, 0], atol=1e-9)


@pytest.mark.parametrize(
    ("joint", "turn", "moved", "start", "direction"),
    [
        # About the axis to the left a knee bends backwards; the ankle, 35 mm behind the shin at rest, is then above it.
        (4, (np.pi / 2, 0, 0), "L_Ankle", "L_Knee", (0, 0.4305, 0.035)),
        # About the vertical the left arm swings to the back, by -90 degrees to the front.
        (16, (0, -np.pi / 2, 0), "L_Elbow", "L_Shoulder", (0, -0.3255, 0)),
        # About the axis ahead the right arm goes up by -90 degrees.
        (17, (0, 0, -np.pi / 2), "R_Elbow", "R_Shoulder", (0, 0, 0.3255)),
    ],
)
def test_single_joints(
    tmp_path: Path,
    tiny: Robot,
    joint: int,
    turn: tuple[float, ...],
    moved: str,
    start: str,
    direction: tuple[float, ...],
):
    """By 90 degrees, in a person who faces -y with the left hand at +x."""
    poses = archive()["poses"]
    poses[:, 3 * joint : 3 * joint + 3] = turn
    at = positions(write(tmp_path / "a.npz", poses=poses), tiny)
    np.testing.assert_allclose(at[moved] - at[start], direction, atol=1e-9)


def test_any_pose_in_smpls_frames(tmp_path: Path, smpl: Robot):
    """The robot's bodies are where SMPL's own kinematics, in its own frames, puts joints with the robot's bones."""
    rng = np.random.default_rng(0)
    poses = rng.uniform(-0.6, 0.6, (4, 156))
    trans = rng.uniform(-1, 1, (4, 3))
    (motion,) = load_motions(write(tmp_path / "a.npz", poses=poses, trans=trans), smpl)
    columns = [smpl.body_names.index(body) for body in SMPL_BODIES]
    # Forward, left, up becomes left, up, forward.
    bones = smpl.model.body_pos[1:][columns][:, [1, 2, 0]]
    for pose, root, found in zip(poses, trans, motion.body_pos[:, columns], strict=True):
        turns = rotation_matrix(pose[:66].reshape(22, 3))
        at, turned = [root], [turns[0]]
        for joint in range(1, 22):
            parent = SMPL_PARENTS[joint]
            at.append(at[parent] + turned[parent] @ bones[joint])
            turned.append(turned[parent] @ turns[joint])
        np.testing.assert_allclose(found, at, atol=1e-5)


def test_hands_stay_straight(tmp_path: Path, smpl: Robot):
    """Fingers don't move the robot's hands; a wrist does."""
    poses = archive()["poses"]
    poses[:, 66:] = 1.0
    (motion,) = load_motions(write(tmp_path / "a.npz", poses=poses), smpl)
    assert isinstance(motion, Motion)
    hands = [index for index, name in enumerate(smpl.joint_names) if "Hand" in name]
    np.testing.assert_allclose(motion.joint_pos[:, hands], 0.0, atol=1e-6)


def test_a_rate_that_is_missing(tmp_path: Path, tiny: Robot):
    """It has to be given; a rate that is there wins."""
    path = write(tmp_path / "a.npz", mocap_framerate=None)
    with pytest.raises(MotionError, match=r"^a\.npz doesn't say its rate in mocap_framerate or mocap_frame_rate; give"):
        load_clips(path, tiny)
    assert load_clips(path, tiny, ReadOptions(fps=60.0))[0].fps == 60.0
    assert load_clips(write(path), tiny, ReadOptions(fps=60.0))[0].fps == 120.0


def test_other_archives_are_left_to_others(tmp_path: Path, tiny: Robot):
    """The shape of a subject, which AMASS puts beside clips."""
    np.savez(tmp_path / "shape.npz", betas=np.zeros(16), gender=np.array("male"))
    with pytest.raises(MotionError, match=r"^shape\.npz is an \.npz archive but not a ProtoMotions clip"):
        load_clips(tmp_path / "shape.npz", tiny)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"poses": np.zeros((3, 63))}, r"poses has the shape \(3, 63\); expected 156 \(SMPL-H\) or 165"),
        ({"poses": np.zeros((3, 100))}, r"poses has the shape \(3, 100\)"),
        ({"poses": np.zeros((3, 52, 3))}, r"poses has the shape \(3, 52, 3\)"),
        ({"poses": np.full((3, 156), "x")}, "poses is not an array of numbers"),
        ({"poses": np.full((3, 156), np.nan)}, "poses is nan at frame 0"),
        ({"poses": np.full((3, 156), 1e300)}, r"poses is 1e\+300 at frame 0"),
        ({"trans": np.zeros((2, 3))}, r"trans has the shape \(2, 3\); expected \(3, 3\)"),
        ({"trans": np.full((3, 3), np.inf)}, "root_pos is inf"),
        ({"poses": np.zeros((1, 156)), "trans": np.zeros((1, 3))}, "has 1 frame"),
        ({"poses": np.zeros((0, 156)), "trans": np.zeros((0, 3))}, "it has no frames"),
        ({"mocap_framerate": np.array(0.0)}, "has 0 frames per second"),
        ({"mocap_framerate": np.array(np.nan)}, "has nan frames per second"),
        ({"mocap_framerate": np.array([30.0, 60.0])}, "mocap_framerate has the shape"),
        ({"mocap_framerate": np.array("fast")}, "mocap_framerate is not an array of numbers"),
    ],
)
def test_wrong_arrays(tmp_path: Path, tiny: Robot, changes: dict[str, np.ndarray], message: str):
    """One line that names the file."""
    with pytest.raises(MotionError, match=rf"^a\.npz.*{message}"):
        load_clips(write(tmp_path / "a.npz", **changes), tiny)


def test_pickled_arrays_are_refused(tmp_path: Path, tiny: Robot):
    """Nothing in an archive is executed."""
    path = write(tmp_path / "a.npz", trans=np.array([{}] * 3, dtype=object))
    with pytest.raises(MotionError, match=r"^a\.npz is damaged"):
        load_clips(path, tiny)


def test_a_header_that_promises_too_much(tmp_path: Path, tiny: Robot):
    """An array of 8 TB in a file of a few bytes is told without memory for it."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (10**10, 156)})
    write(tmp_path / "a.npz", poses=None)
    with zipfile.ZipFile(tmp_path / "a.npz", "a") as file:
        file.writestr("poses.npy", header.getvalue() + bytes(1000))
    with pytest.raises(MotionError, match=r"^a\.npz is damaged"):
        load_clips(tmp_path / "a.npz", tiny)


def test_damage_is_a_motion_error(tmp_path: Path, smpl: Robot):
    """100 damaged archives, those that are sound going over to the robot."""
    path = write(tmp_path / "a.npz")
    assert load_motions(path, smpl)[0].num_frames == 3
    assert count_refusals(path, smpl) >= 60
