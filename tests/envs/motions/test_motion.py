# SPDX-License-Identifier: Apache-2.0
"""The clip itself."""

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion


def test_duration_is_from_the_first_frame_to_the_last(swing: Motion):
    """20 frames at 20 per second span 19 intervals."""
    assert swing.num_frames == 20
    assert swing.duration == pytest.approx(0.95)


def test_cut_keeps_both_end_frames(swing: Motion):
    """0.2 to 0.5 s at 20 frames per second are frames 4 to 10."""
    part = swing.cut(0.2, 0.5, name="part")
    assert part.name == "part"
    np.testing.assert_array_equal(part.body_rot, swing.body_rot[4:11])
    np.testing.assert_array_equal(part.joint_vel, swing.joint_vel[4:11])


def test_cut_is_clamped_to_the_clip(swing: Motion):
    """An end after the clip's means the clip's end."""
    assert swing.cut(0.9, 30.0, name="end").num_frames == 2


def test_cut_of_nothing_is_an_error(swing: Motion):
    """A start after the end, or outside the clip, leaves no motion."""
    with pytest.raises(MotionError, match=r"part: 0\.5 to 0\.2 s leaves no motion of a clip of 0\.95 s"):
        swing.cut(0.5, 0.2, name="part")
    with pytest.raises(MotionError, match="leaves no motion"):
        swing.cut(3.0, 4.0, name="part")
