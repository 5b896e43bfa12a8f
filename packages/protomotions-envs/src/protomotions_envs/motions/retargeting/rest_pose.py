# SPDX-License-Identifier: Apache-2.0
"""The pose in which a file draws its skeleton, all rotations zero: there, if upright, it tells what is up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protomotions_envs.motions.retargeting.frames import unit
from protomotions_envs.motions.retargeting.roles import Roles
from protomotions_envs.motions.skeleton import Skeleton

_UPRIGHT = 0.9


@dataclass(frozen=True, eq=False)
class RestPose:
    """A rest pose of standing upright, in which the frames of all joints are parallel."""

    up: np.ndarray
    """Where up is, [3]."""
    trunk: np.ndarray
    """Direction from the middle of the hips to the top of the trunk, [3]."""


def upright_rest(skeleton: Skeleton, roles: Roles) -> RestPose | None:
    """Return a skeleton's rest pose if it stands upright there; many files draw theirs otherwise."""
    places = np.zeros((len(skeleton.parents), 3))
    for joint, parent in enumerate(skeleton.parents):
        if parent >= 0:
            places[joint] = places[parent] + skeleton.offsets[joint]
    left, right = roles.legs
    hips = (places[left.hip] + places[right.hip]) / 2
    trunk = unit(top_of_trunk(places, roles) - hips)
    legs = unit(hips - (places[left.ankle] + places[right.ankle]) / 2)
    # Whoever draws a skeleton upright draws it along an axis.
    up = np.where(np.abs(legs) == np.abs(legs).max(), np.sign(legs), 0.0)
    return RestPose(up, trunk) if min(up @ legs, up @ trunk) > _UPRIGHT else None


def top_of_trunk(positions: np.ndarray, roles: Roles) -> np.ndarray:
    """Return where the neck starts, else the middle of the shoulders, m, [..., 3]; positions are [..., K, 3]."""
    if roles.neck is not None:
        return positions[..., roles.neck, :]
    left, right = roles.arms
    return (positions[..., left.shoulder, :] + positions[..., right.shoulder, :]) / 2
