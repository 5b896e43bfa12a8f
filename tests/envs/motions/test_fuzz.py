# SPDX-License-Identifier: Apache-2.0
"""Damaged files of every format: a MotionError or, where the damage is harmless, a motion; nothing else."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, load_motions, save_motion
from protomotions_envs.robots import Robot

CASES = 100
Writer = Callable[[Path, Motion], object]


def truncated(content: bytes, rng: random.Random) -> bytes:
    """Return a beginning of the bytes."""
    return content[: rng.randrange(len(content))]


def flipped(content: bytes, rng: random.Random) -> bytes:
    """Return the bytes with one to three bits changed, mostly near the ends, where the structure is."""
    damaged = bytearray(content)
    for _ in range(rng.randint(1, 3)):
        edge = min(600, len(damaged))
        place = rng.choice([rng.randrange(edge), len(damaged) - 1 - rng.randrange(edge), rng.randrange(len(damaged))])
        damaged[place] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def damaged_files(content: bytes, seed: int) -> Iterator[bytes]:
    """Yield `CASES` damaged versions, half of them cut short."""
    rng = random.Random(seed)
    for case in range(CASES):
        yield (truncated if case % 2 else flipped)(content, rng)


@pytest.fixture
def original(
    swing: Motion,
    tmp_path: Path,
    write_csv: Callable[..., Path],
    write_proto: Callable[..., Path],
    write_pack: Callable[..., Path],
) -> Callable[[str], Path]:
    """Maker of a sound file by its suffix."""
    save_motion(swing, tmp_path / "listed.npz")

    def write_list(path: Path, motion: Motion) -> None:
        path.write_text(
            "motions:\n  - file: listed.npz\n    weight: 2.0\n    sub_motions:\n      - timings: {end: 0.5}\n"
        )

    writers: dict[str, Writer] = {
        ".npz": lambda path, motion: save_motion(motion, path),
        ".csv": write_csv,
        ".motion": write_proto,
        ".pt": lambda path, motion: write_pack(path, [motion, motion]),
        ".yaml": write_list,
    }

    def make(suffix: str) -> Path:
        path = tmp_path / f"clip{suffix}"
        writers[suffix](path, swing)
        return path

    return make


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".motion", ".pt", ".yaml"])
def test_damage_is_a_motion_error(original: Callable[[str], Path], tiny: Robot, suffix: str):
    """100 damaged files per format; what still loads is sound."""
    path = original(suffix)
    messages = []
    for content in damaged_files(path.read_bytes(), seed=len(suffix)):
        path.write_bytes(content)
        try:
            for motion in load_motions(path, tiny):
                assert np.isfinite(motion.body_ang_vel).all()
        except MotionError as error:
            messages.append(str(error))
    assert all(path.name in message and "\n" not in message for message in messages)
    # A digit of a CSV or a letter of a list may change and leave a sound file; archives have checksums.
    assert len(messages) >= (0.9 if suffix in (".npz", ".motion", ".pt") else 0.2) * CASES
