# SPDX-License-Identifier: Apache-2.0
"""Telling joints by the names that files give them."""

from dataclasses import replace

import numpy as np
import pytest
from tests.envs.motions.retargeting.people import person, renamed, without

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.retargeting.roles import find_roles
from protomotions_envs.motions.skeleton import Skeleton

# Hip, knee, ankle, toe, shoulder, elbow, wrist of the left side; of the right where it isn't the mirrored name.
STYLES = {
    "CMU ASF": "lfemur ltibia lfoot ltoes lhumerus lradius lwrist",
    "LAFAN1": "LeftUpLeg LeftLeg LeftFoot LeftToe LeftArm LeftForeArm LeftHand",
    "Mixamo": "mixamorig:LeftUpLeg mixamorig:LeftLeg mixamorig:LeftFoot mixamorig:LeftToeBase mixamorig:LeftArm "
    "mixamorig:LeftForeArm mixamorig:LeftHand",
    "Mixamo without colons": "mixamorigLeftUpLeg mixamorigLeftLeg mixamorigLeftFoot mixamorigLeftToeBase "
    "mixamorigLeftArm mixamorigLeftForeArm mixamorigLeftHand",
    "100STYLE": "LeftHip LeftKnee LeftAnkle LeftToe LeftShoulder LeftElbow LeftWrist",
    "SMPL robot": "L_Hip L_Knee L_Ankle L_Toe L_Shoulder L_Elbow L_Wrist",
    "SMPL": "left_hip left_knee left_ankle left_foot left_shoulder left_elbow left_wrist",
    "DeepMimic": "left_thigh left_shin left_foot left_foot_toe left_upper_arm left_lower_arm left_hand",
    "Xsens": "LeftUpperLeg LeftLowerLeg LeftFoot LeftToe LeftUpperArm LeftForeArm LeftHand",
    "Unreal": "thigh_l calf_l foot_l ball_l upperarm_l lowerarm_l hand_l",
    "sides behind": "HipLeft KneeLeft AnkleLeft ToeLeft ShoulderLeft ElbowLeft WristLeft",
    "namespaces": "Rig:A:LeftUpLeg Rig:A:LeftLeg Rig:A:LeftFoot Rig:A:LeftToe Rig:A:LeftArm Rig:A:LeftForeArm "
    "Rig:A:LeftHand",
}
PARTS = ("hip", "knee", "ankle", "toe", "shoulder", "elbow", "wrist")


def mirrored(name: str) -> str:
    """Return the name of the right joint for that of the left."""
    for left, right in (("Left", "Right"), ("left", "right"), ("_l", "_r"), ("L_", "R_"), (" L ", " R ")):
        if left in name:
            return name.replace(left, right)
    return "r" + name[1:]


def named(left_names: list[str], **others: str) -> Skeleton:
    """Return the stick person's skeleton with these names."""
    names = {f"left_{part}": name for part, name in zip(PARTS, left_names, strict=True)}
    names |= {f"right_{part}": mirrored(name) for part, name in zip(PARTS, left_names, strict=True)}
    return renamed(person(2), names | others).skeleton


@pytest.mark.parametrize("style", STYLES)
def test_joints_of_each_style(style: str):
    """Each joint of both legs and arms is found, and what carries them follows from the tree."""
    bones = named(STYLES[style].split())
    roles = find_roles(bones, "clip")
    plain = person(2).skeleton.joint_names
    for side, leg, arm in zip(("left", "right"), roles.legs, roles.arms, strict=True):
        found = (leg.hip, leg.knee, leg.ankle, leg.toe, arm.shoulder, arm.elbow, arm.wrist)
        assert [plain[joint] for joint in found if joint is not None] == [f"{side}_{part}" for part in PARTS]
    assert (plain[roles.pelvis], plain[roles.chest]) == ("pelvis", "chest")


def test_biped_names():
    """3ds Max writes the side in the middle; its toes are told by the tree."""
    parts = ("Thigh", "Calf", "Foot", "Toe0", "UpperArm", "Forearm", "Hand")
    bones = named([f"Bip01 L {part}" for part in parts], neck="Bip01 Neck")
    roles = find_roles(bones, "clip")
    assert bones.joint_names[roles.legs[1].knee] == "Bip01 R Calf"
    assert bones.joint_names[roles.legs[0].toe or 0] == "Bip01 L Toe0"
    assert roles.neck == bones.joint_names.index("Bip01 Neck")


@pytest.mark.parametrize(("name", "found"), [("Neck", True), ("lowerneck", True), ("Head", True), ("antenna", False)])
def test_neck(name: str, found: bool):
    """The neck is optional; a head hangs where the neck starts."""
    bones = named(STYLES["LAFAN1"].split(), neck=name)
    assert (find_roles(bones, "clip").neck is not None) == found


def test_more_telling_names_count_first():
    """CMU has a wrist and a hand; Mixamo's Shoulder is the collarbone, its Arm the shoulder."""
    bones = named(["LeftUpLeg", "LeftLeg", "LeftFoot", "LeftToe", "LeftArm", "LeftForeArm", "LeftWrist"])
    extra = Skeleton(
        (*bones.joint_names, "LeftHand", "LeftShoulder"),
        (*bones.parents, bones.joint_names.index("LeftWrist"), bones.joint_names.index("chest")),
        np.concatenate((bones.offsets, np.ones((2, 3)))),
    )
    arm = find_roles(extra, "clip").arms[0]
    assert (extra.joint_names[arm.shoulder], extra.joint_names[arm.wrist]) == ("LeftArm", "LeftWrist")


def test_toes_by_the_tree():
    """Without a name for toes, the first point below the ankle that is not at it; without any, none."""
    bones = renamed(person(2), {"left_toe": "end of the left", "right_toe": "right_nub"}).skeleton
    legs = find_roles(bones, "clip").legs
    assert [bones.joint_names[leg.toe or 0] for leg in legs] == ["end of the left", "right_nub"]
    at_ankle = replace(bones, offsets=np.where(np.isin(bones.joint_names, "right_nub")[:, None], 0.0, bones.offsets))
    assert find_roles(at_ankle, "clip").legs[1].toe is None
    assert find_roles(without(person(2), "left_toe").skeleton, "clip").legs[0].toe is None


@pytest.mark.parametrize("part", ["hip", "knee", "elbow"])
def test_a_joint_that_is_missing(part: str):
    """One line names what was looked for and what there is."""
    bones = renamed(person(2), {f"right_{part}": "thing"}).skeleton
    with pytest.raises(MotionError, match=rf"^file: the skeleton has no right {part}; looked for right or r with") as e:
        find_roles(bones, "file")
    assert "thing" in str(e.value)
    assert "\n" not in str(e.value)
