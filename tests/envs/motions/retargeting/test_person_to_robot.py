# SPDX-License-Identifier: Apache-2.0
"""From people to robots, end to end."""

import sys
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("mink")

import mink
from tests.envs.motions.retargeting.people import enlarged, moved, person, redrawn, walker

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, motion_from_joint_positions
from protomotions_envs.motions.contacts import lowest_heights
from protomotions_envs.motions.quaternions import conjugate, multiply
from protomotions_envs.motions.retargeting import RetargetReport, retarget, retarget_with_report
from protomotions_envs.motions.skeleton import Skeleton, SkeletonMotion
from protomotions_envs.robots import Robot, load_robot

G1 = load_robot("g1")
FEET = G1.body_indices(G1.foot_bodies)
HANDS = G1.body_indices(("left_wrist_yaw_link", "right_wrist_yaw_link"))


@pytest.fixture(scope="module")
def walk() -> tuple[Motion, RetargetReport]:
    """The walker's walk on the G1."""
    return retarget_with_report(walker(), G1)


def joint(motion: Motion, name: str) -> np.ndarray:
    """Return the angle of a joint, rad, [T]."""
    return motion.joint_pos[:, motion.joint_names.index(name)]


def as_skeleton(motion: Motion, robot: Robot) -> SkeletonMotion:
    """Return a robot's motion as that of a skeleton whose joints are its bodies."""
    rotations = motion.body_rot.astype(np.float64)
    local_rot = rotations.copy()
    for body, parent in enumerate(robot.parents):
        if parent >= 0:
            local_rot[:, body] = multiply(conjugate(rotations[:, parent]), rotations[:, body])
    bones = Skeleton(
        robot.body_names, robot.parents, robot.model.body_pos[1:] * (np.arange(robot.num_bodies) > 0)[:, None]
    )
    return SkeletonMotion(motion.name, motion.fps, bones, motion.body_pos[:, 0].astype(np.float64), local_rot)


def test_a_robots_own_motion_comes_back():
    """Our person squats and reaches out; as a recording of a skeleton it gives the same motion within 1 cm."""
    robot = load_robot("smpl")
    depth = np.sin(np.linspace(0.0, np.pi, 60)) ** 2
    angles = np.tile(robot.default_joint_pos, (60, 1))
    for name, amplitude in (("Hip_y", -0.8), ("Knee_y", 1.6), ("Ankle_y", -0.8)):
        for side in "LR":
            angles[:, robot.joint_names.index(f"{side}_{name}")] += amplitude * depth
    for name, amplitude in (("L_Shoulder_x", 0.6), ("R_Elbow_z", 0.8), ("Chest_z", 0.3)):
        angles[:, robot.joint_names.index(name)] += amplitude * depth
    clip = motion_from_joint_positions(
        robot,
        name="squat",
        fps=30.0,
        # The shank rests leaning back, so the ankle moves a little under the hip.
        root_pos=np.tile([0.0, 0.0, 1.0], (60, 1)),
        root_rot=np.tile([1.0, 0.0, 0.0, 0.0], (60, 1)),
        joint_pos=angles,
    )
    ankle = robot.body_names.index("L_Ankle")
    root = clip.body_pos[:, 0] + [0.0, 0.0, 0.0683] - clip.body_pos[:, ankle] * [1.0, 0.0, 1.0]
    clip = replace(clip, body_pos=clip.body_pos + (root - clip.body_pos[:, 0])[:, None])
    found, report = retarget_with_report(as_skeleton(clip, robot), robot)
    assert (found.fps, found.num_frames, report.scale) == (30.0, 60, pytest.approx(1.0))
    followed = robot.body_indices(("Pelvis", "L_Knee", "R_Knee", "L_Ankle", "R_Ankle", "L_Elbow", "R_Wrist"))
    distance = np.linalg.norm(found.body_pos - clip.body_pos, axis=-1)[:, followed]
    assert distance.mean() < 0.01
    assert report.key_body_error < 0.01
    assert found.body_contact[:, robot.body_indices(robot.foot_bodies)].all()


