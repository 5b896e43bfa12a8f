# SPDX-License-Identifier: Apache-2.0
"""Reward terms against numbers worked out by hand."""

import dataclasses

import pytest
import torch
from tests.envs.states import random_state

from protomotions_envs import rotations
from protomotions_envs.state import RobotState
from protomotions_envs.terms import rewards
from protomotions_envs.terms.tracking_errors import TrackingErrors

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


def errors_of(state: RobotState) -> TrackingErrors:
    """Errors of a state that should be `STATE`."""
    return TrackingErrors(state, STATE)


def with_one_body_turned(body: int, vector: list[float]) -> RobotState:
    """`STATE` with one body turned by a rotation vector."""
    turned = STATE.body_rot.clone()
    turned[:, body] = rotations.multiply(rotations.axis_angle(torch.tensor(vector)).expand(N, 4), turned[:, body])
    return dataclasses.replace(STATE, body_rot=turned)


@pytest.mark.parametrize("name", TRACKING)
def test_perfect_tracking_has_no_error(name):
    """On the reference each squared error is 0; elsewhere it is positive."""
    term = getattr(rewards, name)
    torch.testing.assert_close(term(errors_of(STATE)), torch.zeros(N), atol=1e-6, rtol=0)
    other = term(errors_of(random_state(N, B, J, 1)))
    assert other.shape == (N,)
    assert bool(((other > 0) & other.isfinite()).all())


def test_body_position_averages_over_bodies_and_axes():
    """One of four bodies off by 0.6 m on one of three axes: mean square 0.36 / 12 = 0.03."""
    position = STATE.body_pos.clone()
    position[:, 2, 1] += 0.6
    found = rewards.body_position(errors_of(dataclasses.replace(STATE, body_pos=position)))
    torch.testing.assert_close(found, torch.full((N,), 0.03), atol=1e-6, rtol=0)


def test_body_rotation_averages_squared_angles():
    """One of four bodies turned by 0.8 rad: mean square 0.16."""
    found = rewards.body_rotation(errors_of(with_one_body_turned(1, [0.0, 0.8, 0.0])))
    torch.testing.assert_close(found, torch.full((N,), 0.16), atol=5e-6, rtol=0)


def test_root_rotation_counts_the_root_only():
    """A root turned by 0.5 rad: 0.25; any other body turned: nothing."""
    found = rewards.root_rotation(errors_of(with_one_body_turned(0, [0.3, 0.0, 0.4])))
    torch.testing.assert_close(found, torch.full((N,), 0.25), atol=5e-6, rtol=0)
    assert rewards.root_rotation(errors_of(with_one_body_turned(1, [0.0, 0.8, 0.0]))).max() < 1e-6


def test_velocities_average_over_bodies_and_axes():
    """One of four bodies off by 1.2 m/s on one axis: 1.44 / 12; another by 3 and 4 rad/s on two: 25 / 12."""
    linear, angular = STATE.body_lin_vel.clone(), STATE.body_ang_vel.clone()
    linear[:, 3, 0] += 1.2
    angular[:, 1] += torch.tensor([3.0, 0.0, -4.0])
    errors = errors_of(dataclasses.replace(STATE, body_lin_vel=linear, body_ang_vel=angular))
    torch.testing.assert_close(rewards.body_velocity(errors), torch.full((N,), 0.12), atol=1e-6, rtol=0)
    torch.testing.assert_close(rewards.body_angular_velocity(errors), torch.full((N,), 25 / 12), atol=1e-6, rtol=1e-6)


def test_root_terms_by_hand():
    """A root 0.3 m ahead and 0.1 m low."""
    errors = errors_of(dataclasses.replace(STATE, body_pos=STATE.body_pos + torch.tensor([0.3, 0.0, -0.1])))
    torch.testing.assert_close(rewards.root_position(errors), torch.full((N,), 0.1), atol=5e-6, rtol=0)
    torch.testing.assert_close(rewards.root_height(errors), torch.full((N,), 0.01), atol=2e-7, rtol=0)
    assert errors.root_relative_distances.max() < 1e-6


def test_relative_body_position_ignores_drift_and_heading_but_not_height():
    """A robot that has drifted and turned as a whole is right; one that floats 0.1 m is off by 0.01 / 3 on average."""
    turn = rotations.axis_angle(torch.tensor([0.0, 0.0, 2.0])).expand(N, B, 4)
    drifted = dataclasses.replace(
        STATE,
        body_pos=rotations.rotate(turn, STATE.body_pos) + torch.tensor([4.0, 1.0, 0.0]),
        body_rot=rotations.multiply(turn, STATE.body_rot),
    )
    torch.testing.assert_close(rewards.relative_body_position(errors_of(drifted)), torch.zeros(N), atol=1e-6, rtol=0)
    floating = dataclasses.replace(STATE, body_pos=STATE.body_pos + torch.tensor([0.0, 0.0, 0.1]))
    found = rewards.relative_body_position(errors_of(floating))
    torch.testing.assert_close(found, torch.full((N,), 0.01 / 3), atol=1e-7, rtol=0)


def test_costs_by_hand():
    """Contact mismatch: two feet differ."""
    contact = torch.tensor([[1.0, 0.0, 1.0, 0.0]]).expand(N, 4)
    flipped = torch.tensor([[0.0, 0.0, 1.0, 1.0]]).expand(N, 4)
    state = dataclasses.replace(STATE, body_contact=contact)
    reference = dataclasses.replace(STATE, body_contact=flipped)
    feet = torch.tensor([0, 1, 3])
    assert rewards.contact_mismatch(TrackingErrors(state, reference), feet).tolist() == [2.0, 2.0, 2.0]


def test_root_tilt_ignores_yaw():
    """Tilt is the angle between the z axes: a roll of 0.6 rad counts, a yaw doesn't."""

    def rooted(vector):
        rotation = STATE.body_rot.clone()
        rotation[:, 0] = rotations.axis_angle(torch.tensor(vector))
        return dataclasses.replace(STATE, body_rot=rotation)

    upright, turned, rolled = rooted([0.0, 0.0, 0.0]), rooted([0.0, 0.0, 1.5]), rooted([0.6, 0.0, 0.0])
    assert TrackingErrors(turned, upright).root_tilt.max() < 1e-3
    torch.testing.assert_close(TrackingErrors(rolled, upright).root_tilt, torch.full((N,), 0.6))
