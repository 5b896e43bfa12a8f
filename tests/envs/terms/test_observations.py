# SPDX-License-Identifier: Apache-2.0
"""Observation terms: sizes, hand-computed entries and invariance to where the robot stands."""

import dataclasses

import pytest
import torch
from tests.envs.states import random_state

from protomotions_envs import rotations
from protomotions_envs.state import RobotState
from protomotions_envs.terms import observations

B, J, N, K = 5, 3, 4, 2


def moved(state: RobotState, yaw: float, shift: tuple[float, float]) -> RobotState:
    """Turn a state about the world's z axis and move it horizontally."""
    turn = rotations.axis_angle(torch.tensor([0.0, 0.0, yaw])).expand(*state.body_rot.shape)
    return dataclasses.replace(
        state,
        body_pos=rotations.rotate(turn, state.body_pos) + torch.tensor([*shift, 0.0]),
        body_rot=rotations.multiply(turn, state.body_rot),
        body_lin_vel=rotations.rotate(turn, state.body_lin_vel),
        body_ang_vel=rotations.rotate(turn, state.body_ang_vel),
    )


def yaw_of(state: RobotState, anchor: int = 1) -> torch.Tensor:
    """Heading of body 1."""
    return rotations.heading(state.body_rot[:, anchor])


def terms(state: RobotState, reference: RobotState) -> dict[str, torch.Tensor]:
    """All terms that compare frames."""
    yaw = yaw_of(state)
    future = [torch.stack([part] * K, 1) for part in (reference.root_pos, reference.root_rot, reference.joint_pos)]
    return {
        "max_coords": observations.max_coords(state, 1, yaw),
        "body_difference": observations.body_difference(state, reference, yaw),
        "future_poses": observations.future_poses(state, *future, yaw),
        "mimic_target": observations.mimic_target(state, reference, 1, yaw),
    }


SIZES = {"max_coords": 15 * B - 2, "body_difference": 3 * B, "future_poses": K * (9 + J), "mimic_target": 24 * B}


@pytest.mark.parametrize("name", SIZES)
def test_size(name):
    """Sizes are those of the documentation."""
    state, reference = random_state(N, B, J, 0), random_state(N, B, J, 1)
    assert terms(state, reference)[name].shape == (N, SIZES[name])


@pytest.mark.parametrize("name", SIZES)
def test_terms_ignore_place_and_heading(name):
    """Moving and turning robot and reference together changes nothing."""
    state, reference = random_state(N, B, J, 0), random_state(N, B, J, 1)
    here = terms(state, reference)[name]
    there = terms(moved(state, 1.1, (3.0, -2.0)), moved(reference, 1.1, (3.0, -2.0)))[name]
    torch.testing.assert_close(here, there, atol=2e-5, rtol=1e-4)


def test_max_coords_entries_by_hand():
    """A robot that faces +y: what lies ahead of it is x in its own frame."""
    state = random_state(1, 2, 1)
    quarter = torch.tensor([0.5**0.5, 0.0, 0.0, 0.5**0.5])
    state = dataclasses.replace(
        state,
        body_pos=torch.tensor([[[1.0, 1.0, 0.8], [1.0, 3.0, 0.5]]]),
        body_rot=quarter.expand(1, 2, 4),
        body_lin_vel=torch.tensor([[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]]),
        body_ang_vel=torch.tensor([[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]]),
    )
    expected = [0.8, 2, 0, -0.3, *[1, 0, 0, 0, 0, 1] * 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0]
    found = observations.max_coords(state, 0, rotations.heading(state.body_rot[:, 0]))
    torch.testing.assert_close(found, torch.tensor([expected]).float(), atol=1e-6, rtol=0)


def test_targets_vanish_on_the_reference():
    """On its reference a robot sees no differences, and orientation differences are the identity."""
    state = random_state(N, B, J)
    found = terms(state, state)
    assert found["body_difference"].abs().max() == 0
    target = found["mimic_target"]
    assert target[:, 3 * B : 6 * B].abs().max() == 0
    identity = torch.tensor([1.0, 0, 0, 0, 0, 1]).repeat(B).expand(N, -1)
    torch.testing.assert_close(target[:, 12 * B : 18 * B], identity, atol=1e-5, rtol=0)
    assert target[:, 18 * B :].abs().max() == 0


def test_joint_state_is_angles_then_velocities():
    """Angles come first."""
    state = random_state(N, B, J)
    found = observations.joint_state(state)
    assert torch.equal(found[:, :J], state.joint_pos)
    assert torch.equal(found[:, J:], state.joint_vel)
