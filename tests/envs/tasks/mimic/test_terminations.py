# SPDX-License-Identifier: Apache-2.0
"""Early termination: each threshold reaches its check, exactly."""

import dataclasses

import pytest
import torch
from tests.envs.states import random_state

from protomotions_envs import rotations
from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.tasks.mimic.config import MimicTerminations
from protomotions_envs.tasks.mimic.terminations import tracking_lost
from protomotions_envs.terms.tracking_errors import TrackingErrors

OFF = MimicTerminations(None, None, None, None)
REFERENCE = random_state(2, 4, 3)


def shifted(bodies, offset):
    """Move some bodies of the second robot by an offset."""
    position = REFERENCE.body_pos.clone()
    position[1, bodies] += torch.tensor(offset)
    return dataclasses.replace(REFERENCE, body_pos=position)


def tilted(angle):
    """Roll the root of the second robot."""
    rotation = REFERENCE.body_rot.clone()
    axis = rotations.x_and_z_axes(rotation[1, 0])[0]
    rotation[1, 0] = rotations.multiply(rotations.axis_angle(angle * axis), rotation[1, 0])
    return dataclasses.replace(REFERENCE, body_rot=rotation)


@pytest.mark.parametrize("threshold", [0.05, 0.25, 1.0])
@pytest.mark.parametrize(
    ("name", "state_of"),
    [
        # One of four bodies is off by four times the mean.
        ("mean_body_error", lambda error: shifted([2], [0.0, 4.0 * error, 0.0])),
        ("max_body_error", lambda error: shifted([2], [0.0, error, 0.0])),
        ("root_height_error", lambda error: shifted([0], [0.0, 0.0, -error])),
        ("root_tilt_error", tilted),
    ],
)
def test_threshold_reaches_its_check(name, state_of, threshold):
    """Just below the threshold the episode goes on, just above it ends, and only for the robot in question."""
    config = dataclasses.replace(OFF, **{name: threshold})
    below, above = (TrackingErrors(state_of(share * threshold), REFERENCE) for share in (0.97, 1.03))
    assert tracking_lost(config, below).tolist() == [False, False]
    assert tracking_lost(config, above).tolist() == [False, True]


def test_everything_off_never_ends():
    """Without thresholds nothing terminates."""
    assert not tracking_lost(OFF, TrackingErrors(random_state(2, 4, 3, 5), REFERENCE)).any()


def test_thresholds_must_be_positive():
    """A zero threshold would end every episode at once."""
    with pytest.raises(ProtoMotionsError, match="root_tilt_error must be positive"):
        MimicTerminations(root_tilt_error=0.0)
