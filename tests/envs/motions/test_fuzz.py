# SPDX-License-Identifier: Apache-2.0
"""Damaged and hostile files of every format: a MotionError or, where the damage is harmless, a clip; nothing else.

The environment variable PROTOMOTIONS_FUZZ_CASES sets how many files of each format are tried.
"""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from tests.envs.motions.mutations import flipped, rearranged, reworded, truncated, with_code
from tests.envs.motions.sound_files import SOUND_FILES, STORES

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, SkeletonMotion, load_clips
from protomotions_envs.motions.readers import FORMATS
from protomotions_envs.robots import Robot, load_robot

CASES = int(os.environ.get("PROTOMOTIONS_FUZZ_CASES", "100"))
LONGEST_MESSAGE = 700


def damaged_files(path: Path, seed: str) -> Iterator[None]:
    """Write `CASES` damaged versions of a file in its place, all kinds of damage in turn."""
    rng = random.Random(seed)
    content, store = path.read_bytes(), STORES.get(path.suffix)
    by_bytes = [truncated, flipped] if store else [truncated, flipped, reworded]
    by_entries = [rearranged, with_code, rearranged] if store else []
    parts = store.load(path) if store else {}
    for case in range(CASES):
        kind = case % len(by_bytes + by_entries)
        if store is None or kind < len(by_bytes):
            path.write_bytes(by_bytes[kind](content, rng))
        else:
            store.save(path, by_entries[kind - len(by_bytes)](parts, rng))
        yield


def assert_sound(clip: Motion | SkeletonMotion) -> None:
    """A clip that is accepted has numbers everywhere."""
    arrays = (clip.body_pos, clip.body_ang_vel) if isinstance(clip, Motion) else clip.world_poses()
    assert all(np.isfinite(array).all() for array in arrays)


@pytest.fixture
def robots(tiny: Robot) -> Callable[[str], Robot]:
    """The robot of a name."""
    return lambda name: tiny if name == "tiny" else load_robot(name)


def test_every_format_is_fuzzed():
    """A new format needs a sound file here."""
    assert SOUND_FILES.keys() == {kind.name for kind in FORMATS}


@pytest.mark.parametrize("name", SOUND_FILES)
def test_the_undamaged_file_is_read(tmp_path: Path, robots: Callable[[str], Robot], swing: Motion, name: str):
    """By the reader of its own format; otherwise damage would prove nothing."""
    sound = SOUND_FILES[name]
    path = tmp_path / f"clip{sound.suffix}"
    sound.write(path, swing)
    kinds = [kind for kind in FORMATS if path.suffix in kind.suffixes]
    assert next(kind for kind in kinds if kind.recognises(path)).name == name
    for clip in load_clips(path, robots(sound.robot)):
        assert_sound(clip)


@pytest.mark.parametrize("name", SOUND_FILES)
def test_damage_is_a_motion_error(
    tmp_path: Path, robots: Callable[[str], Robot], swing: Motion, monkeypatch: pytest.MonkeyPatch, name: str
):
    """100 files per format: cut short, wrong bits, wrong words, wrong shapes and numbers, code; what loads is sound."""
    monkeypatch.chdir(tmp_path)
    sound = SOUND_FILES[name]
    path, robot = tmp_path / f"clip{sound.suffix}", robots(sound.robot)
    sound.write(path, swing)
    messages = []
    for _ in damaged_files(path, seed=name):
        try:
            for clip in load_clips(path, robot):
                assert_sound(clip)
        except MotionError as error:
            messages.append(str(error))
        assert not (tmp_path / "executed").exists()
    assert all("clip" in message and "\n" not in message and len(message) < LONGEST_MESSAGE for message in messages)
    # Many a changed digit, bit of a number or entry that isn't used leaves a sound file.
    assert len(messages) >= 0.3 * CASES
