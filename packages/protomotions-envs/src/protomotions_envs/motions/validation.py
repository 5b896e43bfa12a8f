# SPDX-License-Identifier: Apache-2.0
"""Checks that every clip passes on its way in: sound numbers, and the names of the robot it is for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.motion import FRAME_ARRAYS, Motion
from protomotions_envs.robots.robot import Robot

UNIT_TOLERANCE = 1e-3
"""How far a quaternion's norm may be from 1; closer ones are normalised."""
LARGEST_VALUE = 1e6
"""Metres, radians or their rates; beyond it a number is damage, not motion."""
_JOINT_ARRAYS = ("joint_pos", "joint_vel")
_REPAIR = "mend or remove those frames in its source and convert it again"


def check_motion(motion: Motion, label: str) -> Motion:
    """Check a clip's numbers and return it with float32 arrays and exactly unit quaternions.

    Args:
        motion: The clip.
        label: How errors call it: its file's name.

    Raises:
        MotionError: Too few frames, a rate or weight that can't be, arrays that disagree, numbers that are not finite,
            quaternions that are not unit.
    """
    check_frame_count(motion.num_frames, label)
    check_fps(motion.fps, label)
    if not (math.isfinite(motion.weight) and motion.weight >= 0):
        raise MotionError(f"{label} has the sampling weight {motion.weight:g}; expected 0 or more")
    _check_names(motion, label)
    _check_shapes(motion, label)
    for field in FRAME_ARRAYS:
        names = motion.joint_names if field in _JOINT_ARRAYS else motion.body_names
        check_finite(getattr(motion, field), field, label, names)
    arrays = {field: np.asarray(getattr(motion, field), dtype=np.float32) for field in FRAME_ARRAYS}
    arrays["body_rot"] = normalise(motion.body_rot, "body_rot", label).astype(np.float32)
    contact = np.asarray(motion.body_contact, dtype=np.bool_)
    return replace(motion, fps=float(motion.fps), weight=float(motion.weight), **{**arrays, "body_contact": contact})


def fit_to_robot(motion: Motion, robot: Robot, label: str) -> Motion:
    """Return the clip with joints and bodies in the robot's order.

    Args:
        motion: The clip, checked.
        robot: The robot that is to follow it.
        label: How errors call the clip: its file's name.

    Raises:
        MotionError: Its joints or bodies are not the robot's; the message names the difference.
    """
    made_for = f"it was made for {motion.robot!r}: use that robot, or convert the clip from its source for this one"
    joints = _order(motion.joint_names, robot.joint_names, "joints", label, robot.name, made_for)
    bodies = _order(motion.body_names, robot.body_names, "bodies", label, robot.name, made_for)
    if joints is None and bodies is None:
        return motion
    arrays = {}
    for field in FRAME_ARRAYS:
        order = joints if field in _JOINT_ARRAYS else bodies
        arrays[field] = getattr(motion, field) if order is None else getattr(motion, field)[:, order]
    return replace(motion, joint_names=robot.joint_names, body_names=robot.body_names, **arrays)


def check_frame_count(frames: int, label: str) -> None:
    """Raise MotionError for fewer than the two frames that a velocity needs."""
    if frames == 0:
        raise MotionError(f"{label} is an empty clip: it has no frames; at least 2 are needed")
    if frames == 1:
        raise MotionError(f"{label} has 1 frame; at least 2 are needed")


def check_fps(fps: float, label: str) -> None:
    """Raise MotionError for a frame rate that is not a positive number."""
    if not (math.isfinite(fps) and 0 < fps <= LARGEST_VALUE):
        raise MotionError(f"{label} has {fps:g} frames per second; expected a positive number")


def check_finite(array: np.ndarray, field: str, label: str, names: tuple[str, ...] = ()) -> None:
    """Raise MotionError for the first number of a frame array [T, ...] that is not finite or absurdly large.

    Args:
        array: The numbers.
        field: How the error calls the array.
        label: How the error calls the clip.
        names: Names along the second axis, if it has any.
    """
    # Comparisons with NaN are false, so one comparison finds NaN, infinities and damage. Half precision can't hold the
    # bound.
    sound = np.abs(array.astype(np.float64)) <= LARGEST_VALUE
    if sound.all():
        return
    place = np.unravel_index(int(np.argmin(sound)), sound.shape)
    of = f" of {names[place[1]]}" if names else ""
    raise MotionError(f"{label}: {field}{of} is {array[place]:g} at frame {place[0]}; {_REPAIR}")


def normalise(rotations: np.ndarray, field: str, label: str) -> np.ndarray:
    """Return quaternions [T, ..., 4] scaled to norm 1, float64.

    Raises:
        MotionError: A norm is further from 1 than rounding explains.
    """
    rotations = rotations.astype(np.float64)
    norms = np.linalg.norm(rotations, axis=-1, keepdims=True)
    sound = np.abs(norms - 1.0) <= UNIT_TOLERANCE
    if not sound.all():
        place = np.unravel_index(int(np.argmin(sound)), sound.shape)
        raise MotionError(
            f"{label}: {field} has a quaternion of norm {norms[place]:.4g} at frame {place[0]}; expected 1: {_REPAIR}"
        )
    return rotations / norms


def name_difference(given: Sequence[str], wanted: Sequence[str], longest: int | None = None) -> str:
    """Return in words which names are missing and which are extra; empty if they are the same but for their order.

    Args:
        given: What there is.
        wanted: What there should be.
        longest: Letters after which a name is cut off, for names of any origin.
    """
    missing = [name[:longest] for name in wanted if name not in given]
    extra = [name[:longest] for name in given if name not in wanted]
    return "; ".join(f"{what}: {_listing(names)}" for what, names in (("missing", missing), ("extra", extra)) if names)


def _check_names(motion: Motion, label: str) -> None:
    for kind, names in (("joint", motion.joint_names), ("body", motion.body_names)):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise MotionError(f"{label} has {kind} names more than once: {_listing(twice)}; names must be unique")


def _check_shapes(motion: Motion, label: str) -> None:
    frames, joints, bodies = motion.num_frames, len(motion.joint_names), len(motion.body_names)
    widths = {"body_pos": (3,), "body_rot": (4,), "body_lin_vel": (3,), "body_ang_vel": (3,)}
    for field in FRAME_ARRAYS:
        rows = (joints,) if field in _JOINT_ARRAYS else (bodies, *widths.get(field, ()))
        found, expected = getattr(motion, field).shape, (frames, *rows)
        if found != expected:
            raise MotionError(
                f"{label}: {field} has the shape {found}; {frames} frames, {joints} joints and {bodies} bodies need "
                f"{expected}. Convert the clip again from its source"
            )


def _order(
    given: tuple[str, ...], wanted: tuple[str, ...], kind: str, label: str, robot: str, made_for: str
) -> list[int] | None:
    """Return where each wanted name stands among the given ones, None where the order is the same already."""
    if given == wanted:
        return None
    if difference := name_difference(given, wanted):
        raise MotionError(
            f"{label} has {len(given)} {kind} but robot {robot!r} has {len(wanted)}; {difference}; {made_for}"
        )
    return [given.index(name) for name in wanted]


def _listing(names: list[str], at_most: int = 8) -> str:
    """Return names with commas, the rest counted."""
    rest = len(names) - at_most
    return ", ".join(names[:at_most]) + (f" and {rest} more" if rest > 0 else "")
