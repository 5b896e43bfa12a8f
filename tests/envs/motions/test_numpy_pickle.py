# SPDX-License-Identifier: Apache-2.0
"""Pickled dictionaries of arrays: what NumPy and Python write is read, nothing is executed, nothing grows."""

import io
import os
import pathlib
import pickle
import struct
import tracemalloc
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.readers.files.numpy_pickle import (
    load_pickled_dictionary,
    number_array,
    pickled_keys,
    single_number,
    text_list,
)


class Calls:
    """Pickles as a call."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.call = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.call


def assemble(*parts: bytes) -> bytes:
    """Return a pickle of protocol 4 from its instructions, STOP at its end."""
    return b"\x80\x04" + b"".join(parts) + b"."


def text(value: str) -> bytes:
    """Return the instruction that pushes a text."""
    return b"X" + struct.pack("<I", len(value.encode())) + value.encode()


def dictionary(value: bytes) -> bytes:
    """Return a pickle of a dictionary whose entry `a` is what some instructions leave on the stack."""
    return assemble(b"}", text("a"), value, b"s")


ARRAY = np.arange(24.0).reshape(2, 3, 4)
VARIETY: dict[str, np.ndarray] = {
    "float32": ARRAY.astype(np.float32),
    "big endian": ARRAY.astype(">f8"),
    "fortran": np.asfortranarray(ARRAY),
    "strided": ARRAY[:, ::2, ::-1],
    "int64": ARRAY.astype(np.int64),
    "bool": ARRAY > 5,
    "empty": np.zeros((0, 3)),
    "scalar": np.array(3.5),
}


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_of_pickle_is_read(tmp_path: Path, protocol: int):
    """Arrays of all layouts, NumPy's numbers, plain values and nested dictionaries come out as they went in."""
    content: dict[str, object] = {
        **VARIETY,
        "number": np.float32(2.5),
        "fps": 30,
        "names": ["a", "b"],
        "half": [0.5, 1],
    }
    content["tree"] = OrderedDict(inner={"arr": ARRAY}, nothing=None, yes=True, pair=(1, b"x"), huge=2**80)
    (tmp_path / "a.pkl").write_bytes(pickle.dumps(content, protocol))
    read = load_pickled_dictionary(tmp_path / "a.pkl")
    assert read.keys() == content.keys()
    for key, array in VARIETY.items():
        found = number_array(read, key, tmp_path / "a.pkl", array.shape)
        np.testing.assert_array_equal(found, array.astype(np.float64))
    assert single_number(read, "number", tmp_path) == 2.5
    assert single_number(read, "fps", tmp_path) == 30.0
    assert text_list(read, "names", tmp_path) == ("a", "b")
    np.testing.assert_array_equal(number_array(read, "half", tmp_path, (2,)), [0.5, 1.0])
    tree = read["tree"]
    assert isinstance(tree, dict)
    assert (tree["nothing"], tree["yes"], tree["huge"]) == (None, True, 2**80)
    np.testing.assert_array_equal(number_array(tree["inner"], "arr", tmp_path, (2, 3, 4)), ARRAY)


@pytest.mark.parametrize("module", ["numpy.core.multiarray", "numpy._core.multiarray"])
def test_both_spellings_of_numpy_are_known(tmp_path: Path, module: str):
    """NumPy 2 moved its core."""
    content = pickle.dumps({"a": ARRAY}, 2).replace(b"numpy._core.multiarray", module.encode())
    assert module.encode() in content
    (tmp_path / "a.pkl").write_bytes(content)
    read = load_pickled_dictionary(tmp_path / "a.pkl")
    np.testing.assert_array_equal(number_array(read, "a", tmp_path, (2, 3, 4)), ARRAY)


