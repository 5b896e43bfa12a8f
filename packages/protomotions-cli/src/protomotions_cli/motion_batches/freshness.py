# SPDX-License-Identifier: Apache-2.0
"""Whether a clip that is already there still stands for its source, so that a batch can go on where it was stopped."""

from __future__ import annotations

from pathlib import Path

from protomotions_cli.errors import UsageError


def is_done(target: Path, source: Path, robot: str) -> bool:
    """Return whether a clip was made of its source as it is now.

    Args:
        target: The file of the clip, there or not.
        source: What it is made of.
        robot: Name that the clip must have been made for.

    Raises:
        UsageError: The clip is there but for another robot, so that writing would destroy somebody's work.
    """
    made_for = _robot_of(target)
    if made_for is None:
        return False
    if made_for != robot:
        raise UsageError(
            f"{target} is a clip for robot {made_for!r}; write those for {robot!r} to another folder, "
            "or replace it with --overwrite"
        )
    return target.stat().st_mtime >= source.stat().st_mtime


def _robot_of(clip: Path) -> str | None:
    """Return the robot that a clip names, None if it is missing or damaged; only this entry is read."""
    import numpy as np

    if not clip.is_file():
        return None
    try:
        with np.load(clip, allow_pickle=False) as archive:
            return str(archive["robot"])
    # Damaged bytes surface as whatever the zip or header parser stumbles over first.
    except Exception:
        return None
