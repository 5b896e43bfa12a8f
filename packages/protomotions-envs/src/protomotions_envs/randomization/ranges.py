# SPDX-License-Identifier: Apache-2.0
"""Ranges that numbers are drawn from."""

from __future__ import annotations

import math

from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError

Range = tuple[float, float]
"""The smallest and the largest value, all values between being equally likely."""


def check_range(name: str, values: Range | None, least: float = 0.0) -> None:
    """Raise a ProtoMotionsError unless a setting is None or a range of finite numbers of at least `least`."""
    if values is not None and not least <= values[0] <= values[1] < math.inf:
        raise ProtoMotionsError(f"{name} must be null or two rising numbers of at least {least:g}, not {values}")


def check_widths(name: str, *widths: float) -> None:
    """Raise a ProtoMotionsError unless all half-widths of a setting are finite and not negative."""
    if not all(0.0 <= width < math.inf for width in widths):
        raise ProtoMotionsError(f"{name} must be 0 (off) or positive, not {widths if len(widths) > 1 else widths[0]}")


def scaled(unit: Tensor, values: Range) -> Tensor:
    """Return numbers from 0..1 stretched to a range."""
    return values[0] + (values[1] - values[0]) * unit
