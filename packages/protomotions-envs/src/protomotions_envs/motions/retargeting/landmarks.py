# SPDX-License-Identifier: Apache-2.0
"""A robot's hips, knees, ankles, shoulders, elbows and wrists as points, whatever hinges they are made of."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from protomotions_envs.errors import RobotError
from protomotions_envs.motions.retargeting.zero_pose import Landmark, ZeroPose
from protomotions_envs.robots.robot import Robot

_KNEE = re.compile("knee|shin|calf|tibia|lower_?leg", re.IGNORECASE)
_SHOULDER = re.compile("shoulder|upper_?arm|humerus", re.IGNORECASE)
_ELBOW = re.compile("elbow|fore_?arm|lower_?arm|radius", re.IGNORECASE)
_UPRIGHT_AXIS, _ROLL_AXIS = 0.9, 0.5


@dataclass(frozen=True, eq=False)
class LimbLandmarks:
    """A leg or an arm from the trunk outwards, measured in the zero pose."""

    root: np.ndarray
    """Hip or shoulder in the zero pose, seen from the origin of the root body, m, [3]."""
    middle: Landmark
    """Knee or elbow."""
    end: Landmark
    """Ankle or wrist."""
    upper_length: float
    """Hip to knee or shoulder to elbow, m."""
    lower_length: float
    """Knee to ankle or elbow to wrist, m."""


@dataclass(frozen=True, eq=False)
class RobotLandmarks:
    """Points of a robot, all measured in the pose with all joint angles zero and the root at the origin."""

    pelvis: Landmark
    """The root body."""
    torso: Landmark
    """The upper trunk."""
    waist: np.ndarray
    """Where the trunk turns on the pelvis, m, [3]."""
    waist_bends: bool
    """Whether the trunk can lean against the pelvis rather than only turn on it."""
    ankles_roll: bool
    """Whether feet can tilt sideways against the shanks."""
    legs: tuple[LimbLandmarks, LimbLandmarks]
    """Left and right; the end is the ankle."""
    arms: tuple[LimbLandmarks, LimbLandmarks]
    """Left and right; the end is the wrist."""
    main_joints: frozenset[str]
    """The hinges that move these points; the others are those of collarbones, wrists, neck, toes and fingers."""
    straight_joints: dict[str, float]
    """Angle of each knee's and elbow's main hinge at which the limb is longest, rad."""


def find_landmarks(robot: Robot) -> RobotLandmarks:
    """Return the points of a robot by which it follows a person.

    Raises:
        RobotError: The names of its bodies don't tell its knees, shoulders or elbows.
    """
    pose = ZeroPose(robot)
    config = robot.config
    root, *trunk = pose.chain(config.torso_body)
    legs = _leg(pose, "left", config.left_foot_bodies), _leg(pose, "right", config.right_foot_bodies)
    arms = _arm(pose, "left", config.left_hand_bodies), _arm(pose, "right", config.right_hand_bodies)
    feet = [body for leg in legs for body in _shank_and_foot(pose, leg)]
    thighs_and_arms = [*(_thigh(pose, leg) for leg in legs), *(_upper_arm(pose, arm) for arm in arms)]
    moving = pose.hinges([*trunk, *feet, *(body for limb in thighs_and_arms for body in limb)])
    straight = dict(_straight_angle(pose, limb) for limb in (*legs, *arms))
    return RobotLandmarks(
        pelvis=pose.landmark("pelvis", root, pose.origin(root)),
        torso=pose.landmark("torso", config.torso_body, pose.origin(config.torso_body)),
        waist=pose.centre(trunk, np.zeros(3)),
        waist_bends=any(abs(pose.data.xaxis[joint][2]) < _UPRIGHT_AXIS for joint in pose.hinges(trunk)),
        ankles_roll=any(abs(pose.data.xaxis[joint][0]) > _ROLL_AXIS for joint in pose.hinges(feet)),
        legs=legs,
        arms=arms,
        main_joints=frozenset(pose.model.joint(joint).name for joint in moving) | straight.keys(),
        straight_joints=straight,
    )


def _leg(pose: ZeroPose, side: str, feet: tuple[str, ...]) -> LimbLandmarks:
    foot = _first(pose, f"{side} foot", feet)
    chain = pose.chain(foot)
    knee = _named(pose, chain[1:], _KNEE, f"{side} knee")
    thigh, below = chain[1 : chain.index(knee)], chain[chain.index(knee) + 1 :]
    knee_point = pose.centre([knee], pose.origin(knee))
    hip = pose.centre(thigh, pose.origin(chain[1]))
    # Where the hinges meet need not be above the knee, as on robots whose thighs stand out from the hip.
    hip[1] = knee_point[1]
    ankle = pose.landmark(f"{side}_ankle", foot, pose.centre(below, pose.origin(foot)))
    return _limb(pose, hip, pose.landmark(f"{side}_knee", knee, knee_point), ankle)


def _arm(pose: ZeroPose, side: str, hands: tuple[str, ...]) -> LimbLandmarks:
    hand = _first(pose, f"{side} hand", hands)
    chain = pose.chain(hand)
    elbow = _named(pose, chain, _ELBOW, f"{side} elbow")
    above = chain[: chain.index(elbow)]
    upper = above[above.index(_named(pose, above, _SHOULDER, f"{side} shoulder")) :]
    elbow_point = pose.centre([elbow], pose.origin(elbow))
    wrist_point = pose.origin(hand) if hand != elbow else _far_end(pose, elbow, elbow_point)
    wrist = pose.landmark(f"{side}_wrist", hand, wrist_point)
    return _limb(
        pose, pose.centre(upper, pose.origin(upper[0])), pose.landmark(f"{side}_elbow", elbow, elbow_point), wrist
    )


def _limb(pose: ZeroPose, root: np.ndarray, middle: Landmark, end: Landmark) -> LimbLandmarks:
    upper, lower = pose.place(middle) - root, pose.place(end) - pose.place(middle)
    return LimbLandmarks(root, middle, end, float(np.linalg.norm(upper)), float(np.linalg.norm(lower)))


def _first(pose: ZeroPose, what: str, bodies: tuple[str, ...]) -> str:
    if not bodies:
        raise RobotError(f"Robot {pose.robot.name!r} has no {what}, which following a person needs")
    return bodies[0]


def _named(pose: ZeroPose, chain: list[str], pattern: re.Pattern[str], what: str) -> str:
    found = next(filter(pattern.search, chain), None)
    if found is None:
        raise RobotError(
            f"Robot {pose.robot.name!r} has no {what}, which following a person needs; looked for "
            f"{pattern.pattern.replace('_?', '_').replace('|', ', ')} in the names of {', '.join(chain)}"
        )
    return found


def _far_end(pose: ZeroPose, body: str, start: np.ndarray) -> np.ndarray:
    """Return the centre of a body's shape that is furthest from a point, for an arm without a hand, m, [3]."""
    shapes = np.flatnonzero(pose.model.geom_bodyid == pose.model.body(body).id)
    if len(shapes) == 0:
        return pose.data.body(body).xipos.copy()
    centres = pose.data.geom_xpos[shapes]
    reach = np.linalg.norm(centres - start, axis=1) + pose.model.geom_rbound[shapes]
    furthest = int(np.argmax(reach))
    direction = centres[furthest] - start
    return start + direction / np.linalg.norm(direction) * reach[furthest]


