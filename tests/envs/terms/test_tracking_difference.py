# SPDX-License-Identifier: Apache-2.0
"""The difference that a discriminator of differences sees, by hand."""

import dataclasses

import torch
from tests.envs.states import moved, random_state

from protomotions_envs.state import RobotState
from protomotions_envs.terms.tracking_difference import tracking_difference

B, J, N = 5, 3, 4
ANCHOR = 1
QUARTER = [0.5**0.5, 0.0, 0.0, 0.5**0.5]


def at_rest() -> RobotState:
    """One robot of two bodies at the origin, upright and still."""
    zeros = torch.zeros(1, 2, 3)
    return dataclasses.replace(
        random_state(1, 2, 1),
        body_pos=zeros,
        body_rot=torch.tensor([[[1.0, 0.0, 0.0, 0.0]] * 2]),
        body_lin_vel=zeros,
        body_ang_vel=zeros,
    )


def test_is_zero_exactly_where_state_and_reference_agree():
    """Also where a quaternion has the other sign, which is the same rotation; joints aren't compared."""
    state = random_state(N, B, J, 0)
    other = dataclasses.replace(state, body_rot=-state.body_rot, joint_pos=state.joint_pos + 1.0)
    for reference in (state, other):
        found = tracking_difference(state, reference, ANCHOR)
        assert found.shape == (N, 15 * B - 2)
        assert not found.any()


def test_entries_by_hand():
    """Anchor 0 should be higher, body 1 further left; body 1 turned a quarter to the left, moving and turning."""
    state = at_rest()
    reference = dataclasses.replace(
        state,
        body_pos=torch.tensor([[[7.0, 8.0, 0.1], [0.0, 0.2, 0.0]]]),
        body_rot=torch.tensor([[[1.0, 0.0, 0.0, 0.0], QUARTER]]),
        body_lin_vel=torch.tensor([[[0.0, 0.0, 0.0], [0.3, 0.0, 0.0]]]),
        body_ang_vel=torch.tensor([[[0.0, 0.0, 0.4], [0.0, 0.0, 0.0]]]),
    )
    # Position of body 1; x axes, z axes, linear and angular velocities of both bodies.
    x = [0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 0.3, 0.0, 0.0]
    y = [0.2, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    z = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.4, 0.0]
    torch.testing.assert_close(tracking_difference(state, reference, 0), torch.tensor([[0.1, *x, *y, *z]]))


def test_drift_and_heading_show():
    """A robot in the right pose at a wrong place, or the wrong way round, differs: the frame is the world's."""
    reference = random_state(N, B, J, 0)
    found = tracking_difference(moved(reference, 0.0, (-0.5, 0.25)), reference, ANCHOR)
    x, y = found[:, 1 : 1 + B - 1], found[:, 5 * B : 5 * B + B - 1]
    torch.testing.assert_close(x, torch.full_like(x, 0.5))
    torch.testing.assert_close(y, torch.full_like(y, -0.25))
    assert found.abs().sum() == found[:, 1:B].abs().sum() + y.abs().sum()
    assert tracking_difference(moved(reference, 0.3, (0.0, 0.0)), reference, ANCHOR).abs().amax(dim=1).min() > 0.05
