# SPDX-License-Identifier: Apache-2.0
"""Properties that are computed when they are first asked for, and once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar, overload

Owner = TypeVar("Owner")
Value = TypeVar("Value")


class lazy_property(Generic[Owner, Value]):  # noqa: N801, it is used as a decorator
    """`functools.cached_property` without the lock that it has before Python 3.12.

    `torch.compile` can't follow a lock: each such property would cut the graph of a step in two.

    Args:
        compute: The method that computes the value.
    """

    def __init__(self, compute: Callable[[Owner], Value]) -> None:
        self._compute = compute
        self._name = ""
        self.__doc__ = compute.__doc__

    def __set_name__(self, owner: type[Owner], name: str) -> None:
        """Remember the name of the property."""
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type[Owner]) -> lazy_property[Owner, Value]: ...

    @overload
    def __get__(self, instance: Owner, owner: type[Owner]) -> Value: ...

    def __get__(self, instance: Owner | None, owner: type[Owner]) -> lazy_property[Owner, Value] | Value:
        """Compute the value and keep it where the next look finds it, before it finds this."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._compute(instance)
        return value