def test_numpy_save(tmp_path: Path):
    """A dictionary in an array of one object, which is how `numpy.save` writes it."""
    np.save(tmp_path / "a.npy", np.array({"a": ARRAY, "fps": np.array([30.0])}, dtype=object))
    read = load_pickled_dictionary(tmp_path / "a.npy")
    np.testing.assert_array_equal(number_array(read, "a", tmp_path, (None, None, 4)), ARRAY)
    assert single_number(read, "fps", tmp_path) == 30.0
    assert pickled_keys(tmp_path / "a.npy") == {"a", "fps"}


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "os.system": (lambda: pickle.dumps({"a": Calls(os.system, "touch executed")}), f"{os.name}.system"),
    "eval": (lambda: pickle.dumps({"a": Calls(eval, "open('executed', 'w')")}), "builtins.eval"),
    "nested": (lambda: pickle.dumps({"a": Calls(Calls, Calls(exec, "open('executed', 'w')"))}), "Calls"),
    "in a list": (lambda: pickle.dumps({"a": OrderedDict(b=[Calls(os.mkdir, "executed")])}), f"{os.name}.mkdir"),
    "instance": (lambda: b"(S'touch executed'\nios\nsystem\n.", "os.system"),
    "class": (lambda: pickle.dumps({"a": pathlib.PurePosixPath("executed")}), "PurePosixPath"),
    "tensor": (lambda: pickle.dumps({"a": torch.zeros(2)}), "torch._utils._rebuild_tensor_v2"),
    "attribute": (lambda: dictionary(text("numpy") + text("ndarray.__class__") + b"\x93"), "numpy.ndarray.__class__"),
    "array by hand": (lambda: dictionary(b"cnumpy\nndarray\nJ\xff\xff\xff\x7f\x85R"), "numpy.ndarray"),
    "new object": (lambda: dictionary(b"cnumpy\nndarray\n)\x81"), "pickle.NEWOBJ"),
    "persistent": (lambda: dictionary(b"N\x51"), "pickle.BINPERSID"),
    "extension": (lambda: dictionary(b"\x82\x01"), "pickle.EXT1"),
    "set": (lambda: dictionary(b"\x8f"), "pickle.EMPTY_SET"),
    "unprintable": (lambda: dictionary(text("o\ns") + b"X\x03\x00\x00\x00\xed\xa0\x80" + b"\x93"), r"o s\.\?"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("suffix", [".pkl", ".npy"])
def test_code_is_named_and_not_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, suffix: str):
    """Whatever is not plain data is refused before anything is done with it."""
    monkeypatch.chdir(tmp_path)
    make, named = HOSTILE[name]
    path = tmp_path / f"a{suffix}"
    path.write_bytes((npy_header() if suffix == ".npy" else b"") + make())
    with pytest.raises(MotionError, match=rf"^a{suffix} needs the code \S*{named}\S* to load; files that run code are"):
        load_pickled_dictionary(path)
    assert pickled_keys(path) == frozenset()
    assert not (tmp_path / "executed").exists()


def npy_header(descr: str = "|O", shape: str = "()") -> bytes:
    """Return the header of a `.npy` file of version 1."""
    line = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(line)) + line.encode()


def huge_array(shape: tuple[object, ...], code: str = "f8") -> bytes:
    """Return the instructions of an array that claims a shape but holds 8 bytes."""
    made = io.BytesIO()
    pickle.dump(np.zeros(1, dtype=code), made, 2)
    whole = made.getvalue()[2:-1]
    return whole.replace(b"K\x01\x85", pickle.dumps(shape, 2)[2:-1].replace(b"q\x00", b""))


BOMBS = {
    "array header": npy_header("<f8", "(1000000000000,)") + b"\0" * 8,
    "object array header": npy_header("|O", "(1000000000000,)") + pickle.dumps({"a": None}),
    "array": dictionary(huge_array((10**12,))),
    "array beyond 64 bits": dictionary(huge_array((2**40, 2**40))),
    "negative shape": dictionary(huge_array((-1,))),
    "object array": dictionary(huge_array((10**12,), "O")),
    "memo index": dictionary(b"N" + b"r\xff\xff\xff\x7f"),
    "bytes": dictionary(b"\x8e" + struct.pack("<Q", 2**40) + b"x"),
    "bytearray": dictionary(b"\x96" + struct.pack("<Q", 2**40) + b"x"),
    "text": dictionary(b"\x8d" + struct.pack("<Q", 2**40) + b"x"),
    "frame": dictionary(b"\x95" + struct.pack("<Q", 2**40) + b"N"),
    "nested tuple as a key": assemble(b"}", b")\x94" + b"h\x00h\x00\x86\x94" * 60, b"Ns"),
    "shared lists": dictionary(b"]\x94" + b"]\x94" + b"(" + b"h\x00" * 100 + b"e" + b"(" + b"h\x01" * 100 + b"e"),
    "itself": dictionary(b"]\x94h\x00a"),
    "deep tuple as a key": assemble(b"}", b")" + b"\x85" * 100_000, b"Ns"),
    "encoded again and again": dictionary(
        text("x" * 100_000)
        + b"\x94"
        + text("latin1")
        + b"\x94\x86\x94"
        + b"("
        + b"c_codecs\nencode\nh\x02R" * 10_000
        + b"l"
    ),
}


