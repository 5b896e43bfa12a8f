# SPDX-License-Identifier: Apache-2.0
"""Skeleton motions of poselib: poses worked out by hand, local and world rotations, real files on robot amp."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, load_clips, load_motions
from protomotions_envs.motions.joint_transfer import has_joints_of
from protomotions_envs.motions.readers.people.poselib import read_poselib
from protomotions_envs.robots import Robot, load_robot

HALF = float(np.sqrt(0.5))


def tensor(array: object) -> dict[str, object]:
    """Return an array as poselib stores it."""
    array = np.asarray(array)
    return {"arr": array, "context": {"dtype": array.dtype.name}}


def write(path: Path, turns: np.ndarray, /, *, is_local: bool = True, tree: object = None, **changes: object) -> Path:
    """Write a clip of the tiny robot's skeleton, quaternions x y z w, entries changed or, given None, left out."""
    skeleton = {
        "node_names": ["trunk", "leg", "foot", "arm"],
        "parent_indices": tensor([-1, 0, 1, 0]),
        # The root's own offset doesn't count.
        "local_translation": tensor(np.array([[0, 0, 1], [0, 0, -0.5], [0, 0, -0.4], [0, 0.2, 0.3]], np.float32)),
    }
    content: dict[str, object] = {
        "rotation": tensor(turns),
        "root_translation": tensor(np.tile([1.0, 2.0, 0.95], (len(turns), 1))),
        "global_velocity": tensor(np.zeros((len(turns), 4, 3))),
        "skeleton_tree": OrderedDict(skeleton) if tree is None else tree,
        "is_local": is_local,
        "fps": 30,
        "__name__": "SkeletonMotion",
    }
    content = {key: value for key, value in (content | changes).items() if value is not None}
    np.save(path, np.array(OrderedDict(content), dtype=object), allow_pickle=True)
    return path


def kneeling(frames: int = 2) -> np.ndarray:
    """Return local rotations x y z w: the trunk turned left by 90 degrees, the leg forward, the foot back."""
    identity, left = [0, 0, 0, 1], [0, 0, HALF, HALF]
    forward, back = [0, -HALF, 0, HALF], [0, HALF, 0, HALF]
    return np.tile(np.array([left, forward, back, identity], dtype=np.float64), (frames, 1, 1))


def test_positions_by_hand(tmp_path: Path):
    """Facing y, the thigh points to y, the foot hangs below it where it began; the arm is to the left, at -x."""
    clip = read_poselib(write(tmp_path / "a.npy", kneeling()))
    assert (clip.name, clip.source, clip.fps, clip.num_frames) == ("a", "a.npy", 30.0, 2)
    assert clip.skeleton.joint_names == ("trunk", "leg", "foot", "arm")
    positions, _ = clip.world_poses()
    expected = [[1, 2, 0.95], [1, 2, 0.45], [1, 2.4, 0.45], [0.8, 2, 1.25]]
    np.testing.assert_allclose(positions[1], expected, atol=1e-7)


def test_world_rotations_are_made_relative(tmp_path: Path):
    """The same clip with every joint's orientation in the world."""
    local = read_poselib(write(tmp_path / "a.npy", kneeling()))
    _, world = local.world_poses()
    path = write(tmp_path / "b.npy", np.roll(world, -1, axis=-1), is_local=False)
    np.testing.assert_allclose(read_poselib(path).world_poses()[0], local.world_poses()[0], atol=1e-9)


def test_a_robot_of_the_same_joints_follows_it(tmp_path: Path, tiny: Robot):
    """Hip and ankle take the turns that the skeleton's leg and foot make about y."""
    (motion,) = load_motions(write(tmp_path / "a.npy", kneeling()), tiny)
    np.testing.assert_allclose(motion.joint_pos, np.tile([-np.pi / 2, np.pi / 2, 0.0], (2, 1)), atol=1e-6)


@pytest.mark.parametrize(("name", "frames", "speed"), [("walk", 40, (0.8, 1.6)), ("run", 25, (2.0, 5.0))])
def test_real_files_go_over_to_robot_amp(shared_data: Path, name: str, frames: int, speed: tuple[float, float]):
    """Bodies are where the skeleton has its joints, and the speed is a person's."""
    path = shared_data / "poselib_npy" / f"amp_humanoid_{name}.npy"
    amp = load_robot("amp")
    clip = read_poselib(path)
    assert (clip.fps, clip.num_frames) == (30.0, frames)
    assert has_joints_of(clip.skeleton, amp)
    (motion,) = load_clips(path, amp)
    assert isinstance(motion, Motion)
    positions, _ = clip.world_poses()
    # Elbows and knees are hinges: what they would turn otherwise is lost, and that is nothing.
    assert np.linalg.norm(motion.body_pos - positions, axis=-1).max() < 1e-4
    travelled = np.linalg.norm(clip.root_pos[-1, :2] - clip.root_pos[0, :2])
    assert speed[0] < travelled / clip.duration < speed[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rotation": None}, "it has .* but lacks root_trans"),
        ({"rotation": {"shape": 3}}, "it has shape but lacks arr"),
        ({"rotation": np.zeros(3)}, "rotation is not a dictionary"),
        ({"rotation": tensor(np.zeros((2, 3, 4)))}, r"rotation has the shape \(2, 3, 4\); expected \(any, 4, 4\)"),
        ({"rotation": tensor(np.zeros((2, 4, 4)))}, "rotation has a quaternion of norm 0 at frame 0"),
        ({"rotation": tensor(np.full((2, 4, 4), np.nan))}, "rotation of trunk is nan at frame 0"),
        ({"root_translation": tensor(np.zeros((3, 3)))}, r"root_translation has the shape \(3, 3\)"),
        ({"root_translation": tensor(np.full((2, 3), np.inf))}, "root_pos is inf at frame 0"),
        ({"tree": [1]}, "skeleton_tree is not a dictionary"),
        ({"tree": {"node_names": []}}, "it has node_names but lacks parent_indices, local_translation"),
        ({"is_local": "no"}, "is_local is not an array of numbers"),
        ({"fps": np.inf}, "has inf frames per second"),
    ],
)
def test_wrong_files_are_one_line(tmp_path: Path, tiny: Robot, changes: dict[str, object], message: str):
    """Each says what is wrong."""
    with pytest.raises(MotionError, match=rf"^a\.npy\b.*{message}") as caught:
        load_clips(write(tmp_path / "a.npy", kneeling(), **changes), tiny)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("names", "parents"),
    [
        (["a", "b"], [0, 0]),
        (["a", "b"], [-1, 1]),
        (["a", "b"], [-1, np.nan]),
        (["a", "a"], [-1, 0]),
        ([], []),
    ],
)
def test_what_is_no_tree(tmp_path: Path, tiny: Robot, names: list[str], parents: list[float]):
    """Roots elsewhere, joints under themselves, names twice, nothing at all."""
    tree = {
        "node_names": names,
        "parent_indices": tensor(np.array(parents, dtype=np.float64)),
        "local_translation": tensor(np.zeros((len(names), 3))),
    }
    rotation = np.tile([0.0, 0.0, 0.0, 1.0], (2, len(names), 1))
    with pytest.raises(MotionError, match=r"^a\.npy: (the joints are not a tree|a skeleton needs joints)"):
        load_clips(write(tmp_path / "a.npy", rotation, tree=tree), tiny)
