# SPDX-License-Identifier: Apache-2.0
"""Reader of NVlabs ProtoMotions' `.pt` packs: many clips one after another in one dictionary of tensors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.kinematics import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.files.torch_archive import load_torch_archive, number_array, require_keys
from protomotions_envs.motions.readers.motion_format import MotionFormat, ReadOptions
from protomotions_envs.motions.readers.robots.proto_tensors import TensorKeys, read_coordinates
from protomotions_envs.robots.robot import Robot

_TENSORS = TensorKeys("gts", "grs", "dps", "lrs")
_KEYS = (_TENSORS.body_pos, _TENSORS.body_rot, _TENSORS.joint_pos, "length_starts", "motion_num_frames", "motion_dt")


def read_proto_pack(path: str | Path, robot: Robot) -> list[Motion]:
    """Read all clips of a pack, with their names and sampling weights.

    Raises:
        MotionError: Damaged, would run code, joints that aren't the robot's, or numbers not sound.
    """
    path = Path(path)
    content = load_torch_archive(path)
    require_keys(content, _KEYS, path, "a pack of motion clips")
    root_pos, root_rot, joint_pos = read_coordinates(content, _TENSORS, robot, path)
    starts = number_array(content, "length_starts", path, (None,))
    counts, periods, weights = _clip_numbers(content, path, len(starts))
    names = _clip_names(content, path, len(starts))
    motions = []
    for clip, name in enumerate(names):
        label = f"{path.name} clip {clip} ({name})"
        rows = _frame_range(starts[clip], counts[clip], len(joint_pos), label)
        motion = motion_from_joint_positions(
            robot,
            name=name,
            fps=1.0 / periods[clip],
            root_pos=root_pos[rows],
            root_rot=root_rot[rows],
            joint_pos=joint_pos[rows],
            source=path.name,
            label=label,
        )
        motions.append(replace(motion, weight=float(weights[clip])))
    return motions


def _clip_numbers(content: Mapping[str, object], path: Path, clips: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the number of frames, the time between frames (s) and the sampling weight of each clip."""
    if clips == 0:
        raise MotionError(f"{path.name} is an empty pack: it has no clips")
    counts = number_array(content, "motion_num_frames", path, (clips,))
    periods = number_array(content, "motion_dt", path, (clips,))
    if not (np.isfinite(periods).all() and (periods > 0).all()):
        raise MotionError(f"{path.name}: motion_dt must be positive, in seconds; it is {periods.min():g}")
    weights = np.ones(clips)
    if content.get("motion_weights") is not None:
        weights = number_array(content, "motion_weights", path, (clips,))
    return counts, periods, weights


def _clip_names(content: Mapping[str, object], path: Path, clips: int) -> list[str]:
    """Return the stems of the files that the pack was made of, or numbered names if it doesn't tell."""
    files = content.get("motion_files")
    if isinstance(files, Sequence) and len(files) == clips:
        return [PurePosixPath(str(file)).stem for file in files]
    return [f"{path.stem}_{clip}" for clip in range(clips)]


def _frame_range(start: float, count: float, frames: int, label: str) -> slice:
    # A comparison with NaN is false, which makes it an error here.
    if not (start >= 0 and count >= 0 and start + count <= frames):
        raise MotionError(
            f"{label} spans frames {start:g} to {start + count:g} of a pack with {frames}; pack the clips again"
        )
    return slice(int(start), int(start + count))


def _read(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    return read_proto_pack(path, robot)


FORMAT = MotionFormat("ProtoMotions 3 pack", (".pt",), _read)
