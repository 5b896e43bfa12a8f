# SPDX-License-Identifier: Apache-2.0
"""Footsteps: when and where feet are put down, how they swing there, and which foot carries the weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from protomotions_envs.motions.generation.curves import bump, rise
from protomotions_envs.motions.generation.stance import Stance

SOLE_HALF_LENGTH = 0.085
"""From a sole's centre to the centre of the rounding of its toe and heel edges, m, of the G1."""
SOLE_EDGE_RADIUS = 0.005
"""Of that rounding, m."""


@dataclass(frozen=True)
class Gait:
    """The timing and height of steps."""

    start: float
    """When the first foot leaves the ground, s."""
    swing: float
    """How long a foot is in the air, s."""
    support: float
    """How long both feet carry the weight between two steps, s."""
    lift: float
    """How high a sole is in the middle of a step, m."""
    heel_off: float = 0.0
    """How far the heel rises around the toes before and after a foot leaves, rad."""
    toe_up: float = 0.0
    """How far the toes are up when the heel lands, rad."""
    roll: float = 0.0
    """How far the pressure point goes forward under the foot that carries the weight, half before its centre, m."""


@dataclass(frozen=True, eq=False)
class Footstep:
    """One foot's way through the air."""

    foot: int
    """0 is the left, 1 the right one."""
    place: np.ndarray
    """Where its sole's centre lands, x and y, m, [2]."""
    leave: float
    """When it leaves the ground, s."""
    land: float
    """When it lands, s."""


def alternate(gait: Gait, places: Sequence[np.ndarray]) -> list[Footstep]:
    """Return steps to the places in turn, the left foot first."""
    steps = []
    for index, place in enumerate(places):
        leave = gait.start + index * (gait.swing + gait.support)
        steps.append(Footstep(index % 2, place, leave, leave + gait.swing))
    return steps


def follow_footsteps(
    time: np.ndarray, stance: Stance, gait: Gait, steps: Sequence[Footstep]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return sole positions [T, 2, 3], sole pitches [T, 2] and pressure points [T, 2] of a sequence of steps.

    A foot that isn't swinging turns around its toes or its heel or stays exactly where it is. The pressure point goes
    from foot to foot while both are on the ground, from the stance's centre before the first step and to the middle of
    the feet after the last.
    """
    position = np.tile(stance.soles, (len(time), 1, 1))
    pitch = np.zeros((len(time), 2))
    pressure = np.tile(stance.com[:2], (len(time), 1))
    planted = stance.soles[:, :2].copy()
    weight, since = stance.com[:2], max(0.0, gait.start - 2 * gait.support)
    half_roll = np.array([gait.roll / 2, 0.0])
    for step in steps:
        carrier = planted[1 - step.foot].copy()
        pressure += np.outer(rise(time, since, step.leave), carrier - half_roll - weight)
        pressure += np.outer(rise(time, step.leave, step.land), 2 * half_roll)
        weight, since = carrier + half_roll, step.land
        position[:, step.foot, :2] += np.outer(rise(time, step.leave, step.land), step.place - planted[step.foot])
        position[:, step.foot, 2] += gait.lift * bump(time, step.leave, step.land)
        pitch[:, step.foot] += _swing_pitch(time, gait, step)
        planted[step.foot] = step.place
    middle = planted.mean(axis=0) + stance.com[:2] - stance.soles[:, :2].mean(axis=0)
    pressure += np.outer(rise(time, since, since + 2 * gait.support), middle - weight)
    position[..., 0::2] += _pivot(pitch)
    return position, pitch, pressure


def _swing_pitch(time: np.ndarray, gait: Gait, step: Footstep) -> np.ndarray:
    """Return the pitch of a foot from when its heel rises until its toes are down again, rad, [T]."""
    # The heel rises once the pressure point has left the foot, and the toes are down before it comes back.
    heel_off = bump(time, step.leave - 0.55 * gait.support, step.leave + 0.45 * gait.swing)
    toe_up = bump(time, step.land - 0.35 * gait.swing, step.land + 0.6 * gait.support)
    return gait.heel_off * heel_off - gait.toe_up * toe_up


def _pivot(pitch: np.ndarray) -> np.ndarray:
    """Return how a sole's centre moves forward and up as it turns around the round edge of its toes or heel.

    Args:
        pitch: rad, positive with the toes down; the toes are the pivot then and the heel otherwise, [T, 2].

    Returns:
        m, [T, 2, 2].
    """
    ahead = SOLE_HALF_LENGTH * np.sign(pitch)
    turned_ahead = ahead * np.cos(pitch) + SOLE_EDGE_RADIUS * np.sin(pitch)
    turned_up = SOLE_EDGE_RADIUS * np.cos(pitch) - ahead * np.sin(pitch)
    return np.stack((ahead - turned_ahead, SOLE_EDGE_RADIUS - turned_up), axis=-1)
