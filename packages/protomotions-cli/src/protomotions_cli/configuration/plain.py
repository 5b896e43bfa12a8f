# SPDX-License-Identifier: Apache-2.0
"""Settings as plain data: frozen dataclasses to dictionaries, YAML text and back, with every key checked."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import pydantic
import yaml

from protomotions_cli.configuration.types import Hint, choose_dataclass, field_types
from protomotions_cli.errors import UsageError
from protomotions_cli.suggestions import did_you_mean

Config = TypeVar("Config")
Plain = dict[str, object]


def to_plain(config: object) -> Plain:
    """Return a dataclass as nested dictionaries, lists, texts, numbers, booleans and None."""
    # Wrong types are named when the data is read back; warnings about them would only double that.
    plain = pydantic.TypeAdapter(type(config)).dump_python(config, mode="json", warnings="none")
    if not isinstance(plain, dict):
        raise TypeError(f"{type(config).__name__} is not a dataclass")
    return plain


def from_plain(config_type: type[Config], plain: Mapping[str, object]) -> Config:
    """Return the dataclass that plain data describes; texts such as "1e-4" become the numbers they name.

    Raises:
        UsageError: A key is unknown (the nearest is named), a value has another type, or the dataclass refuses it.
    """
    check_keys(plain, config_type, "")
    try:
        return pydantic.TypeAdapter(config_type).validate_python(plain)
    except pydantic.ValidationError as error:
        raise UsageError(_first_problem(error)) from error


def check_keys(plain: object, hint: Hint, key: str) -> None:
    """Refuse unknown keys at any depth, which validation of a standard dataclass would pass over in silence.

    Args:
        plain: What was given.
        hint: The type that it is for.
        key: Dotted path of `plain`, for the message.

    Raises:
        UsageError: A key is unknown, or no member of a union fits.
    """
    if isinstance(plain, Mapping):
        mapping = typing.cast("Mapping[str, object]", plain)
        member = choose_dataclass(hint, mapping, key)
        if member is not None:
            _check_fields(mapping, member, key)
        elif len(arguments := typing.get_args(hint)) == 2:
            for name, value in mapping.items():
                check_keys(value, arguments[1], f"{key}.{name}")
    elif isinstance(plain, Sequence) and not isinstance(plain, str) and typing.get_args(hint):
        for index, value in enumerate(plain):
            check_keys(value, typing.get_args(hint)[0], f"{key}.{index}")


def to_yaml(plain: Mapping[str, object]) -> str:
    """Return plain data as YAML text, keys in their order."""
    return yaml.safe_dump(dict(plain), sort_keys=False, allow_unicode=True, width=120)


def read_yaml(path: Path) -> Plain:
    """Return the mapping that a YAML file holds.

    Raises:
        UsageError: The file is missing or isn't a YAML mapping.
    """
    try:
        plain = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"can't read {path}: {getattr(error, 'strerror', None) or 'it is not a text file'}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(plain, dict):
        raise UsageError(f"{path} holds no settings: expected a YAML mapping, got {type(plain).__name__}")
    return plain


def flatten(plain: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Return nested dictionaries as one with dotted keys; lists and empty dictionaries count as values."""
    flat: dict[str, object] = {}
    for name, value in plain.items():
        key = f"{prefix}{name}"
        if isinstance(value, Mapping) and value:
            flat |= flatten(typing.cast("Mapping[str, object]", value), f"{key}.")
        else:
            flat[key] = value
    return flat


def _check_fields(plain: Mapping[str, object], config_type: type, key: str) -> None:
    prefix = f"{key}." if key else ""
    known = field_types(config_type)
    for name, value in plain.items():
        if name not in known:
            raise UsageError(f"unknown key {prefix + str(name)!r}; {did_you_mean(str(name), known, prefix=prefix)}")
        check_keys(value, known[name], prefix + name)


def _first_problem(error: pydantic.ValidationError) -> str:
    # Literals that tell the members of a union apart are right by now; another member's error would hide the real one.
    problems = error.errors(include_url=False)
    problem = next((one for one in problems if one["type"] != "literal_error"), problems[0])
    # Members of unions stand in the location by class name; a user knows only the keys.
    key = ".".join(str(part) for part in problem["loc"] if not (isinstance(part, str) and part[:1].isupper()))
    message = problem["msg"].removeprefix("Value error, ")
    value = problem["input"]
    # An error that a dataclass raised says what was given itself.
    given = "" if problem["type"] == "value_error" or dataclasses.is_dataclass(value) else f", got {value!r}"
    return f"{key}: {message}{given}" if key else message + given
