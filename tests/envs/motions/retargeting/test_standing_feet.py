# SPDX-License-Identifier: Apache-2.0
"""When feet stand."""

from dataclasses import replace

import numpy as np
from tests.envs.motions.retargeting.people import person, walker

from protomotions_envs.motions.retargeting.contacts import phases, standing_feet, turning_points
from protomotions_envs.motions.retargeting.person import Person, observe

LEG = 0.83


def feet_at(heels: np.ndarray, balls: np.ndarray) -> Person:
    """Return a person whose left heel and ball are at places [T, 3] and whose right foot is high up."""
    seen = observe(person(len(heels)), "clip")
    up = np.tile([0.0, 0.0, 1.0], (len(heels), 1))
    return replace(seen, heels=np.stack((heels, up), axis=1), balls=np.stack((balls, up), axis=1))


def path(heights: np.ndarray, speeds: np.ndarray) -> np.ndarray:
    """Return a point at heights, in lengths of the leg, and with forward speeds, in lengths per second, at 50 fps."""
    forward = np.cumsum(speeds) / 50.0
    return LEG * np.stack((forward, 0 * forward, heights), axis=1)


def test_low_and_slow():
    """A point begins to stand below 0.05 and lasts to 0.08; one frame above that is no step."""
    heights = np.full(60, 0.2)
    heights[10:40], heights[15:30], heights[25] = 0.07, 0.048, 0.081
    point = path(heights, np.zeros(60))
    standing = standing_feet(feet_at(point, point), 25.0)
    # The frames from and to 0.2 are too fast.
    assert phases(standing[:, 0]) == [(11, 39)]
    assert not standing[:, 1].any()
    high = path(np.where(heights < 0.05, 0.06, heights), np.zeros(60))
    assert not standing_feet(feet_at(high, high), 25.0).any()


def test_fast_feet_do_not_stand():
    """A sole that slides over the ground at 0.6 lengths of the leg per second."""
    slow, fast = path(np.zeros(50), np.full(50, 0.1)), path(np.zeros(50), np.full(50, 0.6))
    assert standing_feet(feet_at(slow, slow), 50.0)[:, 0].all()
    assert not standing_feet(feet_at(fast, fast), 50.0)[:, 0].any()


def test_either_end_of_a_foot_stands():
    """With the heel off the ground, a foot on its ball stands."""
    ball, heel = path(np.zeros(50), np.zeros(50)), path(np.full(50, 0.15), np.zeros(50))
    assert standing_feet(feet_at(heel, ball), 50.0)[:, 0].all()
    assert standing_feet(feet_at(ball, heel), 50.0)[:, 0].all()
    assert not standing_feet(feet_at(heel, heel), 50.0)[:, 0].any()


def test_short_stances_are_none():
    """Two frames of 20 ms on the ground, but for the ends of the clip, where more may have been."""
    heights = np.full(50, 0.5)
    heights[20:22], heights[:2] = 0.0, 0.0
    points = LEG * np.stack((0 * heights, 0 * heights, heights), axis=1)
    still = feet_at(points, points)
    assert phases(standing_feet(still, 0.02)[:, 0]) == [(0, 2), (20, 22)]
    assert phases(standing_feet(replace(still, leg_length=1e3 * LEG), 50.0)[:, 0]) == [(0, 50)]


def test_a_walk():
    """Each foot of the walker stands every second half second, in turn."""
    standing = standing_feet(observe(walker(seconds=4.0), "clip"), 50.0)
    assert standing.any(axis=1).all()
    assert 0.5 < standing.mean() < 0.8
    middles = [[(start + end) / 2 for start, end in phases(standing[:, side])] for side in range(2)]
    # The first and the last stance are cut off by the clip.
    np.testing.assert_allclose(np.diff(middles[0][1:-1]), 50, atol=1)
    np.testing.assert_allclose(np.diff(middles[1][1:-1]), 50, atol=1)
    assert middles[1][1] - middles[0][1] in (25.0, -25.0)


def test_turning_points():
    """A foot that turns about its ball, its heel, or the middle between both."""
    time = np.arange(10) / 10
    still = np.zeros((10, 3))
    round_and_round = np.stack((0.1 * np.cos(time), 0.1 * np.sin(time), 0 * time), axis=1)
    for heels, balls, share in (
        (round_and_round, still, 0.0),
        (still, round_and_round, 1.0),
        (round_and_round, -round_and_round, 0.5),
    ):
        np.testing.assert_allclose(turning_points(feet_at(heels, balls), 10.0)[:, 0], share, atol=1e-9)


def test_phases():
    """Runs of True with their ends; none of nothing."""
    assert phases(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert phases(np.zeros(5, dtype=bool)) == []
