# SPDX-License-Identifier: Apache-2.0
"""The contents of `.npy` files and of the members of `.npz` archives, never larger in memory than they are."""

from __future__ import annotations

import io
import math

import numpy as np
from numpy.lib import format as npy_format

MAGIC = b"\x93NUMPY"
"""What such a file starts with."""
_PLAIN_KINDS = "biufU"


def split_header(content: bytes) -> tuple[np.dtype, tuple[int, ...], bool, bytes]:
    """Return the type, the shape, whether the first axis changes fastest, and the bytes that follow the header.

    Raises:
        Exception: It is damaged; of many types, as the damage has it.
    """
    file = io.BytesIO(content)
    version = npy_format.read_magic(file)
    if version == (1, 0):
        shape, fortran, kind = npy_format.read_array_header_1_0(file)
    else:
        shape, fortran, kind = npy_format.read_array_header_2_0(file)
    return kind, shape, fortran, content[file.tell() :]


def plain_array(content: bytes) -> np.ndarray:
    """Return an array of numbers, truth values or texts, not to be written to.

    The header's shape is compared with the bytes that are there before anything is made of it.

    Raises:
        Exception: It is damaged or of another kind; of many types, as the damage has it.
    """
    kind, shape, fortran, data = split_header(content)
    if kind.kind not in _PLAIN_KINDS:
        raise ValueError(f"an array of {kind}")
    if len(data) != math.prod(shape) * kind.itemsize:
        raise ValueError("an array of another size than its shape")
    return np.frombuffer(data, kind).reshape(shape, order="F" if fortran else "C")
