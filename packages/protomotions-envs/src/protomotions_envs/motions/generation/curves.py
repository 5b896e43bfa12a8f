# SPDX-License-Identifier: Apache-2.0
"""Smooth curves of time: positions, speeds and accelerations without jumps."""

from __future__ import annotations

import numpy as np


def rise(time: np.ndarray, start: float, end: float) -> np.ndarray:
    """Return a curve from 0 at `start` to 1 at `end` with the least jerk (Flash and Hogan 1985), constant outside."""
    x = np.clip((time - start) / (end - start), 0.0, 1.0)
    return x**3 * (10.0 - 15.0 * x + 6.0 * x**2)


def hold(time: np.ndarray, start: float, end: float, ramp: float) -> np.ndarray:
    """Return a curve that rises from 0 to 1 in `ramp` seconds after `start` and is back at 0 at `end`."""
    return rise(time, start, start + ramp) - rise(time, end - ramp, end)


def bump(time: np.ndarray, start: float, end: float) -> np.ndarray:
    """Return a curve that is 1 in the middle of `start` and `end` and, with speed and acceleration, 0 outside."""
    x = np.clip((time - start) / (end - start), 0.0, 1.0)
    return 64.0 * x**3 * (1.0 - x) ** 3
