# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the environments' tests."""

import pytest
from tests.envs.states import standing_motion

from protomotions_envs.motions import MotionLibrary
from protomotions_envs.robots import Robot, load_robot


@pytest.fixture(scope="session")
def g1() -> Robot:
    """The Unitree G1."""
    return load_robot("g1")


@pytest.fixture(scope="session")
def standing_library(g1) -> MotionLibrary:
    """Two clips of standing still, one and two seconds long."""
    clips = [standing_motion(g1, 1.0, "short"), standing_motion(g1, 2.0, "long")]
    return MotionLibrary(clips, g1, fps=50.0)
