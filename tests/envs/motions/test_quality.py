# SPDX-License-Identifier: Apache-2.0
"""Measures of clips that are wrong by known amounts."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, builtin_motions, load_motions, motion_from_joint_positions, read_motion
from protomotions_envs.motions.quality import assess
from protomotions_envs.robots import Robot, load_robot

ARMS = """
<mujoco><worldbody><body name="trunk" pos="0 0 1"><freejoint/><geom size="0.05"/>
  <body name="foot" pos="0 0 -0.9"><joint name="ankle" axis="0 1 0" range="-1 1"/><geom size="0.05"/></body>
  <body name="left" pos="0 0.2 0.3"><joint name="left_j" axis="0 0 1" range="-2 2"/>
    <geom size="0.05" pos="0.18 0 0"/></body>
  <body name="right" pos="0 -0.2 0.3"><joint name="right_j" axis="0 0 1" range="-2 2"/>
    <geom size="0.05" pos="0.18 0 0"/></body>
</body></worldbody></mujoco>
"""


def still(robot: Robot, frames: int = 10, height: float = 0.95, speed: float = 0.0, joints: float = 0.0) -> Motion:
    """Return a clip at 10 frames per second that goes forward at a height with all joints at one angle."""
    root = np.tile([0.0, 0.0, height], (frames, 1))
    root[:, 0] = speed * np.arange(frames) / 10
    return motion_from_joint_positions(
        robot,
        name="still",
        fps=10.0,
        root_pos=root,
        root_rot=np.tile([1.0, 0.0, 0.0, 0.0], (frames, 1)),
        joint_pos=np.full((frames, robot.num_joints), joints),
    )


def test_a_clip_without_faults(tiny: Robot):
    """Standing still on the ground, everything is 0 but the share of stance."""
    quality = assess(still(tiny), tiny)
    assert quality.stance_share == 1.0
    assert quality.foot_skating == pytest.approx(0.0, abs=1e-6)
    assert quality.sole_distance == pytest.approx(0.0, abs=1e-6)
    assert quality.penetration < 1e-6
    assert (quality.limit_violation, quality.limit_violation_joint, quality.limit_violation_share) == (0.0, None, 0.0)
    assert (quality.self_collision_depth, quality.self_collision_pair) == (0.0, None)
    assert (quality.self_collision_share, quality.speed_ratio) == (0.0, 0.0)


def test_skating(tiny: Robot):
    """A foot that stands and slides by 0.1 m/s."""
    assert assess(still(tiny, speed=0.1), tiny).foot_skating == pytest.approx(0.1, rel=1e-4)


def test_only_slides_within_a_stance_count(tiny: Robot):
    """Of 0.1 m/s in five frames marked as stance and the step out of them, four steps count; then nothing stands."""
    clip = still(tiny, speed=0.1)
    contact = clip.body_contact.copy()
    contact[5:] = False
    quality = assess(replace(clip, body_contact=contact), tiny)
    assert quality.foot_skating == pytest.approx(0.1, rel=1e-4)
    assert quality.stance_share == 0.5
    contact[:5:2] = False
    assert assess(replace(clip, body_contact=contact), tiny).foot_skating == 0.0
    flight = assess(replace(clip, body_contact=np.zeros_like(contact)), tiny)
    assert (flight.stance_share, flight.foot_skating, flight.sole_distance) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("shift", "penetration"), [(0.02, 0.0), (-0.03, 0.03)])
def test_soles_off_the_ground(tiny: Robot, shift: float, penetration: float):
    """A standing sole counts up and down, a body below the ground only down."""
    quality = assess(still(tiny, height=0.95 + shift), tiny)
    assert quality.sole_distance == pytest.approx(abs(shift), abs=1e-6)
    assert quality.penetration == pytest.approx(penetration, abs=1e-6)
    assert quality.penetration_body == ("foot" if penetration else None)


def test_deepest_penetration(tiny: Robot):
    """The foot's sole is 0.05 m below the ankle, so that it reaches 0.2 m into the ground in the last frame."""
    clip = still(tiny, frames=5)
    position = clip.body_pos.copy()
    position[:, :, 2] -= 0.05 * np.arange(5)[:, None]
    quality = assess(replace(clip, body_pos=position), tiny)
    assert quality.penetration == pytest.approx(0.2, abs=1e-6)
    assert (quality.penetration_body, quality.penetration_frame) == ("foot", 4)


