# SPDX-License-Identifier: Apache-2.0
"""Fixtures shared by all tests."""

import signal
from pathlib import Path

import pytest

# Shells start what runs in the background with Ctrl-C ignored, which processes inherit; tests of Ctrl-C need it.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Folder of real motions and robot figures; tests that read it skip where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of real motion data is not beside this checkout")
    return SHARED_DATA
