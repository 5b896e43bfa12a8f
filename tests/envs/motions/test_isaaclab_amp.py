# SPDX-License-Identifier: Apache-2.0
"""Isaac Lab's AMP clips: real ones agree with what they say of themselves; names, orders and angles are told apart."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, forward_kinematics, load_motions
from protomotions_envs.motions.ball_joints import hinge_angles
from protomotions_envs.motions.quaternions import from_rotation_vector
from protomotions_envs.robots import Robot, load_robot


@pytest.fixture(scope="module")
def amp() -> Robot:
    """The robot whose clips come with Isaac Lab."""
    return load_robot("amp")


def arrays(robot: Robot, root_pos: np.ndarray, root_rot: np.ndarray, angles: np.ndarray) -> dict[str, np.ndarray]:
    """Return a clip with the robot's joints and bodies in reverse order, its velocities left out."""
    positions, rotations = forward_kinematics(robot, root_pos, root_rot, angles)
    return {
        "fps": np.array(20),
        "dof_names": np.array(robot.joint_names[::-1]),
        "body_names": np.array(robot.body_names[::-1]),
        "dof_positions": angles[:, ::-1].astype(np.float32),
        "body_positions": positions[:, ::-1].astype(np.float32),
        "body_rotations": rotations[:, ::-1].astype(np.float32),
    }


def swinging(robot: Robot, swing: Motion) -> dict[str, np.ndarray]:
    """Return the swing as such a clip."""
    return arrays(robot, swing.body_pos[:, 0], swing.body_rot[:, 0], swing.joint_pos)


def write(path: Path, content: dict[str, np.ndarray], **changes: np.ndarray) -> Path:
    """Write a clip, arrays of it changed."""
    np.savez(path, **(content | changes))
    return path


def test_joints_and_bodies_are_found_by_name(tmp_path: Path, tiny: Robot, swing: Motion):
    """The order of the file doesn't matter."""
    (motion,) = load_motions(write(tmp_path / "a.npz", swinging(tiny, swing)), tiny)
    assert (motion.name, motion.fps, motion.robot) == ("a", 20.0, "tiny")
    for field in ("joint_pos", "body_pos", "body_rot", "body_lin_vel"):
        np.testing.assert_allclose(getattr(motion, field), getattr(swing, field), atol=1e-4)


@pytest.mark.parametrize(("name", "frames"), [("walk", 154), ("run", 82), ("dance", 902)])
def test_our_kinematics_agrees_with_the_files_bodies(shared_data: Path, amp: Robot, name: str, frames: int):
    """All 15 bodies within 0.3 mm and 0.1 degrees at every frame, without an offset."""
    path = shared_data / "isaaclab_amp" / f"humanoid_{name}.npz"
    (motion,) = load_motions(path, amp)
    assert (motion.fps, motion.num_frames) == (60.0, frames)
    with np.load(path) as content:
        columns = [content["body_names"].tolist().index(body) for body in amp.body_names]
        positions, rotations = content["body_positions"][:, columns], content["body_rotations"][:, columns]
        velocities = content["body_linear_velocities"][:, columns]
    assert np.linalg.norm(motion.body_pos - positions, axis=-1).max() < 3e-4
    assert np.abs((motion.body_rot * rotations).sum(-1)).min() > np.cos(np.radians(0.1) / 2)
    # Theirs are smoothed over some frames.
    assert np.corrcoef(motion.body_lin_vel.ravel(), velocities.ravel())[0, 1] > 0.97


@pytest.mark.parametrize("vectors", [True, False])
def test_rotation_vectors_and_hinge_angles_are_told_apart(tmp_path: Path, amp: Robot, vectors: bool):
    """A hip turned far about all three axes; what the file calls angles is what its bodies say."""
    numbers = np.zeros((5, amp.num_joints))
    hip = [amp.joint_names.index(f"left_hip_{axis}") for axis in "xyz"]
    numbers[:, hip] = np.linspace(0.2, 1.0, 5)[:, None] * [0.5, -1.5, 0.7]
    angles = hinge_angles(amp, numbers) if vectors else numbers
    upright = np.tile([1.0, 0.0, 0.0, 0.0], (5, 1))
    content = arrays(amp, np.tile([0.0, 0.0, 0.9], (5, 1)), upright, angles)
    path = write(tmp_path / "a.npz", content, dof_positions=numbers[:, ::-1])
    (motion,) = load_motions(path, amp)
    np.testing.assert_allclose(motion.joint_pos, angles, atol=1e-6)
    if vectors:
        thigh = motion.body_rot[:, amp.body_names.index("left_thigh")]
        np.testing.assert_allclose(thigh, from_rotation_vector(numbers[:, hip]), atol=1e-6)


