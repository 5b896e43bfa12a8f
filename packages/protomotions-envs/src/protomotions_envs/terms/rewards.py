# SPDX-License-Identifier: Apache-2.0
"""Reward terms: plain functions of what happened, [N] each.

Tracking terms are squared errors; their reward is exp(-scale * error). Squared errors are means over bodies and over
axes, as in ProtoMotions, so a scale is three times the one for squared norms of vectors. The terms are those of
DeepMimic (Peng et al. 2018, section 5) and BeyondMimic (Liao et al. 2025, section 3).
"""

from __future__ import annotations

from torch import Tensor

from protomotions_envs.terms.tracking_errors import TrackingErrors


def body_position(errors: TrackingErrors) -> Tensor:
    """Return the mean (p - p*)^2 over bodies and axes, m^2."""
    return _mean_square(errors.body_positions)


def relative_body_position(errors: TrackingErrors) -> Tensor:
    """Return `body_position` of positions in the heading frame of each root: drift and heading don't count."""
    return _mean_square(errors.heading_relative_positions)


def body_rotation(errors: TrackingErrors) -> Tensor:
    """Return the mean angle^2 over bodies, rad^2."""
    return errors.body_angles.square().mean(-1)


def body_velocity(errors: TrackingErrors) -> Tensor:
    """Return the mean (v - v*)^2 over bodies and axes, m^2/s^2."""
    return _mean_square(errors.body_velocities)


def body_angular_velocity(errors: TrackingErrors) -> Tensor:
    """Return the mean (w - w*)^2 over bodies and axes, rad^2/s^2."""
    return _mean_square(errors.body_angular_velocities)


def root_height(errors: TrackingErrors) -> Tensor:
    """Return (z - z*)^2 of the root, m^2."""
    return errors.root_height.square()


def root_position(errors: TrackingErrors) -> Tensor:
    """Return |p - p*|^2 of the root, m^2."""
    return errors.body_positions[:, 0].square().sum(-1)


def root_rotation(errors: TrackingErrors) -> Tensor:
    """Return angle^2 of the root, rad^2."""
    return errors.body_angles[:, 0].square()


def contact_mismatch(errors: TrackingErrors, feet: Tensor) -> Tensor:
    """Return the number of feet [F], given by index, that touch the ground when the reference's don't or vice versa."""
    return (errors.state.body_contact[:, feet] - errors.reference.body_contact[:, feet]).abs().sum(-1)


def _mean_square(difference: Tensor) -> Tensor:
    return difference.square().mean(dim=(-2, -1))
