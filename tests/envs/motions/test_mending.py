# SPDX-License-Identifier: Apache-2.0
"""Mending, on clips whose faults were put in on purpose."""

from dataclasses import replace

import numpy as np
import pytest
from tests.envs.states import standing_motion

from protomotions_envs.motions import load_motions, motion_from_joint_positions
from protomotions_envs.motions.mending import mend
from protomotions_envs.motions.quality import assess


def moved(motion, robot, height=0.0, joint_pos=None):
    """Return a clip with something added to its height [T] and other joint angles."""
    root_pos = motion.body_pos[:, 0] + np.multiply.outer(np.broadcast_to(height, motion.num_frames), [0, 0, 1])
    return motion_from_joint_positions(
        robot,
        name=motion.name,
        fps=motion.fps,
        root_pos=root_pos,
        root_rot=motion.body_rot[:, 0],
        joint_pos=motion.joint_pos if joint_pos is None else joint_pos,
        licence="CC0-1.0",
    )


@pytest.mark.parametrize("height", [0.03, -0.05, 0.5])
def test_a_clip_at_the_wrong_height_is_set_on_the_ground(g1, height):
    """The same height is taken from all frames, and both feet stand then."""
    standing = standing_motion(g1, seconds=1.0)
    mended, mending = mend(moved(standing, g1, height), g1)
    shift = mended.body_pos[:, 0, 2] - standing.body_pos[:, 0, 2]
    np.testing.assert_allclose(shift, shift[0], atol=1e-4)
    assert mending.lowest_shift == pytest.approx(mending.highest_shift, abs=1e-4)
    assert assess(mended, g1).sole_distance < 1e-3
    assert mended.body_contact[:, g1.body_indices(g1.foot_bodies)].all()
    assert "set on the ground" in str(mending)


def test_a_jump_stays_a_jump(g1):
    """A parabola of 0.2 m between two stances on a ground that is 3 cm too low: only the 3 cm go."""
    standing = standing_motion(g1, seconds=2.0)
    time = np.arange(standing.num_frames) / standing.fps
    flight = np.clip(0.2 - 0.5 * 9.81 * (time - 1.0) ** 2, 0.0, None)
    mended, _ = mend(moved(standing, g1, flight - 0.03), g1)
    risen = mended.body_pos[:, 0, 2] - mended.body_pos[0, 0, 2]
    np.testing.assert_allclose(risen, flight, atol=0.01)


def test_joints_are_brought_inside_their_limits(g1):
    """An elbow 0.3 rad too far is cut off at its limit, the others stay, and the excess is told."""
    standing = standing_motion(g1, seconds=0.5)
    elbow = g1.joint_names.index("left_elbow_joint")
    angles = standing.joint_pos.copy()
    angles[5, elbow] = g1.joint_upper[elbow] + 0.3
    mended, mending = mend(moved(standing, g1, joint_pos=angles), g1)
    assert mending.limit_excess == pytest.approx(0.3, abs=1e-6)
    assert mended.joint_pos[5, elbow] == pytest.approx(g1.joint_upper[elbow])
    assert assess(mended, g1).limit_violation == 0.0
    assert "0.30 rad outside" in str(mending)


def test_a_sound_clip_stays_as_it_is(g1):
    """Names, weight and licence too; nothing is said."""
    sound, _ = mend(replace(standing_motion(g1, seconds=0.5), weight=2.0, licence="CC0-1.0", source="made up"), g1)
    again, mending = mend(sound, g1)
    np.testing.assert_allclose(again.body_pos, sound.body_pos, atol=1e-4)
    assert (again.name, again.weight, again.licence, again.source) == (sound.name, 2.0, "CC0-1.0", "made up")
    assert str(mending) == ""


def test_real_clips_stand_on_the_ground_afterwards(shared_data, g1):
    """Hovering feet of retargeted motion capture: within 2 cm of the ground in stance, which stays stance."""
    (clip,) = load_motions(shared_data / "g1_moves" / "M_ShortMove15.csv", g1)
    before, after = assess(clip, g1), assess(mend(clip, g1)[0], g1)
    assert before.sole_distance > 0.03
    assert after.sole_distance <= 0.02
    assert after.stance_share > before.stance_share - 0.05
    assert after.penetration < 0.01