def test_standing_people_of_all_sizes():
    """A giant, a child and a file in millimetres stand like the person does: upright, straight, arms at the sides."""
    motion = retarget(person(10), G1)
    for factor in (2.0, 0.5, 1000.0):
        other = retarget(enlarged(person(10), factor), G1)
        np.testing.assert_allclose(other.joint_pos, motion.joint_pos, atol=1e-3)
        np.testing.assert_allclose(other.body_pos[:, 0, 2], motion.body_pos[:, 0, 2], atol=1e-3)
    assert np.abs(motion.body_rot[:, 0] @ [1, 0, 0, 0]).min() > 0.999
    assert joint(motion, "left_knee_joint").max() < 0.3
    np.testing.assert_allclose(joint(motion, "left_elbow_joint"), joint(motion, "right_elbow_joint"), atol=0.01)
    assert motion.body_pos[:, HANDS, 2].max() < motion.body_pos[:, 0, 2].min() + 0.1
    assert motion.body_contact[:, FEET].all()
    np.testing.assert_allclose(lowest_heights(G1, FEET, motion.body_pos, motion.body_rot), 0.0, atol=0.002)


def test_walking(walk: tuple[Motion, RetargetReport]):
    """The G1 walks as the person does, at three quarters of the speed, with its knees in front and opposite arms."""
    motion, report = walk
    assert (motion.fps, motion.num_frames, motion.robot) == (50.0, 201, "g1")
    assert report.key_body_error < 0.02
    assert set(report.errors) == {
        "pelvis",
        *(f"{side}_{part}" for side in ("left", "right") for part in ("knee", "ankle", "elbow", "wrist")),
    }
    speed = (motion.body_pos[-1, 0, 0] - motion.body_pos[0, 0, 0]) / motion.duration
    assert speed == pytest.approx(0.8 * report.scale, rel=0.02)
    assert 0.7 < report.scale < 0.8
    assert min(joint(motion, "left_knee_joint").min(), joint(motion, "right_knee_joint").min()) > 0.0
    assert joint(motion, "left_knee_joint").max() > 0.7
    hips = joint(motion, "left_hip_pitch_joint")[25:-25]
    assert np.corrcoef(hips, joint(motion, "left_shoulder_pitch_joint")[25:-25])[0, 1] < -0.5


def test_feet_of_a_walk(walk: tuple[Motion, RetargetReport]):
    """Soles that stand are on the ground and don't move; both feet take their turns; nothing else is wrong."""
    motion, report = walk
    quality = report.quality
    assert quality.stance_share == 1.0
    assert quality.foot_skating < 0.005
    assert quality.sole_distance < 0.005
    assert quality.penetration < 0.005
    assert (quality.limit_violation, quality.self_collision_depth) == (0.0, 0.0)
    assert quality.speed_ratio < 0.9
    contact = motion.body_contact[:, FEET]
    assert (contact.mean(axis=0) > 0.5).all()
    assert (contact.mean(axis=0) < 0.8).all()
    assert not motion.body_contact[:, [body for body in range(G1.num_bodies) if body not in FEET]].any()


def test_where_the_walk_goes(walk: tuple[Motion, RetargetReport]):
    """A walk that heads elsewhere, from another place, of a file with other joint frames, is the same walk there."""
    motion, _ = walk
    yaw = 2.0
    other = retarget(redrawn(moved(walker(), yaw, (3.0, -1.0, 0.4))), G1)
    np.testing.assert_allclose(other.joint_pos, motion.joint_pos, atol=0.01)
    path, expected = (clip.body_pos[-1, 0] - clip.body_pos[0, 0] for clip in (other, motion))
    np.testing.assert_allclose(path, [np.cos(yaw) * expected[0], np.sin(yaw) * expected[0], expected[2]], atol=0.02)


