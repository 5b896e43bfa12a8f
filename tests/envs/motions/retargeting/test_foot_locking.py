# SPDX-License-Identifier: Apache-2.0
"""Feet that neither slide nor sink."""

import numpy as np
import pytest

from protomotions_envs.motions.quaternions import from_rotation_vector
from protomotions_envs.motions.retargeting.foot_locking import LockedFeet, lock_feet
from protomotions_envs.motions.retargeting.frames import matrices
from protomotions_envs.motions.retargeting.landmarks import find_landmarks
from protomotions_envs.motions.retargeting.soles import Sole
from protomotions_envs.robots import load_robot

ROBOT = load_robot("smpl")
SOLE = Sole(ROBOT, ROBOT.config.left_foot_bodies, find_landmarks(ROBOT).legs[0].end)
HEIGHT, FRONT, BACK = 0.0683, 0.204, -0.06
FPS = 50.0


def lock(
    ankles: np.ndarray,
    standing: np.ndarray,
    pitch: np.ndarray | float = 0.0,
    yaw: np.ndarray | float = 0.0,
    turning: float = 0.0,
) -> LockedFeet:
    """Return one locked foot, given its ankle [T, 3] and angles."""
    frames = len(ankles)
    angles = [np.broadcast_to(angle, frames) for angle in (yaw, pitch)]
    about_z, about_y = (np.outer(angle, axis) for angle, axis in zip(angles, ([0, 0, 1], [0, 1, 0]), strict=True))
    turns = matrices(from_rotation_vector(about_z)) @ matrices(from_rotation_vector(about_y))
    return lock_feet([SOLE], ankles[:, None], turns[:, None], standing[:, None], np.full((frames, 1), turning), FPS)


def sole_points(feet: LockedFeet, x: float) -> np.ndarray:
    """Return where a point of the sole ahead of the ankle is, m, [T, 3]."""
    return feet.ankles[:, 0] + feet.frames[:, 0] @ np.array([x, 0.0, -HEIGHT])


def test_a_standing_foot_keeps_its_place():
    """One that would slide forward by 3 cm, 2 cm too high and 5 degrees askew stands flat in the middle of that."""
    time = np.arange(50)
    ankles = np.stack((0.03 * time / 49, np.full(50, 0.1), np.full(50, HEIGHT + 0.02)), axis=1)
    feet = lock(ankles, np.ones(50, dtype=bool), pitch=np.radians(5.0))
    np.testing.assert_allclose(feet.ankles[:, 0], np.tile([0.015, 0.1, HEIGHT], (50, 1)), atol=1e-9)
    np.testing.assert_allclose(feet.frames[:, 0], np.tile(np.eye(3), (50, 1, 1)), atol=1e-9)
    assert (feet.hold == 1).all()


@pytest.mark.parametrize(("direction", "edge"), [(1.0, FRONT), (-1.0, BACK)])
def test_a_foot_that_rolls_over_its_edge(direction: float, edge: float):
    """As the heel rises, the toes' edge stays where it is, on the ground; as the toes rise, the heel's does."""
    pitch = direction * np.linspace(np.radians(20), np.radians(50), 50)
    feet = lock(np.tile([0.0, 0.0, 0.3], (50, 1)), np.ones(50, dtype=bool), pitch)
    points = sole_points(feet, edge)
    np.testing.assert_allclose(points[:, 2], 0.0, atol=1e-6)
    np.testing.assert_allclose(points[:, :2], np.tile(points[0, :2], (50, 1)), atol=1e-6)
    np.testing.assert_allclose(feet.ankles[:, 0, :2].mean(axis=0), 0.0, atol=1e-6)


@pytest.mark.parametrize(("turning", "fixed"), [(0.0, FRONT), (1.0, BACK), (0.5, (FRONT + BACK) / 2)])
def test_a_foot_that_turns_on_the_ground(turning: float, fixed: float):
    """It does so about the front edge, the back edge or the middle of its sole, as the person does."""
    feet = lock(
        np.tile([0.0, 0.0, HEIGHT], (50, 1)), np.ones(50, dtype=bool), yaw=np.linspace(0, 1, 50), turning=turning
    )
    points = sole_points(feet, fixed)
    np.testing.assert_allclose(points, np.tile(points[0], (50, 1)), atol=1e-6)
    assert np.linalg.norm(np.ptp(feet.ankles[:, 0], axis=0)) > 0.03


