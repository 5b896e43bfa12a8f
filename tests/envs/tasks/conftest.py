# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests of tasks."""

import pytest

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.motions import MotionLibrary, builtin_motions, load_motions


@pytest.fixture(scope="session")
def moving_library(g1) -> MotionLibrary:
    """The built-in walk and wave of the G1, at its control rate."""
    files = builtin_motions(g1)
    clips = [motion for name in ("walk", "wave") for motion in load_motions(files[name], g1)]
    return MotionLibrary(clips, g1, fps=1 / g1.control_dt)


@pytest.fixture
def make():
    """Make environments, and close them."""
    made = []

    def factory(num_envs: int = 3, **settings: object) -> HumanoidVectorEnv:
        made.append(HumanoidVectorEnv(num_envs, **settings))
        return made[-1]

    yield factory
    for env in made:
        env.close()
