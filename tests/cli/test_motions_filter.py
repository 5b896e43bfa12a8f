# SPDX-License-Identifier: Apache-2.0
"""Clips that pass conditions, and those that don't."""

import dataclasses
import re

import numpy as np
import pytest

from protomotions_cli.motion_batches.selection import Conditions
from protomotions_envs.motions import motion_from_joint_positions, read_motion, save_motion
from protomotions_envs.robots import load_robot


@pytest.fixture(scope="module")
def robot():
    """A G1."""
    return load_robot("g1")


def changed(clip, robot, name, *, lift=0.0, slide=0.0, angle=None):
    """Return the waving clip with another name, moved up (m), sliding forward (m/s) or with a knee bent (rad)."""
    motion = read_motion(clip)
    time = np.arange(motion.num_frames) / motion.fps
    joint_pos = motion.joint_pos.copy()
    if angle is not None:
        joint_pos[:, robot.joint_names.index("left_knee_joint")] = angle
    return motion_from_joint_positions(
        robot,
        name=name,
        fps=motion.fps,
        root_pos=motion.body_pos[:, 0] + np.stack((slide * time, 0 * time, lift + 0 * time), axis=1),
        root_rot=motion.body_rot[:, 0],
        joint_pos=joint_pos,
    )


def test_clips_that_fail_are_named_with_the_reason(protomotions, workspace, clip, robot):
    """The others are copied; a clip of another kind fails."""
    (workspace / "in").mkdir()
    for motion in (
        changed(clip, robot, "good"),
        changed(clip, robot, "sliding", slide=0.1),
        changed(clip, robot, "deep", lift=-0.1),
    ):
        save_motion(motion, workspace / "in" / f"{motion.name}.npz")
    words = ["filter", "in", "out", "--max-skating", 0.05, "--max-penetration", 0.03, "--jobs", 1]
    code, out, err = protomotions("motions", *words, "--dry-run")
    assert (code, err) == (0, "")
    assert "1 clip would be written to out, 0.0 min; 2 left out\n" in out
    assert not (workspace / "out").exists()
    code, out, _ = protomotions("motions", *words)
    assert code == 0
    assert [path.name for path in (workspace / "out").iterdir()] == ["good.npz"]
    assert re.search(r"^left out: in/sliding\.npz: 0\.1 m/s skating, more than 0\.05$", out, re.MULTILINE)
    assert re.search(r"^left out: in/deep\.npz: 0\.\d+ m below ground, more than 0\.03$", out, re.MULTILINE)
    code, _, err = protomotions("motions", *words)
    assert code == 2
    assert "out has clips already, such as out/good.npz; give a new folder" in err


def test_names_and_lengths(protomotions, workspace, clip):
    """The pattern is that of the clip's name, not of the file's."""
    (workspace / "in").mkdir()
    motion = read_motion(clip)
    for name, frames in (("walk_long", 30), ("walk_short", 10), ("run", 30)):
        part = dataclasses.replace(motion.cut(0, (frames - 1) / 30, name=name), name=name)
        save_motion(part, workspace / "in" / f"x{name}.npz")
    words = ["filter", "in", "out", "--name", "walk*", "--min-seconds", 0.5, "--jobs", 1]
    _, out, _ = protomotions("motions", *words)
    assert [path.name for path in (workspace / "out").iterdir()] == ["xwalk_long.npz"]
    assert "left out: in/xrun.npz: its name 'run' is not like 'walk*'\n" in out
    assert "left out: in/xwalk_short.npz: 0.3 s long, less than 0.5\n" in out


@pytest.mark.parametrize(
    ("conditions", "change", "reason"),
    [
        ({"max_seconds": 0.5}, {}, "0.967 s long, more than 0.5"),
        ({"max_joint_speed": 1.0}, {}, "1.87 rad/s joint speed, more than 1"),
        ({"max_limit_violation": 0.1}, {"angle": -0.5}, "0.413 rad outside joint limits, more than 0.1"),
        ({"max_penetration": 0.01}, {"lift": -0.1}, "m below ground, more than 0.01"),
        ({"max_self_collision": 0.01}, {}, None),
        ({"max_limit_violation": 0.0}, {}, None),
    ],
)
def test_conditions(clip, robot, conditions, change, reason):
    """The G1's knee bends back by 0.087 rad; the arm waves at up to 0.3 * 2 pi rad/s, a little less when sampled."""
    broken = Conditions(**conditions).broken_by(changed(clip, robot, "x", **change), robot)
    assert (broken == []) if reason is None else (len(broken) == 1 and reason in broken[0])


def test_no_condition_is_wrong_usage(protomotions, clip):
    """All clips would pass."""
    code, _, err = protomotions("motions", "filter", clip, "out")
    assert (code, err) == (2, "error: give at least one condition, such as --max-skating 0.05; see --help\n")
