# SPDX-License-Identifier: Apache-2.0
"""What a discriminator sees: against an independent implementation, and wherever the robot is."""

import dataclasses

import numpy as np
import torch
from tests.envs.states import moved, random_state

from protomotions_envs.state import RobotState
from protomotions_envs.terms.style_features import style_features

N, B, J = 5, 6, 4
ANCHOR, KEYS = 2, [5, 0, 3]


def matrix(q: np.ndarray) -> np.ndarray:
    """The rotation matrix of a quaternion wxyz, written out."""
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def features_of_one(state: RobotState, row: int) -> np.ndarray:
    """The features of one robot by matrices in float64."""
    position, rotation, velocity, spin = (
        part[row].double().numpy() for part in (state.body_pos, state.body_rot, state.body_lin_vel, state.body_ang_vel)
    )
    turn = matrix(rotation[ANCHOR])
    yaw = np.arctan2(turn[1, 0], turn[0, 0])
    back = np.array([[np.cos(yaw), np.sin(yaw), 0], [-np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    vectors = [turn[:, 0], turn[:, 2], velocity[ANCHOR], spin[ANCHOR], *(position[KEYS] - position[ANCHOR])]
    local = np.stack([back @ vector for vector in vectors])
    joints = [part[row].double().numpy() for part in (state.joint_pos, state.joint_vel)]
    return np.concatenate([position[ANCHOR, 2:], local.T.flatten(), *joints])


def test_features_equal_those_by_matrices():
    """Rows of arbitrary states, computed one by one in another way."""
    state = random_state(N, B, J)
    found = style_features(state, ANCHOR, torch.tensor(KEYS))
    assert found.shape == (N, 13 + 3 * len(KEYS) + 2 * J)
    expected = np.stack([features_of_one(state, row) for row in range(N)])
    np.testing.assert_allclose(found.numpy(), expected, atol=2e-5)


def test_features_ignore_place_and_heading():
    """A turned and shifted robot looks the same; a raised one doesn't."""
    state = random_state(N, B, J)
    keys = torch.tensor(KEYS)
    here, there = (style_features(one, ANCHOR, keys) for one in (state, moved(state, 2.3, (-4.0, 1.0))))
    torch.testing.assert_close(here, there, atol=3e-5, rtol=1e-4)
    raised = dataclasses.replace(state, body_pos=state.body_pos + torch.tensor([0.0, 0.0, 0.5]))
    change = style_features(raised, ANCHOR, keys) - here
    torch.testing.assert_close(change[:, 0], torch.full((N,), 0.5))
    assert change[:, 1:].abs().max() < 1e-5


def test_features_by_hand():
    """A robot that faces +y, goes there at 1 m/s and turns left; its one key body is 2 m ahead and 0.3 m lower."""
    left = [0.5**0.5, 0.0, 0.0, 0.5**0.5]
    state = RobotState(
        joint_pos=torch.tensor([[0.1]]),
        joint_vel=torch.tensor([[0.2]]),
        body_pos=torch.tensor([[[7.0, 1.0, 0.8], [7.0, 3.0, 0.5]]]),
        body_rot=torch.tensor([[left, left]]),
        body_lin_vel=torch.tensor([[[0.0, 1.0, 0.0], [9.0, 9.0, 9.0]]]),
        body_ang_vel=torch.tensor([[[0.0, 0.0, 3.0], [9.0, 9.0, 9.0]]]),
        body_contact=torch.zeros(1, 2),
    )
    # The x axis, the z axis, the velocity, the angular velocity and the key body: x of all, y of all, z of all.
    vectors = [1, 0, 1, 0, 2, 0, 0, 0, 0, 0, 0, 1, 0, 3, -0.3]
    expected = torch.tensor([[0.8, *vectors, 0.1, 0.2]])
    torch.testing.assert_close(style_features(state, 0, torch.tensor([1])), expected, atol=1e-6, rtol=0)
