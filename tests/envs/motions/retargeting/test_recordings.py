# SPDX-License-Identifier: Apache-2.0
"""Recordings of real people on the G1: the figures that retargeting is to reach."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("mink")

from protomotions_envs.motions import SkeletonMotion, load_clips
from protomotions_envs.motions.retargeting import retarget_with_report
from protomotions_envs.robots import load_robot

G1 = load_robot("g1")
CLIPS = ("cmu/02/02_01.amc", "deepmimic/humanoid3d_walk.txt", "deepmimic/humanoid3d_spinkick.txt")


@pytest.mark.parametrize("file", CLIPS)
def test_figures(shared_data: Path, file: str):
    """Key bodies within 5 cm, soles within 2 cm of the ground, skating under 2 cm/s, no limit violated."""
    clip = load_clips(shared_data / file, G1)[0]
    assert isinstance(clip, SkeletonMotion)
    motion, report = retarget_with_report(clip, G1)
    assert motion.duration == pytest.approx(clip.duration, abs=1 / motion.fps)
    assert report.key_body_error < 0.03
    quality = report.quality
    assert quality.foot_skating < 0.01
    assert quality.sole_distance < 0.005
    assert quality.penetration < 0.01
    assert (quality.limit_violation, quality.self_collision_depth) == (0.0, 0.0)
    assert quality.speed_ratio < 0.95
    acceleration = np.diff(motion.joint_pos, 2, axis=0) * motion.fps**2
    assert np.abs(acceleration).max() < 700


def test_a_walk_looks_like_one(shared_data: Path):
    """Upright, forwards, knees in front, feet in turn."""
    motion, report = retarget_with_report(load_clips(shared_data / CLIPS[0], G1)[0], G1)
    path = motion.body_pos[-1, 0] - motion.body_pos[0, 0]
    w, x, y, z = motion.body_rot[:, 0].T
    ahead = np.stack((1 - 2 * (y * y + z * z), 2 * (x * y + w * z)), axis=-1) @ path[:2] / np.linalg.norm(path[:2])
    assert ahead.min() > 0.95
    assert (1 - 2 * (x * x + y * y)).min() > 0.95
    assert np.linalg.norm(path) / motion.duration == pytest.approx(1.18 * report.scale, rel=0.05)
    knees = [motion.joint_names.index(f"{side}_knee_joint") for side in ("left", "right")]
    assert motion.joint_pos[:, knees].min() > 0.1
    assert report.quality.stance_share == 1.0


def test_a_spin_kick_flies(shared_data: Path):
    """For a fifth of a second no foot is on the ground, and the kicking foot is as high as the pelvis."""
    motion, _ = retarget_with_report(load_clips(shared_data / CLIPS[2], G1)[0], G1)
    feet = G1.body_indices(G1.foot_bodies)
    assert (~motion.body_contact[:, feet].any(axis=1)).sum() > 0.2 * motion.fps
    assert (motion.body_pos[:, feet, 2].max(axis=1) - motion.body_pos[:, 0, 2]).max() > 0.0