@pytest.mark.parametrize("name", ["h1", "h1_2", "amp", "smpl"])
def test_other_robots(name: str):
    """They walk too: on the ground, within limits, without touching themselves."""
    robot = load_robot(name)
    motion, report = retarget_with_report(walker(seconds=2.0), robot)
    assert report.key_body_error < 0.04
    assert report.quality.foot_skating < 0.02
    assert report.quality.sole_distance < 0.02
    assert report.quality.limit_violation == 0.0
    assert report.quality.self_collision_depth < 0.01
    assert motion.body_pos[-1, 0, 0] - motion.body_pos[0, 0, 0] == pytest.approx(1.6 * report.scale, rel=0.05)


def test_a_jump_keeps_its_flight():
    """Ballistic for 0.4 s: soles leave the ground by as much as the person's do at the robot's size."""
    time = np.arange(100) / 50.0
    air = np.clip((time - 0.8) / 0.4, 0.0, 1.0)
    height = 4 * 0.196 * air * (1 - air)
    still = person(100)
    motion, report = retarget_with_report(
        replace(still, root_pos=still.root_pos + height[:, None] * [0.0, 0.0, 1.0]), G1
    )
    soles = lowest_heights(G1, FEET, motion.body_pos, motion.body_rot)
    assert soles[50].min() == pytest.approx(0.196 * report.scale, abs=0.02)
    assert not motion.body_contact[45:55].any()
    assert motion.body_contact[:35, FEET].all()
    assert motion.body_contact[65:, FEET].all()


def test_scale():
    """A stride of half the length at the same height; the legs' ratio if none is given."""
    motion, report = retarget_with_report(walker(seconds=2.0), G1, scale=0.4)
    assert report.scale == 0.4
    assert motion.body_pos[-1, 0, 0] - motion.body_pos[0, 0, 0] == pytest.approx(0.4 * 1.6, rel=0.05)
    assert report.quality.foot_skating < 0.02


def test_rates():
    """A recording at 120 Hz becomes one at 50, or at what is asked for; one at 30 Hz stays."""
    assert retarget(person(25, fps=120.0), G1).fps == 50.0
    fast = retarget(person(25, fps=120.0), G1, fps=100.0)
    assert (fast.fps, fast.num_frames) == (100.0, 21)
    assert retarget(person(5, fps=30.0), G1).fps == 30.0


def test_record():
    """Name, source and licence come along, and the source says what was done."""
    motion = retarget(person(2), G1)
    assert (motion.name, motion.licence) == ("person", "CC0-1.0")
    assert motion.source == "made up, retargeted to g1"
    assert retarget(replace(person(2), source=""), G1).source == "person, retargeted to g1"


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_wrong_scales(scale: float):
    """The error says what is expected."""
    with pytest.raises(MotionError, match=r"walk.bvh: the scale is .*; expected a positive number"):
        retarget(person(3), G1, label="walk.bvh", scale=scale)


@pytest.mark.parametrize("fps", [0.0, -5.0, float("nan")])
def test_wrong_rates(fps: float):
    """Likewise."""
    with pytest.raises(MotionError, match=r"person: .* frames per second were asked for; expected a positive"):
        retarget(person(3), G1, fps=fps)


def test_unsound_numbers():
    """They are found before anything is solved."""
    motion = person(5)
    motion.root_pos[3, 1] = np.nan
    with pytest.raises(MotionError, match=r"file.bvh: root_pos is nan at frame 3"):
        retarget(motion, G1, label="file.bvh")


def test_without_mink(monkeypatch: pytest.MonkeyPatch):
    """The error says what to install."""
    monkeypatch.delitem(sys.modules, "protomotions_envs.motions.retargeting.ik")
    monkeypatch.setitem(sys.modules, "mink", None)
    with pytest.raises(MotionError, match=r"needs mink, .*: pip install 'protomotions-envs\[retarget\]'$"):
        retarget(person(2), G1)


def test_a_solver_that_gives_up(monkeypatch: pytest.MonkeyPatch):
    """The clip is named."""

    def give_up(*_: object, **__: object) -> None:
        raise mink.NoSolutionFound("daqp")

    monkeypatch.setattr(mink, "solve_ik", give_up)
    with pytest.raises(MotionError, match=r"^person: inverse kinematics for robot 'g1' broke down"):
        retarget(person(2), G1)
