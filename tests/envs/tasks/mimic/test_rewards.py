# SPDX-License-Identifier: Apache-2.0
"""Weights, scales and limits of reward terms, against numbers worked out by hand."""

import dataclasses
import math

import pytest
import torch
from tests.envs.states import random_state

from protomotions_envs import rotations
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.mimic.config import MimicRewards, Tracking
from protomotions_envs.tasks.mimic.rewards import RewardTerms
from protomotions_envs.tasks.regularizers import Penalty
from protomotions_envs.terms.tracking_errors import TrackingErrors

N, B, J = 3, 4, 2
STATE = random_state(N, B, J)
FEET = torch.tensor([0, 1, 3])
TRACKING = [field.name for field in dataclasses.fields(MimicRewards) if isinstance(field.default, Tracking)]
NOTHING = MimicRewards(
    **{field.name: dataclasses.replace(field.default, weight=0.0) for field in dataclasses.fields(MimicRewards)}
)


def rewarded(
    state: RobotState, reference: RobotState = STATE, **settings: Tracking | Penalty
) -> dict[str, torch.Tensor]:
    """Terms of robots in a state."""
    return RewardTerms(dataclasses.replace(NOTHING, **settings), FEET)(TrackingErrors(state, reference))


@pytest.mark.parametrize("name", TRACKING)
def test_perfect_tracking_earns_the_weight(name):
    """On the reference each tracking term is its weight; elsewhere it is less and positive."""
    found = rewarded(STATE, **{name: Tracking(0.7, 7.0)})
    assert set(found) == {name}
    torch.testing.assert_close(found[name], torch.full((N,), 0.7))
    other = rewarded(random_state(N, B, J, 1), **{name: Tracking(0.7, 0.1)})[name]
    assert bool(((other > 0) & (other < 0.7)).all())


def test_every_tracking_term_is_in_the_list():
    """The eight that the settings name."""
    assert TRACKING == [
        "body_position",
        "relative_body_position",
        "body_rotation",
        "body_velocity",
        "body_angular_velocity",
        "root_position",
        "root_rotation",
        "root_height",
    ]


def test_body_position_by_hand():
    """A mean square of 0.36 / 12 = 0.03 at scale 10, and the whole or a quarter of the weight."""
    position = STATE.body_pos.clone()
    position[:, 2, 1] += 0.6
    state = dataclasses.replace(STATE, body_pos=position)
    for weight in (1.0, 0.25):
        found = rewarded(state, body_position=Tracking(weight, 10.0))["body_position"]
        torch.testing.assert_close(found, torch.full((N,), weight * math.exp(-0.3)))


def test_body_rotation_by_hand():
    """A mean square angle of 0.64 / 4 = 0.16 at scale 5."""
    turned = STATE.body_rot.clone()
    turned[:, 1] = rotations.multiply(rotations.axis_angle(torch.tensor([0.0, 0.8, 0.0])).expand(N, 4), turned[:, 1])
    found = rewarded(dataclasses.replace(STATE, body_rot=turned), body_rotation=Tracking(1.0, 5.0))["body_rotation"]
    torch.testing.assert_close(found, torch.full((N,), math.exp(-0.8)), atol=1e-5, rtol=1e-5)


def test_each_term_has_its_own_weight_and_scale():
    """Robots 0.3 m ahead and 0.1 m low: 0.1 and 0.01 at the root, 0.1 / 3 and 0.01 / 3 over axes, else no error."""
    found = rewarded(
        dataclasses.replace(STATE, body_pos=STATE.body_pos + torch.tensor([0.3, 0.0, -0.1])),
        root_height=Tracking(0.3, 100.0),
        root_position=Tracking(0.2, 2.0),
        body_position=Tracking(0.5, 15.0),
        relative_body_position=Tracking(0.4, 100.0),
        body_velocity=Tracking(0.1, 3.0),
    )
    expected = {
        "root_height": 0.3 * math.exp(-1.0),
        "root_position": 0.2 * math.exp(-0.2),
        "body_position": 0.5 * math.exp(-0.5),
        "relative_body_position": 0.4 * math.exp(-1 / 3),
        "body_velocity": 0.1,
    }
    assert set(found) == set(expected)
    for name, value in expected.items():
        torch.testing.assert_close(found[name], torch.full((N,), value), atol=1e-5, rtol=0)


@pytest.mark.parametrize(("limit", "cost"), [(4.0, 2.0), (1.0, 1.0)])
def test_contact_mismatch_by_hand(limit, cost):
    """Two feet that touch the ground as the reference's don't, as long as the limit allows two."""
    state = dataclasses.replace(STATE, body_contact=torch.tensor([[1.0, 0.0, 1.0, 0.0]]).expand(N, B))
    reference = dataclasses.replace(STATE, body_contact=torch.tensor([[0.0, 0.0, 1.0, 1.0]]).expand(N, B))
    found = rewarded(state, reference, contact_mismatch=Penalty(0.5, limit))
    assert set(found) == {"contact_mismatch"}
    torch.testing.assert_close(found["contact_mismatch"], torch.full((N,), -0.5 * cost))


def test_terms_of_weight_zero_are_left_out():
    """Also where that leaves none."""
    assert rewarded(STATE) == {}
    found = rewarded(STATE, root_height=Tracking(1.0, 1.0), contact_mismatch=Penalty(1.0, 1.0))
    assert set(found) == {"root_height", "contact_mismatch"}
