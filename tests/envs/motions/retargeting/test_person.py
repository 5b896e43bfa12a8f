# SPDX-License-Identifier: Apache-2.0
"""What a recording shows of a person, whoever drew the skeleton."""

from dataclasses import replace

import numpy as np
import pytest
from tests.envs.motions.retargeting.people import (
    HIP,
    SHANK,
    THIGH,
    enlarged,
    moved,
    person,
    redrawn,
    walker,
    without,
)

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.quaternions import from_rotation_vector
from protomotions_envs.motions.retargeting.frames import matrices
from protomotions_envs.motions.retargeting.person import observe

ANKLE = 0.1 * (THIGH + SHANK)


def test_standing():
    """All frames are those of the world, all bones hang down, hips as high above the ground as the legs are long."""
    seen = observe(person(5, height=0.3), "clip")
    for frames in (seen.pelvis, seen.torso, seen.feet):
        np.testing.assert_allclose(frames, np.broadcast_to(np.eye(3), frames.shape), atol=1e-12)
    for bones in (seen.legs, seen.arms):
        np.testing.assert_allclose(bones, np.broadcast_to([0.0, 0.0, -1.0], bones.shape), atol=1e-12)
    assert seen.leg_length == pytest.approx(THIGH + SHANK)
    assert (seen.hip_width, seen.shoulder_width) == pytest.approx((2 * HIP[1], 0.38))
    np.testing.assert_allclose(seen.hips, np.tile([0, 0, ANKLE + THIGH + SHANK], (5, 1)), atol=1e-9)
    np.testing.assert_allclose(seen.heels[0, 0], [-0.07 * 0.83, 0.09, 0], atol=1e-9)
    np.testing.assert_allclose(seen.balls[0, 1], [0.14, -0.09, 0], atol=1e-9)


@pytest.mark.parametrize("factor", [1.0, 100.0, 0.01])
def test_the_same_person_drawn_otherwise(factor: float):
    """Neither the file's joint frames nor its unit nor where and whither the person walks change what is seen."""
    expected = observe(walker(seconds=1.0), "clip")
    turned = matrices(from_rotation_vector(np.array([0.0, 0.0, 1.0])))
    found = observe(redrawn(moved(enlarged(walker(seconds=1.0), factor), 1.0, (3.0, 2.0, 1.0))), "clip")
    for field in ("pelvis", "torso", "feet"):
        np.testing.assert_allclose(getattr(found, field), turned @ getattr(expected, field), atol=1e-6)
    for field in ("legs", "arms"):
        np.testing.assert_allclose(getattr(found, field), getattr(expected, field) @ turned.T, atol=1e-6)
    np.testing.assert_allclose(found.hips[:, 2], factor * expected.hips[:, 2], rtol=1e-6)


def test_leaning_and_turning():
    """The pelvis leans by 0.3 rad and carries the trunk, the chest turns by 0.5 rad on it."""
    turns = {"pelvis": np.array([0.0, 0.3, 0.0]), "chest": np.array([0.0, 0.0, 0.5])}
    seen = observe(person(4, turns=turns), "clip")
    lean, turn = (matrices(from_rotation_vector(vector)) for vector in turns.values())
    np.testing.assert_allclose(seen.pelvis[0], lean, atol=1e-12)
    np.testing.assert_allclose(seen.torso[0], lean @ turn, atol=1e-12)


def test_a_trunk_that_is_drawn_askew():
    """A neck that rests 5 cm behind the hips leaves the torso upright in upright standing, as many files draw it."""
    motion = person(4)
    offsets = motion.skeleton.offsets.copy()
    offsets[motion.skeleton.joint_names.index("neck"), 0] = -0.05
    seen = observe(replace(motion, skeleton=replace(motion.skeleton, offsets=offsets)), "clip")
    np.testing.assert_allclose(seen.torso[0], np.eye(3), atol=1e-12)


def test_without_a_neck():
    """The middle of the shoulders is the top of the trunk then."""
    seen = observe(without(person(4), "neck"), "clip")
    np.testing.assert_allclose(seen.torso[0], np.eye(3), atol=1e-12)


def test_feet_without_toes():
    """They point to where the pelvis does and are as long as usual."""
    seen = observe(moved(without(person(4), "left_toe", "right_toe"), 0.7), "clip")
    np.testing.assert_allclose(seen.feet[0, 0], matrices(from_rotation_vector(np.array([0, 0, 0.7]))), atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(seen.balls - seen.heels, axis=-1), 0.32 * 0.83)


def test_always_on_tiptoe():
    """A foot that is never level isn't taken for a level one, as far as an upright rest pose tells."""
    tiptoe = {f"{side}_ankle": np.array([0.0, 1.0, 0.0]) for side in ("left", "right")}
    seen = observe(person(4, turns=tiptoe), "clip")
    np.testing.assert_allclose(seen.feet[0, 0, :, 0], [np.cos(1.0), 0.0, -np.sin(1.0)], atol=1e-9)


@pytest.mark.parametrize(("slope", "left"), [(0.01, 0.001), (-0.02, -0.002), (0.1, 0.1)])
def test_a_floor_askew(slope: float, left: float):
    """A walk that rises by 1 cm a metre is put level; one that rises by 10 cm a metre was meant so."""
    walk = walker(seconds=6.0)
    seen = observe(replace(walk, root_pos=walk.root_pos + slope * walk.root_pos[:, :1] * [0.0, 0.0, 1.0]), "clip")
    rise = np.polyfit(seen.hips[:, 0], seen.hips[:, 2], 1)[0]
    assert rise == pytest.approx(left, abs=0.001)


def test_the_ground_is_where_feet_stand():
    """Not where a swinging foot passes below it."""
    walk = walker(seconds=3.0)
    seen = observe(moved(walk, 0.0, (0.0, 0.0, 0.5)), "clip")
    stand = np.quantile(seen.balls[..., 2], 0.3)
    assert abs(stand) < 0.003


def test_wild_motion_has_a_ground_too():
    """Somebody who is never still stands, for want of better, where the feet are slowest and lowest."""
    motion = redrawn(person(50))
    time = np.arange(50) / 50.0
    flight = np.outer(5.0 * time + time**2, [1.0, 0.0, 1.0])
    seen = observe(replace(motion, root_pos=motion.root_pos + flight), "clip")
    np.testing.assert_allclose(seen.feet, np.broadcast_to(np.eye(3), seen.feet.shape), atol=1e-9)
    assert -0.1 < seen.balls[..., 2].min() < 0.1


def test_bones_without_length():
    """A file without offsets shows nobody."""
    with pytest.raises(MotionError, match="clip: a bone of an arm or a leg has no length"):
        observe(enlarged(person(3), 0.0), "clip")
