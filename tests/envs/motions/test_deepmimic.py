# SPDX-License-Identifier: Apache-2.0
"""DeepMimic clips: the frames of robot amp, poses worked out by hand, the walk, damaged files."""

import json
from pathlib import Path

import numpy as np
import pytest
from tests.envs.motions.damage import count_refusals
from tests.envs.motions.gait import check_walk

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers import load_clips, load_motions
from protomotions_envs.motions.skeleton import SkeletonMotion
from protomotions_envs.robots import Robot, load_robot

LEGS = {side: (f"{side}_thigh", f"{side}_shin", f"{side}_foot", f"{side}_foot_toe") for side in ("left", "right")}
IDENTITY = [1.0, 0.0, 0.0, 0.0]
HALF = float(np.sqrt(0.5))


@pytest.fixture(scope="module")
def amp() -> Robot:
    """The robot that DeepMimic's clips fit."""
    return load_robot("amp")


def row(time: float = 0.1, **changes: list[float]) -> list[float]:
    """Return a row of a person at rest, entries of it changed."""
    entries = {
        **{"root": [0.0, 0.9, 0.0], "root_rot": IDENTITY, "chest": IDENTITY, "neck": IDENTITY},
        **{"rhip": IDENTITY, "rknee": [0.0], "rankle": IDENTITY, "rshoulder": IDENTITY, "relbow": [0.0]},
        **{"lhip": IDENTITY, "lknee": [0.0], "lankle": IDENTITY, "lshoulder": IDENTITY, "lelbow": [0.0]},
    }
    assert set(changes) <= set(entries)
    return [time, *(number for entry in (entries | changes).values() for number in entry)]


def write(path: Path, rows: object, **others: object) -> Path:
    """Write a clip."""
    path.write_text(json.dumps({"Loop": "wrap", **others, "Frames": rows}))
    return path


def positions(path: Path, robot: Robot) -> dict[str, np.ndarray]:
    """Return where the bodies are in the first frame."""
    (clip,) = load_clips(path, robot)
    assert isinstance(clip, SkeletonMotion)
    return dict(zip(clip.skeleton.joint_names, clip.world_poses()[0][0], strict=True))


def test_poses_by_hand(tmp_path: Path, tiny: Robot):
    """Right knee and left elbow bent by 90 degrees, at (x, y, z) = (1, 0.9, 2) of the file, turned to face its -z."""
    turned = [HALF, 0.0, HALF, 0.0]
    bent = row(root=[1.0, 0.9, 2.0], root_rot=turned, rknee=[-np.pi / 2], lelbow=[np.pi / 2])
    at = positions(write(tmp_path / "a.txt", [bent, bent]), tiny)
    np.testing.assert_allclose(at["pelvis"], [1, -2, 0.9])
    # About the file's y by 90 degrees, x goes to -z: the world's y. So forward is y, left is -x.
    np.testing.assert_allclose(at["left_thigh"] - at["pelvis"], [-0.084887, 0, 0], atol=1e-9)
    np.testing.assert_allclose(at["right_foot"] - at["right_shin"], [0, -0.40987, 0], atol=1e-9)
    np.testing.assert_allclose(at["left_foot"] - at["left_shin"], [0, 0, -0.40987], atol=1e-9)
    np.testing.assert_allclose(at["left_hand"] - at["left_lower_arm"], [0, 0.258947, 0], atol=1e-9)
    np.testing.assert_allclose(at["left_foot_toe"] - at["left_foot"], [0, 0.1335, -0.05], atol=1e-9)


@pytest.mark.parametrize(
    ("joint", "quaternion", "hand"),
    [
        # About the axis ahead by +90 degrees, hanging arms swing to the left: towards -z of the file.
        ("lshoulder", [HALF, HALF, 0.0, 0.0], (0, 1, 0)),
        # About the axis to the right, forward.
        ("lshoulder", [HALF, 0.0, 0.0, HALF], (1, 0, 0)),
        # About the vertical, not at all.
        ("lshoulder", [HALF, 0.0, HALF, 0.0], (0, 0, -1)),
        # Not normalised, as in blended key frames.
        ("lshoulder", [0.6 * HALF, 0.0, 0.0, 0.6 * HALF], (1, 0, 0)),
    ],
)
def test_ball_joints(tmp_path: Path, tiny: Robot, joint: str, quaternion: list[float], hand: tuple[float, ...]):
    """Where the left arm points, x forward, y to the left, z up."""
    raised = row(**{joint: quaternion})
    at = positions(write(tmp_path / "a.txt", [raised, raised]), tiny)
    arm = at["left_hand"] - at["left_upper_arm"]
    np.testing.assert_allclose(arm, np.array(hand) * (0.274788 + 0.258947), atol=1e-9)


def test_time(tmp_path: Path, tiny: Robot):
    """The mean of the times between frames; the last frame's own is not one of them."""
    (clip,) = load_clips(write(tmp_path / "a.txt", [row(0.1), row(0.3), row(0.0)]), tiny)
    assert clip.fps == pytest.approx(5.0)
    assert (clip.name, clip.source, clip.num_frames) == ("a", "a.txt", 3)


