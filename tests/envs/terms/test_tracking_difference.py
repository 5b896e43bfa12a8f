# SPDX-License-Identifier: Apache-2.0
"""The difference that a discriminator of differences sees, by hand."""

import dataclasses
import math

import torch
from tests.envs.states import moved, random_state

from protomotions_envs import rotations
from protomotions_envs.state import RobotState
from protomotions_envs.terms import tracking_difference as terms

B, J, N = 5, 3, 4
ANCHOR = 1
QUARTER = [0.5**0.5, 0.0, 0.0, 0.5**0.5]


def tracking_difference(state: RobotState, reference: RobotState, anchor: int) -> torch.Tensor:
    """All columns of the term side by side."""
    return torch.cat(terms.tracking_difference(state, reference, anchor), dim=1)


def upright_robot() -> RobotState:
    """One robot of two bodies at the origin, upright."""
    upright = torch.tensor([[[1.0, 0.0, 0.0, 0.0]] * 2])
    return dataclasses.replace(random_state(1, 2, 1), body_pos=torch.zeros(1, 2, 3), body_rot=upright)


def poses(difference: torch.Tensor, num_joints: int) -> torch.Tensor:
    """Its columns but the joints', [N, 3, 3 B - 1]."""
    return difference[:, :-num_joints].unflatten(1, (3, -1))


def test_is_zero_where_state_and_reference_agree():
    """Also where a quaternion has the other sign, the same rotation; neither bodies' velocities nor angles count."""
    state = random_state(N, B, J, 0)
    unlike = random_state(N, B, J, 1)
    other = dataclasses.replace(unlike, body_pos=state.body_pos, body_rot=-state.body_rot, joint_vel=state.joint_vel)
    for reference in (state, other):
        found = tracking_difference(state, reference, ANCHOR)
        assert found.shape == (N, 9 * B - 3 + J)
        assert found.abs().max() < 1e-6


def test_entries_by_hand():
    """The anchor 0 should be higher and further on, body 1 further left; body 1 turned a quarter to the left.

    The joint, which turns at 0.5 rad/s, should turn back at 1.
    """
    state = dataclasses.replace(upright_robot(), joint_vel=torch.tensor([[0.5]]))
    reference = dataclasses.replace(
        state,
        body_pos=torch.tensor([[[7.0, 8.0, 0.1], [0.0, 0.2, 0.0]]]),
        body_rot=torch.tensor([[[1.0, 0.0, 0.0, 0.0], QUARTER]]),
        joint_vel=torch.tensor([[-1.0]]),
    )
    # Positions of both bodies, of body 1 relative to the anchor, rotation vectors of both.
    x = [7.0, 0.0, -7.0, 0.0, 0.0]
    y = [8.0, 0.2, -7.8, 0.0, 0.0]
    z = [0.1, 0.0, -0.1, 0.0, math.pi / 2]
    torch.testing.assert_close(tracking_difference(state, reference, 0), torch.tensor([[*x, *y, *z, -1.5]]))


def test_turns_are_in_the_world_frame():
    """Who lies on the back and should be turned to the left about the world's vertical is told so, not its own axis."""
    lying = [0.5**0.5, 0.5**0.5, 0.0, 0.0]
    state = dataclasses.replace(upright_robot(), body_rot=torch.tensor([[lying, lying]]))
    turn = torch.tensor([QUARTER, QUARTER])
    reference = dataclasses.replace(state, body_rot=rotations.multiply(turn, state.body_rot[0]).unsqueeze(0))
    found = poses(tracking_difference(state, reference, 0), 1)[0, :, 3:]
    torch.testing.assert_close(found, torch.tensor([[0.0, 0.0], [0.0, 0.0], [math.pi / 2, math.pi / 2]]))


def test_drift_shows_in_the_first_positions_only():
    """A robot in the right pose at a wrong place differs in world positions, by the drift, and in nothing else."""
    reference = random_state(N, B, J, 0)
    difference = tracking_difference(moved(reference, 0.0, (-0.5, 0.25)), reference, ANCHOR)
    found = poses(difference, J)
    drift = torch.tensor([0.5, -0.25, 0.0]).view(1, 3, 1).expand(N, 3, B)
    torch.testing.assert_close(found[:, :, :B], drift)
    assert found[:, :, B:].abs().max() < 1e-6
    assert difference[:, -J:].abs().max() == 0.0


def test_heading_shows():
    """A robot in the right pose, but facing another way, differs in all its turns by that angle about the vertical."""
    reference = random_state(N, B, J, 0)
    found = poses(tracking_difference(moved(reference, 0.3, (0.0, 0.0)), reference, ANCHOR), J)
    turn = torch.tensor([0.0, 0.0, -0.3]).view(1, 3, 1).expand(N, 3, B)
    torch.testing.assert_close(found[:, :, -B:], turn, atol=1e-5, rtol=0)
    assert found[:, :, :-B].abs().amax(dim=(1, 2)).min() > 0.05
