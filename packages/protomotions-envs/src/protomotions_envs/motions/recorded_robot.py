# SPDX-License-Identifier: Apache-2.0
"""Which robot clips say they are for."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from protomotions_envs.motions.pack import INDEX, is_pack
from protomotions_envs.motions.readers import motion_files


def recorded_robot(path: str | Path) -> str | None:
    """Return the name of the robot that an `.npz` clip or a pack is for; of a folder of clips, that of the first.

    None for files that don't say it and for those that can't be read: whoever reads them will say why.
    """
    path = Path(path)
    try:
        if is_pack(path):
            return str(json.loads((path / INDEX).read_text(encoding="utf-8"))["robot"])
        if path.is_dir():
            first = next((file for file in motion_files(path) if file.suffix == ".npz"), None)
            return None if first is None else recorded_robot(first)
        if path.suffix != ".npz":
            return None
        with np.load(path, allow_pickle=False) as archive:
            ours = {"format_version", "robot"} <= set(archive.files)
            return str(archive["robot"]) if ours else None
    except Exception:  # Damaged bytes surface as any of a dozen types.
        return None
