# SPDX-License-Identifier: Apache-2.0
"""Types of settings: which dataclass a value is for, what its fields are, and how a type reads in an error."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping

from protomotions_cli.errors import UsageError
from protomotions_cli.suggestions import did_you_mean

# What an annotation evaluates to: a class, a union, a generic alias, ... Python has no name for all of these yet.
Hint: typing.TypeAlias = type


def field_types(config_type: type) -> dict[str, Hint]:
    """Return the annotations of a dataclass's fields by name, with names in strings resolved."""
    if not dataclasses.is_dataclass(config_type):
        raise TypeError(f"{config_type} is not a dataclass")
    hints = typing.get_type_hints(config_type)
    return {field.name: hints[field.name] for field in dataclasses.fields(config_type) if field.init}


def dataclass_members(hint: Hint) -> list[type]:
    """Return the dataclasses among the members of a union, or the hint itself where it is one."""
    members = typing.get_args(hint) if _is_union(hint) else (hint,)
    return [member for member in members if isinstance(member, type) and dataclasses.is_dataclass(member)]


def choose_dataclass(hint: Hint, plain: Mapping[str, object], key: str) -> type | None:
    """Return the dataclass that plain data under `key` is for, or None where the type has none.

    The members of a union are told apart by their fields of a `Literal` type, such as `name: Literal["mimic"]`.

    Raises:
        UsageError: No member has the literal that the data gives.
    """
    members = dataclass_members(hint)
    fitting = [member for member in members if _literals_match(member, plain)]
    if fitting or not members:
        return fitting[0] if fitting else None
    given, allowed = _mismatch(members, plain)
    value = str(plain[given])
    raise UsageError(f"{_join(key, given)}: unknown value {value!r}; {did_you_mean(value, allowed)}")


def describe(hint: Hint) -> str:
    """Return a type in a user's words, such as `int or None`."""
    if hint is type(None):
        return "null"
    if typing.get_origin(hint) is typing.Literal:
        return "one of " + ", ".join(repr(value) for value in typing.get_args(hint))
    if _is_union(hint):
        return " or ".join(describe(member) for member in typing.get_args(hint))
    if typing.get_origin(hint) is None and isinstance(hint, type):
        return {bool: "true or false", str: "text"}.get(hint, hint.__name__)
    return str(hint).replace("typing.", "").replace("collections.abc.", "")


def _is_union(hint: Hint) -> bool:
    return typing.get_origin(hint) in (typing.Union, types.UnionType)


def _literals_match(member: type, plain: Mapping[str, object]) -> bool:
    literals = _literals(member)
    return all(plain.get(name, values[0]) in values for name, values in literals.items())


def _mismatch(members: list[type], plain: Mapping[str, object]) -> tuple[str, list[str]]:
    wrong = {
        name: [str(value) for other in members for value in _literals(other).get(name, ())]
        for member in members
        for name, values in _literals(member).items()
        if plain.get(name, values[0]) not in values
    }
    return next(iter(wrong.items()))


def _literals(member: type) -> dict[str, tuple[object, ...]]:
    hints = field_types(member)
    return {name: typing.get_args(hint) for name, hint in hints.items() if typing.get_origin(hint) is typing.Literal}


def _join(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name
