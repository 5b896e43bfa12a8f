# SPDX-License-Identifier: Apache-2.0
"""Feet that stand where they stand: flat or rolling over heel and ball, without sliding, on the ground.

Robot-sized feet slide a little where the person's don't, since proportions differ, and float or sink by a centimetre.
While a foot stands, its path is replaced by one on which its lowest point keeps its place; the offset between both
paths fades from one stance to the next, or to nothing in a long flight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from protomotions_envs.motions.quaternions import from_rotation_vector, rotation_vector
from protomotions_envs.motions.retargeting.contacts import phases
from protomotions_envs.motions.retargeting.frames import matrices, quaternions
from protomotions_envs.motions.retargeting.soles import Sole
from protomotions_envs.motions.smoothing import ease, smoothed, smoothed_rotations

FLAT_TILT, ROLLING_TILT = np.radians(8.0), np.radians(20.0)
"""A standing sole that is tilted by less than the one is flat; from the other on it keeps its tilt."""
LEVEL_TILT = np.radians(2.0)
"""A sole that is tilted by less turns about where the person's does, one that is tilted by more about its edge."""
PIVOT = np.radians(25.0)
"""A standing foot that turns about the vertical by less keeps its heading."""
RAMP = 0.1
"""How long a foot takes to become flat before it stands, and afterwards to be as it was, s."""
FADE = 0.5
"""After which time in the air nothing is left of the offset of a stance, s."""
SMOOTHING = 0.025
"""Standard deviation of the average that takes the corners off a foot's path and turns, s."""
HOLD = 0.15
"""For how long before and after a stance a foot's path matters more than in flight, s."""
DRIFT, DRIFT_TIME = 0.04, 1.0
"""How far a foot may be from where the person's is before it follows, m, and how slowly it does, s."""


@dataclass(frozen=True, eq=False)
class LockedFeet:
    """What both feet are to do, left and right."""

    ankles: np.ndarray
    """m, [T, side, 3]."""
    frames: np.ndarray
    """[T, side, 3, 3]."""
    hold: np.ndarray
    """1 while a foot stands and less the longer it is to the next or from the last stance, down to 0, [T, side]."""


def lock_feet(
    soles: Sequence[Sole],
    ankles: np.ndarray,
    frames: np.ndarray,
    standing: np.ndarray,
    turning: np.ndarray,
    fps: float,
) -> LockedFeet:
    """Return feet that neither slide nor sink.

    Args:
        soles: Left and right.
        ankles: Where the ankles would be, m, [T, side, 3].
        frames: How the feet would be turned, [T, side, 3, 3].
        standing: Whether they stand, bool, [T, side].
        turning: Where on their soles flat feet turn, from 0 at the front to 1 at the back, [T, side].
        fps: Frames per second.
    """
    feet = [
        _lock_foot(sole, ankles[:, side], frames[:, side], phases(standing[:, side]), turning[:, side], fps)
        for side, sole in enumerate(soles)
    ]
    distance = [_frames_to_stance(len(standing), phases(standing[:, side])) for side in range(len(soles))]
    return LockedFeet(
        ankles=np.stack([path for path, _ in feet], axis=1),
        frames=np.stack([turns for _, turns in feet], axis=1),
        hold=ease(1.0 - np.stack(distance, axis=1) / (HOLD * fps)),
    )


