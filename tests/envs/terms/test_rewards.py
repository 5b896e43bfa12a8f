# SPDX-License-Identifier: Apache-2.0
"""Reward terms against numbers worked out by hand."""

import dataclasses
import math

import pytest
import torch
from tests.envs.states import random_state

from protomotions_envs import rotations
from protomotions_envs.terms import rewards, tracking_errors

N, B, J = 3, 4, 2
STATE = random_state(N, B, J)
TRACKING = [
    "body_position",
    "relative_body_position",
    "body_rotation",
    "body_velocity",
    "body_angular_velocity",
    "root_position",
    "root_rotation",
    "root_height",
]


@pytest.mark.parametrize("name", TRACKING)
def test_perfect_tracking_earns_one(name):
    """On the reference each tracking term is 1; elsewhere it is less and positive."""
    term = getattr(rewards, name)
    torch.testing.assert_close(term(STATE, STATE, scale=7.0), torch.ones(N))
    other = term(STATE, random_state(N, B, J, 1), scale=0.1)
    assert bool(((other > 0) & (other < 1)).all())


def test_body_position_averages_over_bodies_and_axes():
    """One of four bodies off by 0.6 m on one of three axes: mean square 0.36 / 12 = 0.03."""
    position = STATE.body_pos.clone()
    position[:, 2, 1] += 0.6
    found = rewards.body_position(dataclasses.replace(STATE, body_pos=position), STATE, scale=10.0)
    torch.testing.assert_close(found, torch.full((N,), math.exp(-0.3)))


def test_body_rotation_averages_squared_angles():
    """One of four bodies turned by 0.8 rad: mean square 0.16."""
    turned = STATE.body_rot.clone()
    turned[:, 1] = rotations.multiply(rotations.axis_angle(torch.tensor([0.0, 0.8, 0.0])).expand(N, 4), turned[:, 1])
    found = rewards.body_rotation(dataclasses.replace(STATE, body_rot=turned), STATE, scale=5.0)
    torch.testing.assert_close(found, torch.full((N,), math.exp(-0.8)), atol=1e-5, rtol=1e-5)


def test_root_terms_by_hand():
    """A root 0.3 m ahead and 0.1 m low."""
    position = STATE.body_pos + torch.tensor([0.3, 0.0, -0.1])
    state = dataclasses.replace(STATE, body_pos=position)
    torch.testing.assert_close(rewards.root_position(state, STATE, scale=2.0), torch.full((N,), math.exp(-0.2)))
    torch.testing.assert_close(rewards.root_height(state, STATE, scale=100.0), torch.full((N,), math.exp(-1.0)))
    assert tracking_errors.root_relative_distances(state, STATE).max() < 1e-6


def test_relative_body_position_ignores_drift_and_heading_but_not_height():
    """A robot that has drifted and turned as a whole is right; one that floats 0.1 m is off by 0.01 / 3 on average."""
    turn = rotations.axis_angle(torch.tensor([0.0, 0.0, 2.0])).expand(N, B, 4)
    drifted = dataclasses.replace(
        STATE,
        body_pos=rotations.rotate(turn, STATE.body_pos) + torch.tensor([4.0, 1.0, 0.0]),
        body_rot=rotations.multiply(turn, STATE.body_rot),
    )
    torch.testing.assert_close(
        rewards.relative_body_position(drifted, STATE, scale=100.0), torch.ones(N), atol=1e-4, rtol=0
    )
    floating = dataclasses.replace(STATE, body_pos=STATE.body_pos + torch.tensor([0.0, 0.0, 0.1]))
    found = rewards.relative_body_position(floating, STATE, scale=100.0)
    torch.testing.assert_close(found, torch.full((N,), math.exp(-1 / 3)), atol=1e-5, rtol=0)


def test_costs_by_hand():
    """Action rate, power and contact mismatch."""
    action, previous = torch.tensor([[0.5, -0.5]]), torch.tensor([[0.0, 0.5]])
    assert rewards.action_rate(action, previous).item() == pytest.approx(1.25)
    assert rewards.power(torch.tensor([[2.0, -3.0]]), torch.tensor([[-1.0, -2.0]])).item() == pytest.approx(8.0)
    contact = torch.tensor([[True, False, True, False]]).expand(N, 4)
    flipped = torch.tensor([[False, False, True, True]]).expand(N, 4)
    state = dataclasses.replace(STATE, body_contact=contact)
    reference = dataclasses.replace(STATE, body_contact=flipped)
    assert rewards.contact_mismatch(state, reference, torch.tensor([0, 1, 3])).tolist() == [2.0, 2.0, 2.0]


def test_root_tilt_ignores_yaw():
    """Tilt is the angle between the z axes: a roll of 0.6 rad counts, a yaw doesn't."""

    def rooted(vector):
        rotation = STATE.body_rot.clone()
        rotation[:, 0] = rotations.axis_angle(torch.tensor(vector))
        return dataclasses.replace(STATE, body_rot=rotation)

    upright, turned, rolled = rooted([0.0, 0.0, 0.0]), rooted([0.0, 0.0, 1.5]), rooted([0.6, 0.0, 0.0])
    assert tracking_errors.root_tilt_error(turned, upright).max() < 1e-3
    torch.testing.assert_close(tracking_errors.root_tilt_error(rolled, upright), torch.full((N,), 0.6))