def _shank_and_foot(pose: ZeroPose, leg: LimbLandmarks) -> list[str]:
    """Return the bodies from below the knee to the foot."""
    chain = pose.chain(leg.end.body)
    return chain[chain.index(leg.middle.body) + 1 :]


def _thigh(pose: ZeroPose, leg: LimbLandmarks) -> list[str]:
    """Return the bodies from below the root to above the knee."""
    return pose.chain(leg.middle.body)[1:-1]


def _upper_arm(pose: ZeroPose, arm: LimbLandmarks) -> list[str]:
    """Return the bodies from the shoulder to above the elbow, without a collarbone."""
    chain = pose.chain(arm.middle.body)[:-1]
    return chain[next(index for index, body in enumerate(chain) if _SHOULDER.search(body)) :]


def _straight_angle(pose: ZeroPose, limb: LimbLandmarks) -> tuple[str, float]:
    """Return the hinge that bends a limb in its middle, which moves its end furthest, and its angle when straight."""

    def reach(joint: int) -> float:
        lever = np.cross(pose.data.xaxis[joint], pose.place(limb.end) - pose.data.xanchor[joint])
        return float(np.ptp(pose.model.jnt_range[joint]) * np.linalg.norm(lever))

    hinges = pose.hinges([limb.middle.body])
    if not hinges:
        raise RobotError(
            f"{limb.middle.body} of robot {pose.robot.name!r} doesn't bend, which following a person needs"
        )
    hinge = max(hinges, key=reach)
    axis, anchor = pose.data.xaxis[hinge], pose.data.xanchor[hinge]
    across = np.eye(3) - np.outer(axis, axis)
    # Seen along the axis, the limb is straight where its end is opposite its root.
    outward, lower = across @ (anchor - limb.root), across @ (pose.place(limb.end) - anchor)
    angle = np.arctan2(axis @ np.cross(lower, outward), lower @ outward)
    return pose.model.joint(hinge).name, float(angle)
