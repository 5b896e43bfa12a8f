# SPDX-License-Identifier: Apache-2.0
"""Motion at another rate."""

import numpy as np
import pytest
from tests.envs.motions.retargeting.people import person

from protomotions_envs.motions.quaternions import rotation_vector
from protomotions_envs.motions.retargeting.resampling import resample


def turning(frames: int, fps: float, rate: float = 2.0):
    """Return a person who turns about the vertical and goes forward at constant speeds."""
    time = np.arange(frames) / fps
    motion = person(frames, fps, turns={"pelvis": np.outer(rate * time, [0.0, 0.0, 1.0])})
    motion.root_pos[:, 0] = 3.0 * time
    return motion


@pytest.mark.parametrize(("fps", "frames"), [(50.0, 49), (120.0, 118), (30.0, 30), (200.0, 196)])
def test_constant_speeds_stay(fps: float, frames: int):
    """Of 118 frames at 120 per second; whole periods of the new rate within 0.975 s, first and last included."""
    motion = resample(turning(118, 120.0), fps)
    assert (motion.num_frames, motion.fps) == (frames, fps)
    time = np.arange(frames) / fps
    np.testing.assert_allclose(motion.root_pos[:, 0], 3.0 * time, atol=1e-9)
    np.testing.assert_allclose(rotation_vector(motion.local_rot[:, 0])[:, 2], 2.0 * time, atol=1e-4)


def test_the_same_rate_changes_nothing():
    """Not even a copy is made."""
    motion = turning(10, 30.0)
    assert resample(motion, 30.0) is motion


def test_what_is_too_fast_is_averaged_away():
    """A tremor of 50 Hz, which 40 frames per second would show as a slow sway, is almost gone."""
    motion = person(241, 120.0)
    motion.root_pos[:, 0] = 0.01 * np.sin(2 * np.pi * 50 * np.arange(241) / 120)
    assert np.abs(resample(motion, 40.0).root_pos[5:-5, 0]).max() < 0.001


def test_two_frames_at_least():
    """A clip shorter than a period of the new rate still has a beginning and an end."""
    motion = resample(turning(3, 100.0), 5.0)
    assert motion.num_frames == 2
    np.testing.assert_allclose(motion.root_pos[1, 0], 0.06, atol=1e-9)


def test_signs_of_quaternions_do_not_matter():
    """Q and -q are one rotation, also for the average."""
    motion = turning(60, 120.0)
    flipped = turning(60, 120.0)
    flipped.local_rot[20::7] *= -1.0
    expected, found = (resample(clip, 50.0).local_rot for clip in (motion, flipped))
    np.testing.assert_allclose(np.abs((expected * found).sum(axis=-1)), 1.0, atol=1e-12)
