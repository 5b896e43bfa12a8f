# SPDX-License-Identifier: Apache-2.0
"""The undersides of robots' feet."""

import numpy as np
import pytest

from protomotions_envs.motions.quaternions import from_rotation_vector
from protomotions_envs.motions.retargeting.frames import matrices
from protomotions_envs.motions.retargeting.landmarks import find_landmarks
from protomotions_envs.motions.retargeting.soles import Sole
from protomotions_envs.robots import load_robot

LEVEL = np.eye(3)[None]


def sole_of(name: str) -> Sole:
    """Return a robot's left sole."""
    robot = load_robot(name)
    return Sole(robot, robot.config.left_foot_bodies, find_landmarks(robot).legs[0].end)


def test_level_soles():
    """Of the G1, the sole is 35 mm below the ankle's roll axis; of our person, 68.3 mm below the ankle."""
    ankle = find_landmarks(load_robot("g1")).legs[0].end
    assert sole_of("g1").ankle_height(LEVEL)[0] == pytest.approx(0.035 + ankle.local[2], abs=1e-6)
    assert sole_of("smpl").ankle_height(LEVEL)[0] == pytest.approx(0.0433 + 0.025, abs=1e-6)


@pytest.mark.parametrize(("pitch", "edge"), [(0.5, 0.204), (-0.5, -0.06)])
def test_tilted_soles(pitch: float, edge: float):
    """Toes down, the toes' front edge is lowest, though it is another body's; toes up, the heel's back edge."""
    frame = matrices(from_rotation_vector(np.array([[0.0, pitch, 0.0]])))
    sole = sole_of("smpl")
    assert sole.lowest(frame)[0] == pytest.approx([edge, 0.0, -0.0683], abs=1e-6)
    expected = np.cos(pitch) * 0.0683 + np.sin(pitch) * edge
    assert sole.ankle_height(frame)[0] == pytest.approx(expected, abs=1e-6)


def test_points_of_a_level_sole():
    """From front to back edge."""
    points = sole_of("smpl").between_ends(np.array([0.0, 0.25, 1.0]))
    np.testing.assert_allclose(points[:, 0], [0.204, 0.138, -0.06], atol=1e-6)
    np.testing.assert_allclose(points[:, 2], -0.0683, atol=1e-6)
