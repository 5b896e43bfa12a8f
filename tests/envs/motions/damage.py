# SPDX-License-Identifier: Apache-2.0
"""Damaged files of people's motion: loaded, each must be refused in one line or give sound clips."""

import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.envs.motions.test_fuzz import CASES, flipped, truncated

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers import load_clips
from protomotions_envs.robots import Robot

HOSTILE_WORDS = (
    *(b"nan", b"-inf", b"1e999", b"1e300", b"-1", b"0", b"7", b"4000000000", b"9" * 5000, b"x", b"{", b"}", b":"),
    *(b"\xff\xfe", b"\0", "\u0663".encode(), b"root", b"end", b"[", b'"', b""),
)


def reworded(content: bytes, rng: random.Random) -> bytes:
    """Return the bytes with a word exchanged for a hostile one or left out, or a line doubled or left out."""
    lines = content.split(b"\n")
    place = rng.randrange(min(len(lines), 150))
    if rng.random() < 0.3:
        lines[place : place + 1] = [lines[place]] * rng.choice([0, 2])
    else:
        words = lines[place].split(b" ")
        words[rng.randrange(len(words))] = rng.choice(HOSTILE_WORDS)
        lines[place] = b" ".join(words)
    return b"\n".join(lines)


def count_refusals(path: Path, robot: Robot, victim: Path | None = None, cases: int = CASES) -> int:
    """Load a clip once for every damaged version of a file and return how many of them were refused.

    Args:
        path: The clip.
        robot: Whom it is loaded for.
        victim: The file that is damaged; the clip itself if left out.
        cases: Number of versions: a third cut short, a third with wrong bits, a third with hostile words.
    """
    victim = victim or path
    content, rng = victim.read_bytes(), random.Random(len(path.name))
    kinds: tuple[Callable[[bytes, random.Random], bytes], ...] = (truncated, flipped, reworded)
    messages = []
    for case in range(cases):
        victim.write_bytes(kinds[case % 3](content, rng))
        try:
            for clip in load_clips(path, robot):
                positions = clip.body_pos if isinstance(clip, Motion) else clip.world_poses()[0]
                assert np.isfinite(positions).all()
        except MotionError as error:
            messages.append(str(error))
    victim.write_bytes(content)
    assert all(victim.stem in message and "\n" not in message and len(message) < 600 for message in messages)
    return len(messages)
