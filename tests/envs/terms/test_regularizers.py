# SPDX-License-Identifier: Apache-2.0
"""Costs of how a robot moves, against numbers worked out by hand."""

import math

import torch

from protomotions_envs import rotations
from protomotions_envs.terms import regularizers

TORQUE = torch.tensor([[2.0, -3.0], [0.0, 0.0]])
VELOCITY = torch.tensor([[-1.0, 4.0], [5.0, 0.0]])
ANGLE = torch.tensor([[0.5, -0.25], [1.5, -2.0]])


def same(found: torch.Tensor, expected: list[float]) -> None:
    """Compare the costs of two robots."""
    torch.testing.assert_close(found, torch.tensor(expected))


def test_action_rate():
    """0.5^2 + 1^2 for one robot; the other repeats its action."""
    action, previous = torch.tensor([[0.5, -0.5], [0.3, 0.3]]), torch.tensor([[0.0, 0.5], [0.3, 0.3]])
    same(regularizers.action_rate(action, previous), [1.25, 0.0])


def test_power():
    """Braking costs as much as driving: 2 + 12; without torque motion is free."""
    same(regularizers.power(TORQUE, VELOCITY), [14.0, 0.0])


def test_effort():
    """Half the first joint's limit and all of the second's: 0.25 + 1."""
    same(regularizers.effort(TORQUE, torch.tensor([4.0, 3.0])), [1.25, 0.0])


def test_joint_velocity():
    """1 + 16 and 25."""
    same(regularizers.joint_velocity(VELOCITY), [17.0, 25.0])


def test_joint_limit():
    """Only what is outside counts, on either side: 0.5 above and 1 below."""
    lower, upper = torch.tensor([-1.0, -1.0]), torch.tensor([1.0, 1.0])
    same(regularizers.joint_limit(ANGLE, lower, upper), [0.0, 1.5])


def test_posture():
    """0.5^2 + 0.25^2 and 1.5^2 + 2^2 from a pose of zeros, nothing in the pose itself."""
    same(regularizers.posture(ANGLE, torch.zeros(2)), [0.3125, 6.25])
    same(regularizers.posture(ANGLE[:1].expand(2, -1), ANGLE[0]), [0.0, 0.0])


def test_tilt():
    """Nothing upright, whatever the heading; a quarter at 30 degrees to any side; all of it from a right angle on."""
    angle = torch.tensor([0.0, 2.0, math.pi / 6, math.pi / 6, math.pi / 2, math.pi])
    axis = torch.tensor([[0.0, 0, 1], [0, 0, 1], [1, 0, 0], [0, -1, 0], [0, 1, 0], [1, 0, 0]])
    found = regularizers.tilt(rotations.axis_angle(angle[:, None] * axis))
    torch.testing.assert_close(found, torch.tensor([0.0, 0.0, 0.25, 0.25, 1.0, 1.0]))
