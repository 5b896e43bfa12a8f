# SPDX-License-Identifier: Apache-2.0
"""Ways to damage a motion file: its bytes, its words, its arrays, and code put into it."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tests.envs.motions.sound_files import Content

HOSTILE_WORDS = (
    *(b"nan", b"-inf", b"1e999", b"1e300", b"-1", b"0", b"7", b"4000000000", b"9" * 5000, b"x", b"{", b"}", b":"),
    *(
        b"\xff\xfe",
        b"\0",
        "\u0663".encode(),
        b"!!python/object/apply:os.system [touch executed]",
        b"&a [*a]",
        b'"',
        b"",
    ),
)


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


def reworded(content: bytes, rng: random.Random) -> bytes:
    """Return a text with a word exchanged for a hostile one or left out, or a line doubled or left out."""
    lines = content.split(b"\n")
    place = rng.randrange(len(lines))
    if rng.random() < 0.3:
        lines[place : place + 1] = [lines[place]] * rng.choice([0, 2])
        return b"\n".join(lines)
    separator = b"," if b"," in lines[place] else b" "
    words = lines[place].split(separator)
    words[rng.randrange(len(words))] = rng.choice(HOSTILE_WORDS)
    lines[place] = separator.join(words)
    return b"\n".join(lines)


def rearranged(content: Content, rng: random.Random) -> Content:
    """Return a dictionary with one of its entries, or of those of dictionaries in it, missing or wrong."""
    key = rng.choice(sorted(content))
    value = content[key]
    if isinstance(value, dict) and rng.random() < 0.9:
        return content | {key: rearranged(value, rng)}
    if rng.random() < 0.1:
        return {other: entry for other, entry in content.items() if other != key}
    if isinstance(value, np.ndarray) and value.dtype.kind in "iuf" and value.size and rng.random() < 0.8:
        return content | {key: _wrong_array(value, rng)}
    return content | {key: rng.choice(_WRONG_VALUES)}


def with_code(content: Content, rng: random.Random) -> Content:
    """Return a dictionary with an entry that would make the file `executed` if it were unpickled by Python."""
    key = rng.choice(sorted(content))
    call = rng.choice(_CALLS)
    value = content[key]
    if isinstance(value, dict) and rng.random() < 0.7:
        return content | {key: with_code(value, rng)}
    return content | {key: rng.choice([call, [call], {"arr": call}, _object_array(call)])}


class Call:
    """Pickles as a call."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


def _object_array(value: object) -> np.ndarray:
    array = np.empty(1, dtype=object)
    array[0] = value
    return array


def _wrong_array(array: np.ndarray, rng: random.Random) -> np.ndarray:
    change = rng.choice(("number", "number", "shape", "type"))
    if change == "number":
        wrong = array.astype(np.float64)
        # Assigning to the flat view also works for an array without axes.
        wrong.flat[rng.randrange(array.size)] = rng.choice((np.nan, np.inf, -np.inf, 1e300, 1e9, -1.0, 0.0))
        return wrong
    if change == "type":
        return array.astype(rng.choice(("?", "c16", "f2", "i1", "U3", "O")))
    shapes = (array[None], array.ravel(), array.T, array[..., None], np.zeros(0), np.zeros((0, 4, 3)), np.array(1.0))
    cut = () if array.ndim == 0 else (array[:-1], array[:1], array[:0], array[..., :-1], np.repeat(array, 2, axis=0))
    return rng.choice((*shapes, *cut))


_WRONG_VALUES = (
    None,
    "text",
    -1,
    0,
    10**400,
    float("nan"),
    True,
    [],
    [[]],
    {},
    b"\0",
    ["a"],
    [1, [2]],
    np.zeros((2, 2)),
)
_CALLS = (
    Call(os.system, "touch executed"),
    Call(eval, "open('executed', 'w')"),
    Call(exec, "open('executed', 'w')"),
    Call(os.mkdir, "executed"),
    Call(map, Call(open, "executed", "w"), []),
    Call(getattr, Call(Path, "executed"), Call(str, Call(os.mkdir, "executed"))),
)