def test_bodies_that_cannot_collide_do_not_penetrate(make_robot: Callable[..., Robot]):
    """A robot of bare frames may be anywhere."""
    bare = ARMS.replace("<geom ", '<geom contype="0" conaffinity="0" ')
    robot = make_robot(bare, name="bare")
    assert assess(still(robot, height=-5.0), robot).penetration == 0.0


def test_limits(tiny: Robot):
    """In 3 of 10 frames the hip is 0.1 rad beyond its 2 rad and the ankle 0.05 rad."""
    clip = still(tiny)
    angles = clip.joint_pos.copy()
    angles[4:7, 0], angles[4:7, 1] = 2.1, -2.05
    quality = assess(replace(clip, joint_pos=angles), tiny)
    assert quality.limit_violation == pytest.approx(0.1, abs=1e-6)
    assert (quality.limit_violation_joint, quality.limit_violation_share) == ("hip", 0.3)
    angles = np.clip(angles, -2.0001, 2.0001)
    assert assess(replace(clip, joint_pos=angles), tiny).limit_violation == 0.0


def test_self_collision(make_robot: Callable[..., Robot]):
    """Turned by a right angle towards each other, hands of 0.05 m are 0.04 m apart: they overlap by 0.06 m."""
    robot = make_robot(ARMS, name="arms")
    clip = still(robot)
    angles = clip.joint_pos.copy()
    angles[7:, 1], angles[7:, 2] = -np.pi / 2, np.pi / 2
    quality = assess(replace(clip, joint_pos=angles), robot)
    assert quality.self_collision_depth == pytest.approx(0.06, abs=1e-5)
    assert quality.self_collision_pair == ("left", "right")
    assert quality.self_collision_share == 0.3


def test_neighbours_may_overlap(make_robot: Callable[..., Robot]):
    """A body inside its parent doesn't count."""
    robot = make_robot(ARMS.replace('pos="0 0.2 0.3"', 'pos="-0.18 0 0"'), name="neighbours")
    assert assess(still(robot), robot).self_collision_depth == 0.0


def test_speed(tiny: Robot):
    """Motors turn at 20 rad/s at most; the shoulder does at 30, backwards."""
    clip = still(tiny)
    speeds = clip.joint_vel.copy()
    speeds[3] = [10.0, 5.0, -30.0]
    quality = assess(replace(clip, joint_vel=speeds), tiny)
    assert quality.speed_ratio == pytest.approx(1.5)
    assert quality.speed_ratio_joint == "shoulder"


def test_a_clip_of_another_robot(tiny: Robot):
    """It is refused, and one whose joints are in another order is put in order."""
    clip = still(tiny, joints=0.5)
    with pytest.raises(MotionError, match="robot 'g1' has 29"):
        assess(clip, load_robot("g1"))
    shuffled = replace(
        clip,
        joint_names=clip.joint_names[::-1],
        joint_pos=clip.joint_pos[:, ::-1],
        joint_vel=clip.joint_vel[:, ::-1],
    )
    assert assess(shuffled, tiny) == assess(clip, tiny)


def test_builtin_clips_have_no_faults():
    """Generated clips keep all that is measured here, even where feet roll over heel and toes."""
    robot = load_robot("g1")
    for path in builtin_motions(robot).values():
        quality = assess(read_motion(path), robot)
        assert quality.stance_share == 1.0
        assert quality.foot_skating < 0.005
        assert quality.penetration < 1e-4
        assert max(quality.limit_violation, quality.self_collision_depth) == 0.0
        assert quality.speed_ratio < 0.5


def test_a_recorded_clip(shared_data: Path):
    """Somebody else's karate: feet skate, shapes overlap, a sole is as far in the ground as its shape is thick."""
    robot = load_robot("g1")
    quality = assess(load_motions(shared_data / "g1_moves" / "B_LongKarate.csv", robot)[0], robot)
    assert 0.02 < quality.foot_skating < 0.05
    assert quality.penetration == pytest.approx(0.005, abs=1e-3)
    assert quality.self_collision_pair == ("right_hip_yaw_link", "right_wrist_yaw_link")
    assert quality.limit_violation == 0.0
