# SPDX-License-Identifier: Apache-2.0
"""`python -m protomotions_envs.motions.generation`: write the built-in clips of the G1 again."""

from __future__ import annotations

from protomotions_envs.motions.builtin import CLIPS_FOLDER
from protomotions_envs.motions.generation import generate_builtin_clips


def main() -> None:
    """Write the clips to where they ship and print their files."""
    for path in generate_builtin_clips(CLIPS_FOLDER / "g1"):
        print(f"{path}  {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
