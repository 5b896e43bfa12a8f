# SPDX-License-Identifier: Apache-2.0
"""Clips that ship with the package."""

from collections.abc import Callable
from pathlib import Path

import pytest

from protomotions_envs.motions import Motion, builtin, builtin_motions, default_motion, load_motions, save_motion
from protomotions_envs.robots import Robot, load_robot, robot_names


def test_a_robot_without_clips(tiny: Robot):
    """No clips, no default."""
    assert builtin_motions(tiny) == {}
    assert default_motion(tiny) is None


@pytest.fixture
def shelf(tmp_path: Path, swing: Motion, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Putter of clips for the tiny robot on the shelf."""
    monkeypatch.setattr(builtin, "CLIPS_FOLDER", tmp_path)
    (tmp_path / "tiny").mkdir()

    def put(*names: str) -> None:
        for name in names:
            save_motion(swing, tmp_path / "tiny" / f"{name}.npz")

    return put


def test_clips_are_found_by_name(tiny: Robot, shelf: Callable[..., None], tmp_path: Path):
    """A file in the robot's folder is a clip."""
    shelf("walk", "sway")
    assert builtin_motions(tiny) == {name: tmp_path / "tiny" / f"{name}.npz" for name in ("sway", "walk")}
    assert default_motion(tiny) == tmp_path / "tiny" / "sway.npz"


def test_the_squat_is_the_default(tiny: Robot, shelf: Callable[..., None], tmp_path: Path):
    """It is learned soonest."""
    shelf("walk", "squat", "bow")
    assert default_motion(tiny) == tmp_path / "tiny" / "squat.npz"


@pytest.mark.parametrize("name", robot_names())
def test_every_clip_that_ships_is_sound(name: str):
    """It loads for its robot, names its licence and is called like its file."""
    robot = load_robot(name)
    for clip, path in builtin_motions(robot).items():
        (motion,) = load_motions(path, robot)
        assert (motion.name, motion.robot) == (clip, name)
        assert motion.licence