def test_notes_beside_clips_are_passed_over(tmp_path: Path, tiny: Robot):
    """A licence, another JSON; given by name they are refused."""
    write(tmp_path / "a.txt", [row(), row()], RightJoints=[3, 4, 5])
    (tmp_path / "LICENSE.txt").write_text("You may copy it.")
    (tmp_path / "skill.txt").write_text('{"Joints": []}')
    (tmp_path / "empty.txt").write_text("")
    assert [clip.name for clip in load_clips(tmp_path, tiny)] == ["a"]
    with pytest.raises(MotionError, match=r"^LICENSE\.txt is not a DeepMimic clip: its JSON is damaged"):
        load_clips(tmp_path / "LICENSE.txt", tiny)
    with pytest.raises(
        MotionError, match=r"^skill\.txt is not a DeepMimic clip; expected JSON with a list of `Frames`"
    ):
        load_clips(tmp_path / "skill.txt", tiny)


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([], "it has no frames"),
        ([row()], "has 1 frame; at least 2"),
        ([row(), row()[:-1]], "Frames is not a table of numbers"),
        ([row()[:-1], row()[:-1]], r"Frames has the shape \(2, 43\); expected rows of 44 numbers"),
        ([[row()], [row()]], r"Frames has the shape \(2, 1, 44\)"),
        ([row(), ["x"] * 44], "Frames is not a table of numbers"),
        ([row(), [None] * 44], "Frames is not a table|Frames is nan"),
        ([row(), {}], "Frames is not a table of numbers"),
        ([row(), row(rknee=[10**400])], "Frames is not a table of numbers"),
        ([row(), row(rknee=[float("nan")])], "Frames is nan at frame 1"),
        ([row(), row(root=[float("inf"), 0.0, 0.0])], "Frames is inf at frame 1"),
        ([row(0.0), row()], "frame 0 lasts 0 s; expected more than 0"),
        ([row(), row(-1.0), row()], "frame 1 lasts -1 s"),
        ([row(1e-9), row()], "frames per second"),
        ([row(), row(neck=[0.1, 0.0, 0.0, 0.0])], "the quaternion of head has the norm 0.1 at frame 1"),
        ([row(), row(lhip=[3.0, 0.0, 0.0, 0.0])], "the quaternion of left_thigh has the norm 3 at frame 1"),
        ({"0": row()}, "expected JSON with a list of `Frames`"),
    ],
)
def test_wrong_clips(tmp_path: Path, tiny: Robot, frames: object, message: str):
    """One line that names the file."""
    with pytest.raises(MotionError, match=rf"^a\.txt.*({message})"):
        load_clips(write(tmp_path / "a.txt", frames), tiny)


@pytest.mark.parametrize("text", ['{"Frames": ' + "[" * 100_000, '{"Frames": ' + "9" * 10_000 + "}", '["Frames"]'])
def test_hostile_json(tmp_path: Path, tiny: Robot, text: str):
    """Nesting deeper than the stack, an integer longer than Python converts, no dictionary."""
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(MotionError, match=r"^a\.txt is not a DeepMimic clip"):
        load_clips(tmp_path / "a.txt", tiny)


def test_walk(shared_data: Path, tiny: Robot):
    """The published walk: 30 frames per second, 0.98 m/s, upright on the ground, knees bend backwards."""
    (clip,) = load_clips(shared_data / "deepmimic" / "humanoid3d_walk.txt", tiny)
    assert isinstance(clip, SkeletonMotion)
    assert (clip.num_frames, round(clip.fps, 2)) == (39, 30.0)
    check_walk(clip, LEGS, "head")


def test_all_clips_go_over_to_amp(shared_data: Path, tiny: Robot, amp: Robot):
    """Joint by joint: every body of the robot is where the skeleton has it, knees and elbows bend their way."""
    folder = shared_data / "deepmimic"
    motions = load_motions(folder, amp)
    assert len(motions) == 15
    hinges = [amp.joint_names.index(f"{side}_{joint}") for joint in ("knee", "elbow") for side in ("left", "right")]
    for motion, clip in zip(motions, load_clips(folder, tiny), strict=True):
        assert isinstance(motion, Motion)
        assert isinstance(clip, SkeletonMotion)
        np.testing.assert_allclose(motion.body_pos, clip.world_poses()[0][:, : amp.num_bodies], atol=1e-5)
        knees, elbows = np.split(motion.joint_pos[:, hinges], 2, axis=1)
        assert knees.max() > 0.5
        assert knees.min() > -0.25
        assert elbows.max() < 0.05


def test_damage_is_a_motion_error(tmp_path: Path, amp: Robot):
    """100 damaged files, those that are sound going over to the robot."""
    path = tmp_path / "a.txt"
    path.write_text('{"Loop": "none",\n"Frames":\n[\n' + ",\n".join(map(str, [row()] * 20)) + "]}\n")
    assert load_motions(path, amp)[0].num_frames == 20
    assert count_refusals(path, amp) >= 50
