# SPDX-License-Identifier: Apache-2.0
"""Public G1 files, compared with what they say of themselves."""

import time
from pathlib import Path

import numpy as np
import pytest

from protomotions_envs.motions import MotionLibrary, load_motions, read_motion, save_motion
from protomotions_envs.motions.contacts import lowest_heights
from protomotions_envs.motions.readers.files.torch_archive import load_torch_archive, number_array
from protomotions_envs.robots import Robot


def bodies_of_the_source(robot: Robot) -> list[str]:
    """Return the 33 bodies of ProtoMotions' G1: a head after the pelvis, a rubber hand after each wrist."""
    names = ["pelvis", "head", *robot.body_names[1:]]
    for side in ("left", "right"):
        names.insert(names.index(f"{side}_wrist_yaw_link") + 1, f"{side}_rubber_hand")
    return names


@pytest.mark.parametrize("name", ["g1_walk", "g1_wave"])
def test_our_kinematics_agrees_with_the_files_bodies(shared_data: Path, g1: Robot, name: str):
    """Positions of all 30 shared bodies within 0.1 mm and their orientations within 0.1 degrees, at every frame."""
    path = shared_data / "protomotions_motion" / f"{name}.motion"
    (motion,) = load_motions(path, g1)
    content = load_torch_archive(path)
    assert (motion.fps, motion.num_frames) == (30.0, 150)
    columns = [bodies_of_the_source(g1).index(body) for body in g1.body_names]
    position = number_array(content, "rigid_body_pos", path, (150, 33, 3))[:, columns]
    rotation = np.roll(number_array(content, "rigid_body_rot", path, (150, 33, 4))[:, columns], 1, axis=-1)
    assert np.abs(motion.body_pos - position).max() < 1e-4
    assert np.abs((motion.body_rot * rotation).sum(-1)).min() > np.cos(np.radians(0.1) / 2)


@pytest.mark.parametrize(("name", "agreement"), [("g1_walk", 0.94), ("g1_wave", 1.0)])
def test_contacts_agree_with_the_files(shared_data: Path, g1: Robot, name: str, agreement: float):
    """Another rule (0.1 m at the ankle, other differences) calls the same frames of the feet contacts."""
    path = shared_data / "protomotions_motion" / f"{name}.motion"
    (motion,) = load_motions(path, g1)
    columns = [bodies_of_the_source(g1).index(body) for body in g1.foot_bodies]
    theirs = number_array(load_torch_archive(path), "rigid_body_contacts", path, (150, 33))[:, columns] > 0.5
    assert (motion.body_contact[:, g1.body_indices(g1.foot_bodies)] == theirs).mean() >= agreement


def test_all_g1_moves_load(shared_data: Path, g1: Robot, tmp_path: Path):
    """44 clips, 22 minutes: the robot is upright on the ground, feet touch it, and a library holds them all."""
    started = time.perf_counter()
    motions = load_motions(shared_data / "g1_moves", g1)
    library = MotionLibrary(motions, g1, fps=50.0)
    assert time.perf_counter() - started < 60.0
    assert library.num_motions == 44
    assert library.durations.sum().item() == pytest.approx(22 * 60, rel=0.02)
    feet = g1.body_indices(g1.foot_bodies)
    for motion in motions:
        # The order x y z w was detected if the pelvis' z axis points up on average.
        x, y = motion.body_rot[:, 0, 1], motion.body_rot[:, 0, 2]
        assert np.mean(1 - 2 * (x * x + y * y)) > 0.8, motion.name
        lowest = lowest_heights(g1, feet, motion.body_pos, motion.body_rot).min(axis=1)
        assert -0.03 < np.median(lowest) < 0.07, motion.name
    assert np.mean([motion.body_contact.any(axis=1).mean() for motion in motions]) > 0.8
    save_motion(motions[0], tmp_path / "a.npz")
    np.testing.assert_allclose(read_motion(tmp_path / "a.npz").body_rot, motions[0].body_rot, atol=1e-6)
