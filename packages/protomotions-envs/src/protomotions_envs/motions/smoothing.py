# SPDX-License-Identifier: Apache-2.0
"""Curves without noise or corners: averages with a Gaussian, which shift nothing in time."""

from __future__ import annotations

import numpy as np


def smoothed(values: np.ndarray, width: float) -> np.ndarray:
    """Return values [T, ...] averaged over time with a Gaussian; the ends are continued by their mirror images.

    A straight line stays one, ends included, since the mirror is about the end point.

    Args:
        values: float64.
        width: Standard deviation, frames; 0 leaves all as it is.
    """
    reach = min(int(np.ceil(3 * width)), len(values) - 1)
    if reach == 0:
        return values
    flat = values.reshape(len(values), -1)
    before, after = 2 * flat[0] - flat[reach:0:-1], 2 * flat[-1] - flat[-2 : -reach - 2 : -1]
    padded = np.concatenate((before, flat, after))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / width) ** 2)
    kernel /= kernel.sum()
    columns = [np.convolve(column, kernel, mode="valid") for column in padded.T]
    return np.stack(columns, axis=-1).reshape(values.shape)


def smoothed_rotations(quaternions: np.ndarray, width: float) -> np.ndarray:
    """Return unit quaternions wxyz [T, ..., 4] averaged over time likewise.

    Args:
        quaternions: Of either sign each.
        width: Standard deviation, frames; turns within it are to be small.
    """
    # q and -q are the same rotation: each frame takes the sign that is nearer to the frame before.
    turns = (quaternions[1:] * quaternions[:-1]).sum(axis=-1, keepdims=True)
    signs = np.cumprod(np.where(turns < 0, -1.0, 1.0), axis=0)
    continuous = np.concatenate((quaternions[:1], quaternions[1:] * signs))
    averaged = smoothed(continuous, width)
    return averaged / np.linalg.norm(averaged, axis=-1, keepdims=True)


def ease(share: np.ndarray) -> np.ndarray:
    """Return the cubic that rises from 0 to 1 with level ends for shares in 0..1, constant outside."""
    share = np.clip(share, 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)
