# SPDX-License-Identifier: Apache-2.0
"""Observation terms: sizes, hand-computed entries and invariance to where the robot stands."""

import dataclasses

import pytest
import torch
from tests.envs.states import moved, random_state

from protomotions_envs import rotations
from protomotions_envs.state import Outlook, ResetState, RobotState
from protomotions_envs.terms import observations

B, J, N, K = 5, 3, 4, 2


def yaw_of(state: RobotState, anchor: int = 1) -> torch.Tensor:
    """Heading of body 1."""
    return rotations.heading(state.body_rot[:, anchor])


def terms(state: RobotState, reference: RobotState) -> dict[str, torch.Tensor]:
    """All terms that compare frames."""
    yaw = yaw_of(state)
    future = Outlook(torch.stack([Outlook.of(ResetState.from_state(reference)).rows] * K, 1))
    blocks = {
        "max_coords": observations.max_coords(state, 1, yaw),
        "body_difference": observations.body_difference(state, reference.body_pos, yaw),
        "future_poses": observations.future_poses(state, future, yaw),
        "mimic_target": observations.mimic_target(state, reference, 1, yaw),
    }
    return {name: torch.cat(term, dim=1) for name, term in blocks.items()}


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


QUARTER = [0.5**0.5, 0.0, 0.0, 0.5**0.5]


def facing_left() -> tuple[RobotState, torch.Tensor]:
    """A robot of two bodies that faces +y, and its heading: what lies ahead of it is x in its own frame."""
    state = dataclasses.replace(
        random_state(1, 2, 1),
        body_pos=torch.tensor([[[1.0, 1.0, 0.8], [1.0, 3.0, 0.5]]]),
        body_rot=torch.tensor([[QUARTER, QUARTER]]),
        body_lin_vel=torch.tensor([[[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]]]),
        body_ang_vel=torch.tensor([[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0]]]),
    )
    return state, yaw_of(state, 0)


def reference_ahead() -> RobotState:
    """Where it should be: its root a metre ahead and facing +x, its other body a metre to the left and rising."""
    return dataclasses.replace(
        random_state(1, 2, 1, 1),
        body_pos=torch.tensor([[[1.0, 2.0, 0.8], [0.0, 3.0, 0.5]]]),
        body_rot=torch.tensor([[[1.0, 0.0, 0.0, 0.0], QUARTER]]),
        body_lin_vel=torch.tensor([[[0.0, 0.0, 0.0], [0.0, 0.0, 2.0]]]),
        body_ang_vel=torch.zeros(1, 2, 3),
    )


def by_component(*vectors: list[float]) -> list[float]:
    """Return x of all vectors, y of all, z of all."""
    return [component for components in zip(*vectors, strict=True) for component in components]


def test_max_coords_entries_by_hand():
    """A height; then component by component: the other body's position, x and z axes, linear and angular velocities."""
    state, yaw = facing_left()
    position = [[2, 0, -0.3]]
    axes = [[1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]]
    velocities = [[1, 0, 0], [0, 0, 0], [0, 0, 0], [0, -1, 0]]
    expected = [0.8, *by_component(*position, *axes, *velocities)]
    found = torch.cat(observations.max_coords(state, 0, yaw), dim=1)
    torch.testing.assert_close(found, torch.tensor([expected]).float(), atol=1e-6, rtol=0)


def test_body_difference_by_hand():
    """One body is a metre behind its reference, the other a metre right of it: x of both, y of both, z of both."""
    state, yaw = facing_left()
    (found,) = observations.body_difference(state, reference_ahead().body_pos, yaw)
    torch.testing.assert_close(found, torch.tensor([[1.0, 0, 0, 1, 0, 0]]), atol=1e-6, rtol=0)


def test_future_poses_by_hand():
    """Two poses of two joints: root offsets, x axes and z axes, component by component, then angles pose by pose."""
    state, yaw = facing_left()
    future = ResetState.of(
        root_pos=torch.tensor([[[1.0, 2.0, 0.8], [0.0, 1.0, 1.0]]]),
        root_rot=torch.tensor([[QUARTER, [1.0, 0.0, 0.0, 0.0]]]),
        joint_pos=torch.tensor([[[0.1, 0.2], [0.3, 0.4]]]),
        root_lin_vel=torch.full((1, 2, 3), 9.0),
        root_ang_vel=torch.full((1, 2, 3), 9.0),
        joint_vel=torch.full((1, 2, 2), 9.0),
    )
    offsets = [[1, 0, 0], [0, 1, 0.2]]
    axes = [[1, 0, 0], [0, -1, 0], [0, 0, 1], [0, 0, 1]]
    expected = [*by_component(*offsets, *axes), 0.1, 0.2, 0.3, 0.4]
    found = torch.cat(observations.future_poses(state, Outlook.of(future), yaw), dim=1)
    torch.testing.assert_close(found, torch.tensor([expected]).float(), atol=1e-6, rtol=0)


def test_mimic_target_by_hand():
    """Component by component in the heading frame; then orientation differences, body by body in each one's frame."""
    state, yaw = facing_left()
    to_anchor = [[1, 0, 0], [2, 1, -0.3]]
    to_body = [[1, 0, 0], [0, 1, 0]]
    axes = [[0, -1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 1]]
    velocities = [[-1, 0, 0], [0, 0, 2], [0, 0, 0], [0, 1, 0]]
    turn = [0, -1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1]
    expected = [*by_component(*to_anchor, *to_body, *axes, *velocities), *turn]
    found = torch.cat(observations.mimic_target(state, reference_ahead(), 0, yaw), dim=1)
    torch.testing.assert_close(found, torch.tensor([expected]).float(), atol=1e-6, rtol=0)


def test_targets_vanish_on_the_reference():
    """On its reference a robot sees no differences, and orientation differences are the identity."""
    state = random_state(N, B, J)
    found = terms(state, state)
    assert found["body_difference"].abs().max() == 0
    local, turn = found["mimic_target"].split([18 * B, 6 * B], dim=1)
    vectors = local.unflatten(1, (3, 6 * B))
    assert vectors[:, :, B : 2 * B].abs().max() == 0
    assert vectors[:, :, 4 * B :].abs().max() == 0
    identity = torch.tensor([1.0, 0, 0] * B + [0, 0, 1.0] * B).expand(N, -1)
    torch.testing.assert_close(turn, identity, atol=1e-5, rtol=0)


def test_joint_state_is_angles_then_velocities():
    """Angles come first."""
    state = random_state(N, B, J)
    found = torch.cat(observations.joint_state(state), dim=1)
    assert torch.equal(found[:, :J], state.joint_pos)
    assert torch.equal(found[:, J:], state.joint_vel)