def test_headings():
    """A standing foot that turns by 20 degrees keeps its middle heading; one that turns by 30 turns."""
    for degrees, turns in ((20.0, False), (30.0, True)):
        yaw = np.linspace(0, np.radians(degrees), 50)
        feet = lock(np.tile([0.0, 0.0, HEIGHT], (50, 1)), np.ones(50, dtype=bool), yaw=yaw)
        heading = np.degrees(np.arctan2(feet.frames[:, 0, 1, 0], feet.frames[:, 0, 0, 0]))
        assert (np.ptp(heading) > 25) == turns
        assert heading.mean() == pytest.approx(degrees / 2, abs=0.5)


def test_between_two_stances():
    """A step from 2 cm to the left of its place to 1 cm to the right: the offset fades smoothly, the flight stays."""
    standing = np.ones(60, dtype=bool)
    standing[20:40] = False
    swing = np.clip((np.arange(60) - 20) / 20, 0.0, 1.0)
    forward, up = 0.5 * swing**2 * (3 - 2 * swing), 0.1 * np.sin(np.pi * swing) ** 2
    ankles = np.stack((forward, 0 * up, HEIGHT + up), axis=1)
    drift = 0.02 * np.linspace(-1, 1, 60)
    feet = lock(ankles + drift[:, None] * [0.0, 1.0, 0.0], standing)
    path = feet.ankles[:, 0]
    np.testing.assert_allclose(np.diff(path[:20], axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(np.diff(path[40:], axis=0), 0.0, atol=1e-9)
    assert (path[0, 1], path[-1, 1]) == pytest.approx((drift[:20].mean(), drift[40:].mean()))
    sideways = np.diff(path[18:42, 1])
    assert sideways.min() > -1e-6
    assert sideways.max() < 0.004
    assert path[30, 2] == pytest.approx(HEIGHT + 0.1, abs=0.01)
    assert np.abs(np.diff(path, 2, axis=0)).max() * FPS**2 < 30.0


def test_long_flights_are_the_persons():
    """Half a second after a stance nothing is left of its offset, and before the first stance neither."""
    standing = np.zeros(200, dtype=bool)
    standing[80:120] = True
    ankles = np.tile([0.0, 0.0, HEIGHT + 0.05], (200, 1))
    feet = lock(ankles, standing)
    np.testing.assert_allclose(feet.ankles[:50, 0], ankles[:50], atol=1e-9)
    np.testing.assert_allclose(feet.ankles[80:120, 0, 2], HEIGHT, atol=1e-9)
    np.testing.assert_allclose(feet.ankles[150:, 0], ankles[150:], atol=1e-9)
    assert (feet.hold[80:120] == 1).all()
    assert (feet.hold[:72] == 0).all()
    assert 0 < feet.hold[76, 0] < 1


def test_a_flying_foot_does_not_sink():
    """Where it would pass through the ground, it passes over it."""
    feet = lock(np.zeros((20, 3)), np.zeros(20, dtype=bool))
    np.testing.assert_allclose(feet.ankles[:, 0, 2], HEIGHT, atol=1e-9)
    assert (feet.hold == 0).all()


def test_a_foot_that_is_dragged_along_follows():
    """In a stance of 20 s that drifts by 40 cm, the foot stays within some 10 cm, at less than 3 cm/s."""
    time = np.arange(1000) / FPS
    ankles = np.stack((0.02 * time, 0 * time, np.full(1000, HEIGHT)), axis=1)
    feet = lock(ankles, np.ones(1000, dtype=bool))
    assert np.abs(feet.ankles[:, 0, 0] - ankles[:, 0]).max() < 0.1
    assert np.abs(np.diff(feet.ankles[:, 0, 0])).max() * FPS < 0.03
    np.testing.assert_allclose(np.diff(lock(ankles[:49], np.ones(49, dtype=bool)).ankles[:, 0], axis=0), 0, atol=1e-9)