@pytest.mark.parametrize("name", BOMBS)
def test_small_files_stay_small(tmp_path: Path, name: str):
    """What a file announces isn't allocated, and nothing in it multiplies: refused at once or of no consequence."""
    path = tmp_path / "a.npy"
    path.write_bytes(BOMBS[name])
    tracemalloc.start()
    try:
        with pytest.raises(MotionError, match=r"^a\.npy[ :]"):
            number_array(load_pickled_dictionary(path), "a", path, (None,))
        assert tracemalloc.get_traced_memory()[1] < 60e6
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is damaged"),
        (b"junk", "is damaged"),
        (pickle.dumps([1, 2]), "holds no dictionary of arrays"),
        (npy_header("<f8", "(1,)") + b"\0" * 8, "holds no dictionary of arrays"),
        (b"\x93NUMPY\x07\x00", "is damaged"),
        (npy_header("O", "(2,)") + pickle.dumps(np.array([{}, {}], dtype=object)), "holds no dictionary of arrays"),
        (pickle.dumps({"a": 1})[:-3], "is damaged"),
        (dictionary(b"0"), "pickle.POP"),
        (assemble(b"}K\x01Ns"), "is damaged"),
        (assemble(b"\x86"), "is damaged"),
        (assemble(b"Nccollections\nOrderedDict\nN\x85R"), "is damaged"),
        (assemble(b"}Nb"), "is damaged"),
        (pickle.dumps({"a\n": 1}), "holds no dictionary of arrays"),
        (assemble(b"})b"), "is damaged"),
    ],
)
def test_what_is_no_dictionary(tmp_path: Path, content: bytes, message: str):
    """One line for each."""
    path = tmp_path / "a.npy"
    path.write_bytes(content)
    with pytest.raises(MotionError, match=rf"^a\.npy .*{message}") as caught:
        load_pickled_dictionary(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "value",
    ["text", None, [1, "x"], [[1.0]], {}, (1.0,), np.array(["x"]), np.array([1j]), np.array([{}]), 10**400, [10**400]],
)
def test_what_is_no_array_of_numbers(tmp_path: Path, value: object):
    """The key is named."""
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"a": value}))
    with pytest.raises(MotionError, match=r"^a\.pkl: a is not an array of numbers"):
        number_array(load_pickled_dictionary(tmp_path / "a.pkl"), "a", tmp_path / "a.pkl", (None,))


def test_wrong_shapes_and_lists_are_named(tmp_path: Path):
    """What was given and what was expected."""
    path = tmp_path / "a.pkl"
    path.write_bytes(pickle.dumps({"a": ARRAY, "names": ["x", 1], "word": "word", "lines": ["x\ny"]}))
    read = load_pickled_dictionary(path)
    with pytest.raises(MotionError, match=r"^a\.pkl: a has the shape \(2, 3, 4\); expected \(any, 3\)$"):
        number_array(read, "a", path, (None, 3))
    for key in ("names", "word", "lines"):
        with pytest.raises(MotionError, match=rf"^a\.pkl: {key} is not a list of names"):
            text_list(read, key, path)


def test_unreadable_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Missing, not to be read, or a pipe that would wait for ever."""
    with pytest.raises(MotionError, match=r"^No such motion file: .*nowhere\.npy$"):
        load_pickled_dictionary(tmp_path / "nowhere.npy")
    os.mkfifo(tmp_path / "pipe.npy")
    assert pickled_keys(tmp_path / "pipe.npy") == frozenset()

    def fail(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(MotionError, match=r"a\.npy can't be read: Permission denied"):
        load_pickled_dictionary(tmp_path / "a.npy")
