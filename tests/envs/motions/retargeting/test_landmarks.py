# SPDX-License-Identifier: Apache-2.0
"""Hips, knees, ankles, shoulders, elbows and wrists of robots."""

from collections.abc import Callable
from dataclasses import replace

import mujoco
import numpy as np
import pytest

from protomotions_envs.errors import RobotError
from protomotions_envs.motions.retargeting.landmarks import find_landmarks
from protomotions_envs.robots import Robot, load_robot, robot_names


@pytest.mark.parametrize("name", robot_names())
def test_every_robot_has_them(name: str):
    """Left mirrors right, limbs are as long as those of something of human shape, knees and elbows have a hinge."""
    robot = load_robot(name)
    points = find_landmarks(robot)
    for left, right in (points.legs, points.arms):
        np.testing.assert_allclose(left.root * [1, -1, 1], right.root, atol=2e-3)
        assert (left.upper_length, left.lower_length) == pytest.approx(
            (right.upper_length, right.lower_length), abs=2e-3
        )
        assert 0.1 < left.lower_length < 0.5
        assert left.middle.name.removeprefix("left_") == right.middle.name.removeprefix("right_")
    assert points.legs[0].upper_length == pytest.approx(points.legs[0].lower_length, rel=0.1)
    assert len(points.straight_joints) == 4
    assert points.straight_joints.keys() <= points.main_joints <= set(robot.joint_names)


def test_g1():
    """Figures of the model: offsets of the hip's links add up, the straight elbow points down, wrists are minor."""
    points = find_landmarks(load_robot("g1"))
    hip, shoulder = points.legs[0].root, points.arms[0].root
    assert hip[1] == pytest.approx(0.064452 + 0.052 + 0.0021489, abs=1e-5)
    # The pitch axis is 0.1027 below the pelvis' origin, the roll axis 0.0305 lower.
    assert -0.1332 < hip[2] < -0.1027
    assert 0.1 < shoulder[1] < 0.16
    assert points.arms[0].lower_length == pytest.approx(np.linalg.norm([0.184, 0.00188791, 0.01]), abs=1e-5)
    assert points.straight_joints["left_elbow_joint"] == pytest.approx(np.pi / 2, abs=0.2)
    assert points.straight_joints["left_knee_joint"] == pytest.approx(0.0, abs=0.05)
    assert not any("wrist" in name for name in points.main_joints)
    assert len(points.main_joints) == 23
    assert (points.waist_bends, points.ankles_roll) == (True, True)


def test_smpl():
    """Ball joints meet in points; collarbones, necks, hands and sideways knees are minor."""
    points = find_landmarks(load_robot("smpl"))
    np.testing.assert_allclose(points.legs[0].root, [0.0, 0.091, -0.0525], atol=1e-6)
    np.testing.assert_allclose(points.arms[0].root, [0.0, 0.175, 0.07 + 0.105 + 0.0962 + 0.1488 + 0.0315], atol=1e-6)
    assert (points.arms[0].upper_length, points.arms[0].lower_length) == pytest.approx((0.3255, 0.2555), abs=1e-6)
    assert set(points.straight_joints) == {"L_Knee_y", "R_Knee_y", "L_Elbow_z", "R_Elbow_z"}
    assert {"L_Shoulder_x", "Spine_y", "R_Ankle_x"} <= points.main_joints
    assert not {"L_Thorax_x", "Neck_y", "L_Wrist_z", "L_Toe_y", "L_Knee_x", "L_Elbow_y"} & points.main_joints


def test_h1():
    """Hips turn 9 to 20 cm from the middle and thighs hang on the outside; there is no waist, ankle roll or hand."""
    points = find_landmarks(load_robot("h1"))
    assert points.legs[0].root[1] == pytest.approx(0.2029, abs=1e-3)
    assert (points.waist_bends, points.ankles_roll) == (False, False)
    arm = points.arms[0]
    assert arm.middle.body == arm.end.body == "left_elbow_link"
    assert arm.lower_length == pytest.approx(0.32, abs=0.01)


@pytest.mark.parametrize("name", ["g1", "h1_2"])
def test_straight_angles(name: str):
    """A limb is longest at the angle that is called straight, whatever else it does."""
    robot = load_robot(name)
    points = find_landmarks(robot)
    data = mujoco.MjData(robot.model)

    def length(joint: str, angle: float) -> float:
        limb = next(limb for limb in (*points.legs, *points.arms) if robot.model.joint(joint).bodyid[0] == body(limb))
        data.qpos[:] = 0.0
        data.qpos[3] = 1.0
        data.joint(joint).qpos[0] = angle
        mujoco.mj_kinematics(robot.model, data)
        end = data.body(limb.end.body)
        return float(np.linalg.norm(end.xpos + end.xmat.reshape(3, 3) @ limb.end.local - limb.root))

    def body(limb: object) -> int:
        return robot.model.body(limb.middle.body).id

    for joint, straight in points.straight_joints.items():
        assert length(joint, straight) > max(length(joint, straight + 0.1), length(joint, straight - 0.1))


def with_hands(robot: Robot, **changes: tuple[str, ...]) -> Robot:
    """Return a robot with other facts."""
    return Robot(replace(robot.config, **changes))


def test_robots_that_cannot_follow_a_person(tiny: Robot, make_robot: Callable[..., Robot]):
    """One line says what is missing and what there is."""
    with pytest.raises(RobotError, match=r"'tiny' has no left knee, which .* looked for knee, shin, .* of leg, foot$"):
        find_landmarks(tiny)
    with pytest.raises(RobotError, match="'tiny' has no right foot"):
        find_landmarks(Robot(replace(load_robot("g1").config, name="tiny", right_foot_bodies=())))
    with pytest.raises(RobotError, match="'g1' has no left hand"):
        find_landmarks(with_hands(load_robot("g1"), left_hand_bodies=()))
    with pytest.raises(RobotError, match="'g1' has no right elbow"):
        find_landmarks(with_hands(load_robot("g1"), right_hand_bodies=("right_shoulder_yaw_link",)))


def test_a_knee_without_a_hinge(make_robot: Callable[..., Robot]):
    """A leg that is all of a piece can't follow one that bends."""
    leg = (
        '<body name="thigh"><joint name="hip" axis="0 1 0" range="-1 1"/><geom size="0.05"/><body name="shin" '
        'pos="0 0 -0.4"><geom size="0.05"/><body name="foot" pos="0 0 -0.4"><joint name="ankle" axis="0 1 0" '
        'range="-1 1"/><geom size="0.05"/></body></body></body>'
    )
    arm = (
        '<body name="upper_arm" pos="0 0 0.4"><joint name="s" range="-1 1"/><geom size="0.05"/><body name="lower_arm" '
        'pos="0 0 -0.3"><joint name="e" axis="0 1 0" range="-1 1"/><geom size="0.05" pos="0 0 -0.2"/></body></body>'
    )
    robot = make_robot(
        f'<mujoco><worldbody><body name="trunk"><freejoint/><geom size="0.1"/>{leg}{arm}</body></worldbody></mujoco>'
    )
    both = with_hands(
        robot, right_foot_bodies=("foot",), left_hand_bodies=("lower_arm",), right_hand_bodies=("lower_arm",)
    )
    with pytest.raises(RobotError, match="shin of robot 'tiny' doesn't bend"):
        find_landmarks(both)