def _lock_foot(
    sole: Sole,
    ankles: np.ndarray,
    frames: np.ndarray,
    stances: list[tuple[int, int]],
    turning: np.ndarray,
    fps: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions [T, 3] and frames [T, 3, 3] of one foot."""
    width = SMOOTHING * fps
    frames = matrices(smoothed_rotations(quaternions(_level(frames, stances, fps)), width))
    height, pivots = sole.ankle_height(frames), _pivots(sole, frames, turning)
    offset = np.zeros_like(ankles)
    for start, end in stances:
        part = slice(start, end)
        path = _rolling_path(frames[part], pivots[part], ankles[part], height[part], fps)
        offset[start:end] = path - ankles[start:end]
    path = ankles + _faded(offset, stances, fps)
    # The path leaves and enters stances without corners and stays the same within them.
    weight = ease(_frames_to_stance(len(path), stances) / np.ceil(2 * width))[:, None]
    path = path + weight * (smoothed(path, width) - path)
    path[:, 2] = np.maximum(path[:, 2], height)
    return path, frames


def _frames_to_stance(frames: int, stances: list[tuple[int, int]]) -> np.ndarray:
    """Return how many frames each is away from the nearest of a stance, 0 within one, [T]."""
    time = np.arange(frames)
    distance = np.full(frames, np.inf)
    for start, end in stances:
        distance = np.minimum(distance, np.maximum(np.maximum(start - time, time - end + 1), 0))
    return distance


def _level(frames: np.ndarray, stances: list[tuple[int, int]], fps: float) -> np.ndarray:
    """Return the frames of a foot [T, 3, 3] with those of stances flat, where nearly so, and of constant heading."""
    result = frames.copy()
    ramp = max(round(RAMP * fps), 1)
    for start, end in stances:
        first, last = max(start - ramp, 0), min(end + ramp, len(frames))
        flat = _flattened(frames[first:last], start - first, end - first)
        outside = _frames_to_stance(last - first, [(start - first, end - first)])
        result[first:last] = _blend(result[first:last], flat, ease(1.0 - outside / (ramp + 1)))
    return result


def _flattened(frames: np.ndarray, start: int, end: int) -> np.ndarray:
    """Return frames [T, 3, 3] as those of a standing foot; it stands from `start` to before `end`."""
    yaw = np.unwrap(np.arctan2(frames[:, 1, 0], frames[:, 0, 0]))
    about_vertical = _turn_about_z(yaw)
    tilt = rotation_vector(quaternions(np.swapaxes(about_vertical, -1, -2) @ frames))
    angle = np.linalg.norm(tilt, axis=-1, keepdims=True)
    kept = tilt * ease((angle - FLAT_TILT) / (ROLLING_TILT - FLAT_TILT))
    if np.ptp(yaw[start:end]) < PIVOT:
        about_vertical = _turn_about_z(np.full_like(yaw, np.median(yaw[start:end])))
    return about_vertical @ matrices(from_rotation_vector(kept))


def _turn_about_z(angles: np.ndarray) -> np.ndarray:
    return matrices(from_rotation_vector(angles[:, None] * np.array([0.0, 0.0, 1.0])))


def _blend(first: np.ndarray, second: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return frames between two sets of frames [T, 3, 3], at weight [T] of the second, on the shorter arc."""
    turn = rotation_vector(quaternions(second @ np.swapaxes(first, -1, -2)))
    return matrices(from_rotation_vector(weight[:, None] * turn)) @ first


def _pivots(sole: Sole, frames: np.ndarray, turning: np.ndarray) -> np.ndarray:
    """Return the point about which a standing foot turns, seen from its ankle, m, [T, 3]."""
    tilt = np.arccos(np.clip(frames[:, 2, 2], -1.0, 1.0))
    level = 1.0 - ease(tilt / LEVEL_TILT)[:, None]
    return level * sole.between_ends(turning) + (1.0 - level) * sole.lowest(frames)


def _rolling_path(
    frames: np.ndarray, pivots: np.ndarray, ankles: np.ndarray, height: np.ndarray, fps: float
) -> np.ndarray:
    """Return the path of an ankle whose foot rolls on the ground without sliding, near to where it would be, [T, 3]."""
    pivot = pivots[:-1, :, None]
    # From frame to frame the ankle moves as it turns about the pivot.
    steps = (frames[:-1] @ pivot - frames[1:] @ pivot)[..., 0]
    path = np.concatenate((np.zeros((1, 3)), np.cumsum(steps, axis=0)))
    away = (ankles - path)[:, :2]
    path[:, :2] += away.mean(axis=0) + _slow_drift(away - away.mean(axis=0), fps)
    path[:, 2] = height
    return path


def _slow_drift(away: np.ndarray, fps: float) -> np.ndarray:
    """Return how a foot follows one that is further away than allowed, given as [T, 2], m, [T, 2]."""
    width = DRIFT_TIME * fps
    slow = smoothed(away, width)
    distance = np.maximum(np.linalg.norm(slow, axis=-1, keepdims=True), 1e-9)
    # Short stances end before it matters.
    return np.clip(len(away) / width - 1.0, 0.0, 1.0) * slow * np.maximum(1.0 - DRIFT / distance, 0.0)


def _faded(offset: np.ndarray, stances: list[tuple[int, int]], fps: float) -> np.ndarray:
    """Return offsets [T, 3] that are given in stances and go smoothly from one to the next."""
    result = offset.copy()
    fade = FADE * fps
    ends = [(0, None), *((end, end - 1) for _, end in stances)]
    starts = [*((start, start) for start, _ in stances), (len(offset), None)]
    for (first, before), (last, after) in zip(ends, starts, strict=True):
        time = np.arange(first, last)[:, None]
        if before is not None:
            span = min(fade, last - before) if after is not None else fade
            result[first:last] += offset[before] * (1.0 - ease((time - before) / span))
        if after is not None:
            span = min(fade, after - (before if before is not None else -fade))
            result[first:last] += offset[after] * (1.0 - ease((after - time) / span))
    return result
