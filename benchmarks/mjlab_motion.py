# SPDX-License-Identifier: Apache-2.0
"""Write one of our G1 clips as the npz that mjlab's motion tracking reads.

    uv run python benchmarks/mjlab_motion.py --output walk_mjlab.npz [--motion-file CLIP]

The file has `fps`, `joint_pos`, `joint_vel`, `body_pos_w`, `body_quat_w` (wxyz), `body_lin_vel_w` and `body_ang_vel_w`,
with a row per frame, in the order of the names that it also holds. mjlab's G1 has the joints and bodies of ours in the
same order; `mjlab_tracking.py` checks the names.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from protomotions_envs.motions import MotionLibrary, ReadOptions, builtin_motions, load_motions
from protomotions_envs.robots import load_robot

FPS = 50
"""mjlab takes a frame per control step, whatever the file says."""


def mjlab_clip(motion_file: Path | None, read_fps: float | None = None) -> dict[str, np.ndarray]:
    """Return the arrays of mjlab's file.

    Args:
        motion_file: A file with one clip of a G1 in any format that we read; None for the built-in walk.
        read_fps: Frames per second of a file that doesn't say it; None for what is usual in its format.

    Raises:
        MotionError: The file can't be read or holds no clip of a G1.
    """
    robot = load_robot("g1")
    motions = load_motions(motion_file or builtin_motions(robot)["walk"], robot, ReadOptions(fps=read_fps))
    library = MotionLibrary(motions[:1], robot, fps=FPS)
    state = library.frames(torch.arange(int(library.num_frames[0])))
    return {
        "fps": np.array([FPS]),
        "joint_pos": state.joint_pos.numpy(),
        "joint_vel": state.joint_vel.numpy(),
        "body_pos_w": state.body_pos.numpy(),
        "body_quat_w": state.body_rot.numpy(),
        "body_lin_vel_w": state.body_lin_vel.numpy(),
        "body_ang_vel_w": state.body_ang_vel.numpy(),
        "joint_names": np.array(robot.joint_names),
        "body_names": np.array(robot.body_names),
    }


def main() -> None:
    """Convert one clip."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument(
        "--motion-file", type=Path, help="clip to convert, the first one of the file; the built-in walk"
    )
    parser.add_argument("--fps", type=float, help="frames per second of a clip that doesn't say it, such as a CSV file")
    arguments = parser.parse_args()
    clip = mjlab_clip(arguments.motion_file, arguments.fps)
    np.savez(arguments.output, allow_pickle=False, **clip)
    print(f"{arguments.output}: {len(clip['joint_pos'])} frames at {FPS} frames per second")


if __name__ == "__main__":
    main()
