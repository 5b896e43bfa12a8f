# SPDX-License-Identifier: Apache-2.0
"""What became of one clip of a batch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Status: TypeAlias = Literal["written", "kept", "left out", "failed"]


@dataclass(frozen=True)
class ClipOutcome:
    """Plain data, so that it can come from another process."""

    source: Path
    """The file that holds the clip."""
    status: Status
    """Written, kept because it was done before, left out because of what was asked for, or failed."""
    target: Path | None = None
    """The file of the clip, where there is one."""
    reason: str = ""
    """Why it was left out or failed, one line."""
    frames: int = 0
    """Of what was written."""
    seconds: float = 0.0
    """Duration of what was written, s."""
    retargeted: bool = False
    """Whether the clip came from another skeleton than the robot's."""
    remark: str = ""
    """What else there is to say about what was written."""
    part: str = ""
    """Which part of the output it belongs to, where there are several."""
