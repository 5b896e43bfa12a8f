# SPDX-License-Identifier: Apache-2.0
"""What a pickle says of NumPy arrays, kept as it stands in the file and checked when the numbers are asked for."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np

_NUMBER_TYPE = re.compile(r"b1|[iu][1248]|f[248]")
_BYTE_ORDERS = ("<", ">", "|", "=")


@dataclass(eq=False)
class PickledType:
    """A type of numbers. Nothing is checked: fields hold what the file has."""

    code: object = None
    """Such as 'f8'."""
    byte_order: object = "="
    """One of '<', '>', '|', '='."""


@dataclass(eq=False)
class PickledArray:
    """An array or a NumPy number. Nothing is checked: fields hold what the file has."""

    shape: object = None
    """Lengths of its axes."""
    type: object = None
    """A `PickledType`."""
    fortran: object = False
    """Whether the first axis changes fastest."""
    data: object = None
    """Its bytes; as text where Python 2's protocols wrote them; a list for an array of objects."""

    def numbers(self) -> np.ndarray:
        """Return the array, not to be written to.

        Raises:
            ValueError: It doesn't hold numbers, or not as many as its shape needs.
        """
        kind, shape = self._number_type(), self._shape()
        data = self.data.encode("latin1") if isinstance(self.data, str) else self.data
        if not isinstance(data, bytes | bytearray) or len(data) != math.prod(shape) * kind.itemsize:
            raise ValueError("an array of another size than its shape")
        return np.frombuffer(data, kind).reshape(shape, order="F" if self.fortran else "C")

    def _number_type(self) -> np.dtype:
        if not isinstance(self.type, PickledType):
            raise ValueError("an array without type")
        code, order = self.type.code, self.type.byte_order
        if not isinstance(code, str) or not _NUMBER_TYPE.fullmatch(code) or order not in _BYTE_ORDERS:
            raise ValueError("an array of something else than numbers")
        return np.dtype(f"{order}{code}")

    def _shape(self) -> tuple[int, ...]:
        lengths = self.shape if isinstance(self.shape, tuple) else (None,)
        shape = tuple(length for length in lengths if isinstance(length, int) and length >= 0)
        if len(shape) != len(lengths):
            raise ValueError("an array with an impossible shape")
        return shape


def called(path: str, arguments: tuple[object, ...]) -> object:
    """Return what stands for the result of a call that a pickle of arrays asks for; nothing is called.

    Args:
        path: One of `CALLABLE`.
        arguments: Of the call.

    Raises:
        ValueError: The arguments are not those that NumPy writes.
    """
    match path.rpartition(".")[2], arguments:
        # NumPy fills both by the state that follows.
        case "_reconstruct", _:
            return PickledArray()
        case "dtype", (code, *_):
            return PickledType(code)
        case "OrderedDict", ():
            return {}
        case "scalar", (kind, data):
            return PickledArray((), kind, False, data)
        case "_frombuffer", (data, kind, shape, order):
            return PickledArray(shape, kind, order == "F", data)
        # Bytes by Python 2's protocols; the text is turned into bytes when its array is read.
        case "encode", (str() as text, "latin1"):
            return text
        case "bytes", ():
            return b""
    raise ValueError(f"a call of {path} as NumPy doesn't write it")


def fill(target: object, state: tuple[object, ...]) -> None:
    """Give an array or a type the state that follows it in a pickle.

    Raises:
        ValueError: It is neither, or the state is not one that NumPy writes.
    """
    match target, state:
        case PickledType(), (_, byte_order, *_):
            target.byte_order = byte_order
        case PickledArray(), (_, shape, kind, fortran, data):
            target.shape, target.type, target.fortran, target.data = shape, kind, fortran, data
        case _:
            raise ValueError("a state as NumPy doesn't write it")


_MULTIARRAY = ("numpy.core.multiarray", "numpy._core.multiarray")
_NUMERIC = ("numpy.core.numeric", "numpy._core.numeric")
CALLABLE = frozenset(
    {"collections.OrderedDict", "numpy.dtype", "_codecs.encode", "__builtin__.bytes"}
    | {f"{module}.{name}" for module in _MULTIARRAY for name in ("_reconstruct", "scalar")}
    | {f"{module}._frombuffer" for module in _NUMERIC}
)
"""What pickles of arrays call, in the spellings of NumPy 1 and 2."""
NAMED = CALLABLE | {"numpy.ndarray"}
"""What they name."""
