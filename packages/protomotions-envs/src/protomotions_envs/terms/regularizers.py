# SPDX-License-Identifier: Apache-2.0
"""Costs of how a robot moves, whatever it is asked to do: plain functions of what happened, [N] each."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_envs import rotations


def action_rate(action: Tensor, previous_action: Tensor) -> Tensor:
    """Return the squared change |a - a_previous|^2 of actions [N, J]."""
    return (action - previous_action).square().sum(-1)


def power(joint_torque: Tensor, joint_vel: Tensor) -> Tensor:
    """Return the mechanical power sum |torque velocity|, W."""
    return (joint_torque * joint_vel).abs().sum(-1)


def effort(joint_torque: Tensor, effort_limit: Tensor) -> Tensor:
    """Return the sum of (torque / limit)^2 over joints; limits N m, [J]."""
    return (joint_torque / effort_limit).square().sum(-1)


def joint_velocity(joint_vel: Tensor) -> Tensor:
    """Return the sum of squared joint velocities, rad^2/s^2."""
    return joint_vel.square().sum(-1)


def joint_limit(joint_pos: Tensor, lower: Tensor, upper: Tensor) -> Tensor:
    """Return how far joints are outside the range lower..upper [J], summed, rad."""
    return ((lower - joint_pos).clamp_min(0.0) + (joint_pos - upper).clamp_min(0.0)).sum(-1)


def posture(joint_pos: Tensor, default_pose: Tensor) -> Tensor:
    """Return the sum of squared distances of joints from the default pose [J], rad^2."""
    return (joint_pos - default_pose).square().sum(-1)


def tilt(root_rot: Tensor) -> Tensor:
    """Return sin^2 of the angle between the root's z axis and the vertical, 1 beyond a right angle; quaternions [N, 4].

    The squared horizontal part of gravity's direction in the root's frame (Isaac Lab's `flat_orientation_l2`), by which
    alone a robot upside down would pay nothing.
    """
    x, y, z = rotations.z_axis(root_rot).unbind(-1)
    return torch.where(z > 0.0, x.square() + y.square(), 1.0)
