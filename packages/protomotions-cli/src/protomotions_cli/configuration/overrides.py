# SPDX-License-Identifier: Apache-2.0
"""Settings changed from the command line: `agent.config.num_steps=16`, checked by name and by type."""

from __future__ import annotations

import re
import typing
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import pydantic
import yaml

from protomotions_cli.configuration.plain import Plain, check_keys, from_plain, to_plain
from protomotions_cli.configuration.types import Hint, choose_dataclass, describe, field_types
from protomotions_cli.errors import UsageError
from protomotions_cli.suggestions import did_you_mean, nearest

Config = TypeVar("Config")

# Blanks part two overrides only where a key follows them, so that values such as `[256, 128]` may hold blanks.
_SEPARATOR = re.compile(r"\s+(?=[A-Za-z_][\w.]*=)")

# Keys may leave this section's name away: `robot=g1` means `env.robot=g1`.
_DEFAULT_SECTION = "env"


@dataclass(frozen=True)
class Override:
    """One setting to change."""

    key: str
    """Dotted path as given."""
    text: str
    """The value as given, read as YAML."""


def parse_overrides(texts: Iterable[str]) -> list[Override]:
    """Return the overrides of `--overrides`, each text holding one or several that blanks separate.

    Raises:
        UsageError: A text isn't of the form `key=value`.
    """
    overrides = []
    for part in (part for text in texts for part in _SEPARATOR.split(text.strip()) if part):
        key, equals, value = part.partition("=")
        if not equals or not key.strip():
            raise UsageError(f"override {part!r} is not of the form key=value, such as agent.config.num_steps=16")
        overrides.append(Override(key.strip(), value.strip()))
    return overrides


def apply_overrides(config: Config, overrides: Iterable[Override]) -> Config:
    """Return `config` with the overrides, built and validated once after all of them.

    Raises:
        UsageError: An unknown key (the nearest right one is named), a value of another type (the expected one is
            named), or a value that the settings refuse.
    """
    plain = to_plain(config)
    for override in overrides:
        _set(plain, type(config), override)
    return from_plain(type(config), plain)


def _set(plain: Plain, config_type: type, override: Override) -> None:
    """Change one value of `plain` in place, walking down the data and its types together."""
    names = _sections(override.key, config_type)
    node, hint, done = plain, config_type, ""
    for index, name in enumerate(names):
        children = _children(node, hint, done)
        if name == "config" and name not in children and index < len(names) - 1:
            continue
        if name not in children:
            raise UsageError(f"unknown key {override.key!r}; {_suggest(name, done, children, plain, config_type)}")
        if index == len(names) - 1:
            node[name] = _parse(override, children[name])
            return
        hint, done = children[name], f"{done}{name}."
        if not isinstance(node[name], dict):
            raise UsageError(f"unknown key {override.key!r}: {done[:-1]!r} is {describe(hint)} and has no parts")
        node = typing.cast("Plain", node[name])


def _sections(key: str, config_type: type) -> list[str]:
    names = key.split(".")
    top = field_types(config_type)
    default = top.get(_DEFAULT_SECTION)
    if names[0] not in top and isinstance(default, type) and names[0] in field_types(default):
        return [_DEFAULT_SECTION, *names]
    return names


def _children(node: Mapping[str, object], hint: Hint, done: str) -> dict[str, Hint]:
    """Return the types of a node's parts by name: a dataclass's fields, or the keys that a mapping has."""
    member = choose_dataclass(hint, node, done.rstrip("."))
    if member is not None:
        return field_types(member)
    arguments = typing.get_args(hint)
    return dict.fromkeys(node, arguments[1] if len(arguments) == 2 else object)


def _suggest(name: str, done: str, children: Mapping[str, Hint], plain: Plain, config_type: type) -> str:
    if nearest(name, children) is not None:
        return did_you_mean(name, children, prefix=done)
    # The right name may stand in another section: look for it everywhere before listing this one.
    everywhere = {key.rsplit(".", 1)[-1]: key for key in _all_keys(plain, config_type, "")}
    found = nearest(name, everywhere, alike=0.8)
    return f"did you mean {everywhere[found]!r}?" if found else did_you_mean(name, children, prefix=done)


def _all_keys(node: Mapping[str, object], hint: Hint, done: str) -> list[str]:
    keys = []
    for name, child in _children(node, hint, done).items():
        keys.append(done + name)
        value = node.get(name)
        if isinstance(value, Mapping):
            keys += _all_keys(typing.cast("Mapping[str, object]", value), child, f"{done}{name}.")
    return keys


def _parse(override: Override, hint: Hint) -> object:
    """Return the value of an override as plain data of the expected type."""
    adapter = pydantic.TypeAdapter(hint)
    for value in _readings(override, hint):
        check_keys(value, hint, override.key)
        try:
            return adapter.dump_python(adapter.validate_python(value), mode="json")
        except pydantic.ValidationError as error:
            own = [problem for problem in error.errors() if problem["type"] == "value_error"]
            if own:
                message = own[0]["msg"].removeprefix("Value error, ")
                raise UsageError(f"override {override.key}: {message}") from error
    raise UsageError(f"override {override.key}={override.text}: expected {describe(hint)}, got {override.text!r}")


def _readings(override: Override, hint: Hint) -> list[object]:
    """Return what the text may mean: first as YAML, then as it stands."""
    try:
        value = yaml.safe_load(override.text)
    except yaml.YAMLError:
        return [override.text]
    # Validation would turn `true` into the number 1; whoever writes that has the wrong key.
    wrong = isinstance(value, bool) and not ({bool, object} & {hint, *typing.get_args(hint)})
    return [override.text] if wrong else [value, override.text]
