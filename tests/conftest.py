# SPDX-License-Identifier: Apache-2.0
"""Fixtures shared by all tests."""

from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture
def shared_data() -> Path:
    """Folder of real motions and robot figures; tests that read it skip where it is missing."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of real motion data is not beside this checkout")
    return SHARED_DATA
