# SPDX-License-Identifier: Apache-2.0
"""Arms beside hips that stand out."""

import numpy as np

from protomotions_envs.motions.retargeting.arm_clearance import SHARE, beside_legs

SHOULDERS = np.array([[[0.0, 0.2, 1.0], [0.0, -0.2, 1.0]]])
HIPS = np.array([[[0.0, 0.2, 0.4], [0.0, -0.2, 0.4]]])
UPRIGHT = np.eye(3)[None]


def arms(*directions: tuple[float, float, float]) -> tuple[np.ndarray, np.ndarray]:
    """Return elbows and wrists of straight left and right arms of 0.3 + 0.3 m."""
    away = 0.3 * np.array(directions)[None]
    return SHOULDERS + away, SHOULDERS + 2 * away


def test_hanging_arms_move_outwards():
    """Wrists at the hips' height by the share of 10 cm, elbows by half of that; bones keep their lengths."""
    elbows, wrists = beside_legs(SHOULDERS, *arms((0, 0, -1), (0, 0, -1)), HIPS, UPRIGHT, 0.1)
    sideways = np.array([1.0, -1.0])
    np.testing.assert_allclose(elbows[0, :, 1], (0.2 + 0.05 * SHARE) * sideways, atol=1e-3)
    np.testing.assert_allclose(wrists[0, :, 1], (0.2 + 0.1 * SHARE) * sideways, atol=1e-3)
    for ends, starts in ((elbows, SHOULDERS), (wrists, elbows)):
        np.testing.assert_allclose(np.linalg.norm(ends - starts, axis=-1), 0.3, atol=1e-12)


def test_raised_and_crossed_arms_stay():
    """Forward, upwards, and with the hands at the middle of the body."""
    for direction in ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0)):
        elbows, wrists = arms(direction, direction)
        moved = beside_legs(SHOULDERS, elbows, wrists, HIPS, UPRIGHT, 0.1)
        np.testing.assert_allclose(moved, (elbows, wrists), atol=1e-12)
    elbows, wrists = arms((0, 0, -1), (0, 0, -1))
    wrists[..., 1] = 0.0
    np.testing.assert_allclose(beside_legs(SHOULDERS, elbows, wrists, HIPS, UPRIGHT, 0.1)[1][..., 1], 0.0, atol=0.02)


def test_narrow_hips_need_nothing():
    """Arms of a robot with the proportions of a person stay as they are."""
    elbows, wrists = arms((0, 0, -1), (0, 0, -1))
    for excess in (0.0, -0.1):
        moved = beside_legs(SHOULDERS, elbows, wrists, HIPS, UPRIGHT, excess)
        np.testing.assert_array_equal(moved, (elbows, wrists))
