# SPDX-License-Identifier: Apache-2.0
"""Pickles of plain data and NumPy arrays, opened without executing anything.

A pickle is a program for a stack machine. Python's own machine calls what the file names, and even with a list of
allowed names a few bytes make it allocate gigabytes (an index of its memo, the shape of an array), hash nested tuples
for ever or overflow its stack. This machine has only the instructions that plain data needs. None of them calls
anything, and each makes no more than its own bytes justify; arrays stay as the file has them (`PickledArray`).
"""

from __future__ import annotations

import pickletools
from dataclasses import dataclass
from typing import TypeVar

from protomotions_envs.motions.readers.files.pickled_array import CALLABLE, NAMED, called, fill

_NUMBERS = "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT"
_TEXTS = "STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8"
_BYTES = "BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8"
_PUSHED = frozenset(f"{_NUMBERS} {_TEXTS} {_BYTES}".split())
_CONSTANTS: dict[str, object] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
Kind = TypeVar("Kind")


class UnsafePickleError(ValueError):
    """A pickle that asks for more than plain data and arrays; the message is the name of what it asks for."""


@dataclass(frozen=True)
class _Name:
    """Something importable that a pickle names; it stays a name."""

    path: str


def load_inert_pickle(content: bytes) -> object:
    """Return the value of a pickle.

    It may consist of None, truth values, numbers, texts, bytes, lists, tuples, dictionaries with texts as keys, and
    `PickledArray`.

    Raises:
        UnsafePickleError: It names or does something else.
        Exception: It is damaged; of many types, as the damage has it.
    """
    machine = _Machine()
    for opcode, argument, _ in pickletools.genops(content):
        machine.execute(opcode.name, argument)
    return machine.stack.pop()


class _Machine:
    """The stack, the marks on it and the memo of a pickle that is being read."""

    def __init__(self) -> None:
        self.stack: list[object] = []
        self.marks: list[int] = []
        self.memo: dict[object, object] = {}

    def execute(self, name: str, argument: object) -> None:
        """Do one instruction."""
        if name in _PUSHED:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in _TUPLES:
            self.stack.append(tuple(self._pop(_TUPLES[name])))
        elif name.startswith("EMPTY_"):
            self.stack.append(_empty(name))
        elif name.endswith(("PUT", "GET")):
            self._use_memo(name, argument)
        elif name not in ("PROTO", "FRAME", "STOP"):
            self._combine(name, argument)

    def _use_memo(self, name: str, key: object) -> None:
        if name.endswith("PUT"):
            self.memo[key] = self.stack[-1]
        else:
            self.stack.append(self.memo[key])

    def _combine(self, name: str, argument: object) -> None:
        match name:
            case "MARK":
                self.marks.append(len(self.stack))
            case "MEMOIZE":
                self.memo[len(self.memo)] = self.stack[-1]
            case "LIST":
                self.stack.append(self._pop_marked())
            case "TUPLE":
                self.stack.append(tuple(self._pop_marked()))
            case "APPEND" | "APPENDS":
                items = self._pop(1) if name == "APPEND" else self._pop_marked()
                _require(self.stack[-1], list).extend(items)
            case "DICT" | "SETITEM" | "SETITEMS":
                self._set_items(name)
            case _:
                self._use_names(name, argument)

    def _set_items(self, name: str) -> None:
        items = self._pop(2) if name == "SETITEM" else self._pop_marked()
        if name == "DICT":
            self.stack.append({})
        # Only texts are hashed: hashing nested tuples can take for ever.
        keys = [_require(key, str) for key in items[::2]]
        _require(self.stack[-1], dict).update(zip(keys, items[1::2], strict=True))

    def _use_names(self, name: str, argument: object) -> None:
        match name:
            case "GLOBAL":
                self.stack.append(_allowed(str(argument).replace(" ", ".", 1)))
            case "STACK_GLOBAL":
                module, attribute = self._pop(2)
                self.stack.append(_allowed(f"{_require(module, str)}.{_require(attribute, str)}"))
            case "REDUCE":
                function, arguments = self._pop(2)
                path = _require(function, _Name).path
                if path not in CALLABLE:
                    raise UnsafePickleError(path)
                self.stack.append(called(path, _require(arguments, tuple)))
            case "BUILD":
                (state,) = self._pop(1)
                fill(self.stack[-1], _require(state, tuple))
            case "INST":
                raise UnsafePickleError(str(argument).replace(" ", ".", 1))
            case _:
                raise UnsafePickleError(f"pickle.{name}")

    def _pop(self, count: int) -> list[object]:
        if len(self.stack) < count:
            raise ValueError("an instruction without its operands")
        items = self.stack[-count:]
        del self.stack[-count:]
        return items

    def _pop_marked(self) -> list[object]:
        mark = self.marks.pop()
        items = self.stack[mark:]
        del self.stack[mark:]
        return items


def _empty(name: str) -> object:
    if name == "EMPTY_LIST":
        return []
    if name == "EMPTY_DICT":
        return {}
    raise UnsafePickleError(f"pickle.{name}")


def _allowed(path: str) -> _Name:
    if path not in NAMED:
        raise UnsafePickleError(path)
    return _Name(path)


def _require(value: object, kind: type[Kind]) -> Kind:
    if not isinstance(value, kind):
        raise ValueError(f"a {type(value).__name__} in place of a {kind.__name__}")
    return value
