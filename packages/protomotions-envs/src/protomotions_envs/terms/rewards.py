# SPDX-License-Identifier: Apache-2.0
"""Reward terms: plain functions of the simulated state and its reference, [N].

Squared errors are means over bodies and over axes before the exponential, as in ProtoMotions, so a coefficient is
three times the one for squared norms of vectors. The tracking terms are those of DeepMimic (Peng et al. 2018,
section 5) and BeyondMimic (Liao et al. 2025, section 3).
"""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.state import RobotState
from protomotions_envs.terms import tracking_errors


def body_position(state: RobotState, reference: RobotState, *, scale: float) -> Tensor:
    """Return exp(-scale mean (p - p*)^2), the mean over bodies and axes, m."""
    return _closeness(state.body_pos - reference.body_pos, scale)


def relative_body_position(state: RobotState, reference: RobotState, *, scale: float) -> Tensor:
    """Return `body_position` of positions in the heading frame of each root: drift and heading don't count."""
    return _closeness(tracking_errors.heading_relative_difference(state, reference), scale)


def body_rotation(state: RobotState, reference: RobotState, *, scale: float) -> Tensor:
    """Return exp(-scale mean angle^2), the mean over bodies, rad."""
    return torch.exp(-scale * tracking_errors.body_angles(state, reference).square().mean(-1))


def body_velocity(state: RobotState, reference: RobotState, *, scale: float) -> Tensor:
    """Return exp(-scale mean (v - v*)^2), the mean over bodies and axes, m/s."""
    return _closeness(state.body_lin_vel - reference.body_lin_vel, scale)


def body_angular_velocity(state: RobotState, reference: RobotState, *, scale: float) -> Tensor:
    """Return exp(-scale mean (w - w*)^2), the mean over bodies and axes, rad/s."""
    return _closeness(state.body_ang_vel - reference.body_ang_vel, scale)


def root_height(state: RobotState, reference: RobotState, *, scale: float) -> Tensor:
    """Return exp(-scale (z - z*)^2) of the root, m."""
    return torch.exp(-scale * tracking_errors.root_height_error(state, reference).square())


def root_position(state: RobotState, reference: RobotState, *, scale: float) -> Tensor:
    """Return exp(-scale |p - p*|^2) of the root, m."""
    return torch.exp(-scale * (state.root_pos - reference.root_pos).square().sum(-1))


def root_rotation(state: RobotState, reference: RobotState, *, scale: float) -> Tensor:
    """Return exp(-scale angle^2) of the root, rad."""
    return torch.exp(-scale * rotations.angle_between(state.root_rot, reference.root_rot).square())


def action_rate(action: Tensor, previous_action: Tensor) -> Tensor:
    """Return the squared change |a - a_previous|^2 of actions [N, J]."""
    return (action - previous_action).square().sum(-1)


def power(joint_torque: Tensor, joint_vel: Tensor) -> Tensor:
    """Return the mechanical power sum |torque velocity|, W."""
    return (joint_torque * joint_vel).abs().sum(-1)


def contact_mismatch(state: RobotState, reference: RobotState, feet: Tensor) -> Tensor:
    """Return the number of feet [F], given by index, that touch the ground when the reference's don't or vice versa."""
    return (state.body_contact[:, feet] != reference.body_contact[:, feet]).sum(-1).float()


def _closeness(difference: Tensor, scale: float) -> Tensor:
    return torch.exp(-scale * difference.square().mean(dim=(-2, -1)))
