# SPDX-License-Identifier: Apache-2.0
"""Clips that can't be used: a run says why before it writes anything."""

import re

import numpy as np
import pytest


def change_arrays(clip, path, **arrays):
    """Write a copy of a clip with some arrays replaced."""
    with np.load(clip) as archive:
        np.savez(path, **{**archive, **arrays})


@pytest.fixture
def bad_clips(workspace, clip):
    """Names of damaged copies of a clip in the current folder, and what is said of each."""
    with np.load(clip) as archive:
        joint_pos, body_rot, names = archive["joint_pos"], archive["body_rot"], archive["joint_names"]
        empty = {key: value[:0] for key, value in archive.items() if value.ndim > 0 and len(value) == len(joint_pos)}
    joint_pos[3, 2] = np.nan
    change_arrays(clip, "nan.npz", joint_pos=joint_pos)
    change_arrays(clip, "quaternions.npz", body_rot=body_rot * 2)
    change_arrays(clip, "empty.npz", **empty)
    change_arrays(clip, "joints.npz", joint_names=np.array(["tail_joint", *names[1:]]))
    (workspace / "bytes.npz").write_bytes(b"PK garbage")
    (workspace / "nothing.csv").touch()
    np.savetxt("columns.csv", np.zeros((4, 12)), delimiter=",")
    return {
        "nan.npz": "joint_pos.*(NaN|not finite|nan)",
        "quaternions.npz": "body_rot has a quaternion of norm 2 .*expected 1",
        "empty.npz": "(no|0) frames",
        "joints.npz": "left_hip_pitch_joint",
        "bytes.npz": "damaged|not a readable",
        "nothing.csv": "empty",
        "columns.csv": "12 columns.*needs 36",
    }


@pytest.mark.parametrize(
    "name", ["nan.npz", "quaternions.npz", "empty.npz", "joints.npz", "bytes.npz", "nothing.csv", "columns.csv"]
)
def test_a_clip_that_can_t_be_used_stops_training_before_it_starts(train, workspace, bad_clips, name):
    """NaN, quaternions that aren't unit, no frames, other joints, damage, another table."""
    code, out, err = train("--motion-file", name)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"error: .*{re.escape(name)}.*\n", err)
    assert re.search(bad_clips[name], err)
    assert not (workspace / "results").exists()


def test_a_clip_for_another_robot_names_the_joints_that_are_missing(train, workspace):
    """A G1 clip is no SMPL clip."""
    code, _, err = train("--robot-name", "smpl")
    assert code == 2
    assert re.fullmatch(r"error: wave\.npz .*smpl.*\n", err)
    assert not (workspace / "results").exists()
