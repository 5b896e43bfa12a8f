# SPDX-License-Identifier: Apache-2.0
"""The way MuJoCo draws, which it fixes once and for all when it is first imported."""

import ctypes.util
import os
import sys


def choose_opengl() -> None:
    """Let MuJoCo draw through EGL on a Linux machine without a screen, unless the user has chosen a way.

    Only where EGL is installed: asking for it elsewhere would break the import of MuJoCo itself.
    """
    if sys.platform == "linux" and not os.environ.get("DISPLAY") and ctypes.util.find_library("EGL"):
        os.environ.setdefault("MUJOCO_GL", "egl")