def test_bodies_that_the_robot_lacks_do_not_matter(tmp_path: Path, tiny: Robot, swing: Motion):
    """Only those of the same name are compared."""
    content = swinging(tiny, swing)
    assert content["body_names"].tolist() == ["arm", "foot", "leg", "trunk"]
    content["body_names"] = np.array(["hat", "foot", "leg", "trunk"])
    content["body_positions"][:, 0] += 5.0
    (motion,) = load_motions(write(tmp_path / "a.npz", content), tiny)
    np.testing.assert_allclose(motion.body_pos[:, 0], swing.body_pos[:, 0], atol=1e-6)


def test_two_hinges_of_a_body_are_angles(tmp_path: Path, make_robot: Callable[..., Robot]):
    """A body with two hinges takes no rotation vector."""
    robot = make_robot(
        '<mujoco><worldbody><body name="trunk"><freejoint/><geom size="0.1"/><body name="foot" pos="0 0 -1">'
        '<joint name="a" axis="1 0 0"/><joint name="b" axis="0 1 0"/><geom size="0.1"/>'
        "</body></body></worldbody></mujoco>"
    )
    angles = np.linspace([0.1, 0.2], [1.0, 0.5], 4)
    upright = np.tile([1.0, 0.0, 0.0, 0.0], (4, 1))
    (motion,) = load_motions(write(tmp_path / "a.npz", arrays(robot, np.zeros((4, 3)), upright, angles)), robot)
    np.testing.assert_allclose(motion.joint_pos, angles, atol=1e-6)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"dof_names": ["hip", "ankle", "neck"]},
            "has 3 joints but robot 'tiny' has 3; missing: shoulder; extra: neck",
        ),
        ({"dof_names": ["hip", "hip", "ankle"]}, "dof_names is not a list of names that differ"),
        ({"dof_names": [1, 2, 3]}, "dof_names is not a list of names that differ"),
        ({"body_names": ["a", "b", "c", "d"]}, "lacks the body 'trunk', the root of robot 'tiny'; it has a, b, c, d"),
        ({"dof_positions": np.zeros((20, 4))}, r"dof_positions has the shape \(20, 4\); expected \(any, 3\)"),
        ({"body_positions": np.zeros((19, 4, 3))}, r"body_positions has the shape \(19, 4, 3\); expected \(20, 4, 3\)"),
        ({"body_positions": np.zeros((20, 4, 3))}, r"put a body of robot 'tiny' \d\.\d\d m from where the file has it"),
        ({"dof_positions": np.full((20, 3), np.nan)}, "dof_positions of hip is nan at frame 0"),
        ({"body_positions": np.full((20, 4, 3), np.nan)}, "body_pos is nan at frame 0"),
        ({"body_rotations": np.zeros((20, 4, 4))}, "root_rot has a quaternion of norm 0 at frame 0"),
        ({"fps": [30, 30]}, r"fps has the shape \(2,\)"),
        ({"fps": np.nan}, "has nan frames per second"),
        ({"fps": "fast"}, "fps is not an array of numbers"),
    ],
)
def test_wrong_files_are_one_line(tmp_path: Path, tiny: Robot, swing: Motion, changes: dict[str, object], message: str):
    """Each says what is wrong."""
    changed = {key: np.array(value) for key, value in changes.items()}
    path = write(tmp_path / "a.npz", swinging(tiny, swing), **changed)
    with pytest.raises(MotionError, match=rf"^a\.npz\b.*{message}") as caught:
        load_motions(path, tiny)
    assert "\n" not in str(caught.value)


def test_too_few_frames(tmp_path: Path, tiny: Robot, swing: Motion):
    """A velocity needs two."""
    content = swinging(tiny, swing)
    short = {key: content[key][:0] for key in ("dof_positions", "body_positions", "body_rotations")}
    with pytest.raises(MotionError, match=r"^a\.npz is an empty clip"):
        load_motions(write(tmp_path / "a.npz", content, **short), tiny)


def test_lacking_arrays_are_named(tmp_path: Path, tiny: Robot, swing: Motion):
    """Those that make it a clip of this kind are there, another isn't."""
    content = swinging(tiny, swing)
    del content["fps"]
    with pytest.raises(MotionError, match=r"^a\.npz is not an Isaac Lab AMP clip: it has body_names, .* but lacks fps"):
        load_motions(write(tmp_path / "a.npz", content), tiny)
