# SPDX-License-Identifier: Apache-2.0
"""When a person's feet stand: low and slow, with hysteresis so that noise doesn't lift them."""

from __future__ import annotations

import numpy as np

from protomotions_envs.motions.retargeting.person import Person
from protomotions_envs.motions.velocities import linear_velocity

ENTER_HEIGHT, LEAVE_HEIGHT = 0.05, 0.08
"""Below the one a point of the sole may begin to stand, above the other it has left; shares of the leg's length."""
ENTER_SPEED, LEAVE_SPEED = 0.3, 0.5
"""Likewise for its speed; leg lengths per second. A foot that slides faster doesn't stand."""
SHORTEST_STEP = 0.06
"""Less than this in the air is no step, and less than this on the ground no stance, s."""


def standing_feet(person: Person, fps: float) -> np.ndarray:
    """Return whether each foot stands on its heel, its ball or both, bool [T, side]."""
    points = np.stack((person.heels, person.balls), axis=2)
    height = points[..., 2] / person.leg_length
    speed = np.linalg.norm(linear_velocity(points, fps), axis=-1) / person.leg_length
    may_begin = (height < ENTER_HEIGHT) & (speed < ENTER_SPEED)
    may_last = (height < LEAVE_HEIGHT) & (speed < LEAVE_SPEED)
    standing = np.zeros(height.shape, dtype=np.bool_)
    for index in np.ndindex(height.shape[1:]):
        standing[:, *index] = _lasting(may_begin[:, *index], may_last[:, *index])
    shortest = max(round(SHORTEST_STEP * fps), 1)
    feet = np.asarray(standing.any(axis=2))
    return np.stack([_without_short(foot, shortest) for foot in feet.T], axis=1)


def turning_points(person: Person, fps: float) -> np.ndarray:
    """Return where on its sole each foot turns, from 0 at the ball to 1 at the heel: what moves less, [T, side]."""
    heels, balls = (
        np.linalg.norm(linear_velocity(points, fps)[..., :2], axis=-1) for points in (person.heels, person.balls)
    )
    return balls / np.maximum(heels + balls, 1e-6)


def phases(standing: np.ndarray) -> list[tuple[int, int]]:
    """Return the first frame and the frame after the last of each run of True in [T]."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], standing, [False])).astype(int)))
    return [(int(start), int(end)) for start, end in edges.reshape(-1, 2)]


def _lasting(may_begin: np.ndarray, may_last: np.ndarray) -> np.ndarray:
    """Return the runs of `may_last` that hold a frame of `may_begin`, [T]."""
    lasting = np.zeros_like(may_last)
    for start, end in phases(may_last):
        lasting[start:end] = may_begin[start:end].any()
    return lasting


def _without_short(standing: np.ndarray, shortest: int) -> np.ndarray:
    """Close gaps in and drop runs of [T] that are shorter than a number of frames, but for those at either end."""
    result = standing.copy()
    for value in (False, True):
        for start, end in phases(result == value):
            if end - start < shortest and start > 0 and end < len(result):
                result[start:end] = not value
    return result
