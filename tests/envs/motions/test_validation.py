# SPDX-License-Identifier: Apache-2.0
"""What is refused, and how the message names it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion
from protomotions_envs.motions.motion import FRAME_ARRAYS
from protomotions_envs.motions.validation import check_motion, fit_to_robot
from protomotions_envs.robots import Robot


def first_frames(motion: Motion, count: int) -> Motion:
    """Return the beginning of a motion, of any length."""
    return replace(motion, **{field: getattr(motion, field)[:count] for field in FRAME_ARRAYS})


def test_a_sound_clip_passes_unchanged(swing: Motion):
    """Nothing but rounding of the quaternions' norm differs."""
    checked = check_motion(swing, "swing.npz")
    for field in FRAME_ARRAYS:
        np.testing.assert_allclose(getattr(checked, field), getattr(swing, field), atol=1e-6)
        assert getattr(checked, field).dtype == getattr(swing, field).dtype


@pytest.mark.parametrize("field", [field for field in FRAME_ARRAYS if field != "body_contact"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -1e30])
def test_damage_is_named_by_field_and_frame(swing: Motion, with_value: Callable[..., Motion], field: str, value: float):
    """NaN, infinities and absurd numbers in any array."""
    place = (7,) + (1,) * (getattr(swing, field).ndim - 1)
    name = "ankle" if field.startswith("joint") else "leg"
    with pytest.raises(MotionError, match=f"^bad.npz: {field} of {name} is .* at frame 7; "):
        check_motion(with_value(swing, field, place, value), "bad.npz")


def test_almost_unit_quaternions_are_normalised(swing: Motion):
    """A norm of 1.0005 is rounding."""
    checked = check_motion(replace(swing, body_rot=swing.body_rot * np.float32(1.0005)), "x.npz")
    np.testing.assert_allclose(np.linalg.norm(checked.body_rot, axis=-1), 1.0, atol=1e-6)
    np.testing.assert_allclose(checked.body_rot, swing.body_rot, atol=1e-6)


def test_other_quaternions_are_an_error(swing: Motion, with_value: Callable[..., Motion]):
    """A norm of 0 is not a rotation."""
    with pytest.raises(MotionError, match=r"^x\.npz: body_rot has a quaternion of norm 0 at frame 3; expected 1"):
        check_motion(with_value(swing, "body_rot", (3, 2), 0.0), "x.npz")


@pytest.mark.parametrize(("frames", "text"), [(0, "is an empty clip: it has no frames"), (1, "has 1 frame")])
def test_too_few_frames(swing: Motion, frames: int, text: str):
    """A velocity needs two frames."""
    with pytest.raises(MotionError, match=f"x.npz {text}; at least 2"):
        check_motion(first_frames(swing, frames), "x.npz")


@pytest.mark.parametrize("fps", [0.0, -30.0, float("nan"), float("inf")])
def test_a_rate_must_be_positive(swing: Motion, fps: float):
    """Frames per second of 0, less, or no number."""
    with pytest.raises(MotionError, match=r"frames per second; expected a positive number"):
        check_motion(replace(swing, fps=fps), "x.npz")


@pytest.mark.parametrize("weight", [-1.0, float("nan")])
def test_a_weight_must_not_be_negative(swing: Motion, weight: float):
    """A weight is a relative probability."""
    with pytest.raises(MotionError, match=r"sampling weight .* expected 0 or more"):
        check_motion(replace(swing, weight=weight), "x.npz")


@pytest.mark.parametrize("field", FRAME_ARRAYS)
def test_shapes_must_agree(swing: Motion, field: str):
    """One column or body too few in any array."""
    wrong = replace(swing, **{field: getattr(swing, field)[:, :-1]})
    with pytest.raises(MotionError, match=rf"x\.npz: {field} has the shape .* need .* Convert the clip again"):
        check_motion(wrong, "x.npz")


def test_names_must_be_unique(swing: Motion):
    """Otherwise an order by name means nothing."""
    with pytest.raises(MotionError, match="joint names more than once: hip"):
        check_motion(replace(swing, joint_names=("hip", "hip", "shoulder")), "x.npz")


def test_missing_and_extra_joints_are_listed(swing: Motion, tiny: Robot):
    """The message names the difference and the way out."""
    other = replace(swing, robot="h9", joint_names=("hip", "knee", "shoulder"))
    with pytest.raises(MotionError) as caught:
        fit_to_robot(other, tiny, "walk.npz")
    assert str(caught.value) == (
        "walk.npz has 3 joints but robot 'tiny' has 3; missing: ankle; extra: knee; "
        "it was made for 'h9': use that robot, or convert the clip from its source for this one"
    )


def test_missing_bodies_are_listed(swing: Motion, tiny: Robot):
    """As for joints."""
    other = replace(swing, body_names=("trunk", "leg", "foot", "wing"))
    with pytest.raises(MotionError, match=r"4 bodies but robot 'tiny' has 4; missing: arm; extra: wing; it was made"):
        fit_to_robot(other, tiny, "walk.npz")


def test_a_long_difference_is_cut_short(swing: Motion, g1: Robot):
    """29 missing joints are 8 names and a number."""
    with pytest.raises(
        MotionError, match=r"missing: left_hip_pitch_joint, .* and 21 more; extra: hip, ankle, shoulder"
    ):
        fit_to_robot(swing, g1, "walk.npz")


def test_the_same_names_in_another_order_are_reordered(swing: Motion, tiny: Robot):
    """Every array follows its names."""
    joints, bodies = [2, 0, 1], [0, 3, 1, 2]
    shuffled = replace(
        swing,
        joint_names=tuple(swing.joint_names[i] for i in joints),
        body_names=tuple(swing.body_names[i] for i in bodies),
        **{f: getattr(swing, f)[:, joints if f.startswith("joint") else bodies] for f in FRAME_ARRAYS},
    )
    fitted = fit_to_robot(check_motion(shuffled, "x.npz"), tiny, "x.npz")
    assert (fitted.joint_names, fitted.body_names) == (tiny.joint_names, tiny.body_names)
    for field in FRAME_ARRAYS:
        np.testing.assert_allclose(getattr(fitted, field), getattr(swing, field), atol=1e-6)
