# SPDX-License-Identifier: Apache-2.0
"""Many clips in one folder that opens in no time: an index, and all frames in one file that is mapped into memory.

A pack is a folder with

    index.json   what it is: robot, rate, names of joints, bodies and feet, and one entry per clip
    frames.bin   float32, little-endian, a row of 13 + 2 J + feet numbers per frame: the columns of `ResetState`, then 1
                 for each foot that touches the ground

Bodies are left out; they follow from the coordinates. A frame of a G1 takes 292 bytes, an hour at 50 Hz 53 MB.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.frame_rows import resampled_rows
from protomotions_envs.motions.kinematics import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.validation import check_fps, check_motion, fit_to_robot
from protomotions_envs.robots.robot import Robot
from protomotions_envs.state import ResetState, StateLayout

FORMAT, VERSION = "protomotions-pack", 1
INDEX, FRAMES = "index.json", "frames.bin"


@dataclass(frozen=True)
class PackedClip:
    """What a pack's index says of a clip."""

    name: str
    """Of the clip."""
    first_frame: int
    """Its first row."""
    num_frames: int
    """Its rows."""
    weight: float = 1.0
    """Relative probability of being sampled."""
    source: str = ""
    """Where the motion comes from."""
    licence: str = ""
    """SPDX identifier or name."""


@dataclass(frozen=True, eq=False)
class MotionPack:
    """An open pack; frames are read from the disk when they are looked at."""

    path: Path
    """The folder."""
    robot: str
    """Name of the robot that the clips are for."""
    fps: float
    """Frames per second of all clips."""
    clips: tuple[PackedClip, ...]
    """In the order of their frames."""
    frames: Tensor
    """Rows [F, 13 + 2 J + feet], float32, mapped from the file."""

    @property
    def num_frames(self) -> int:
        """Number F of frames of all clips."""
        return len(self.frames)


def is_pack(path: str | Path) -> bool:
    """Return whether a path is a folder with a pack's index."""
    return (Path(path) / INDEX).is_file()


def write_pack(path: str | Path, motions: Iterable[Motion], robot: Robot, *, fps: float) -> MotionPack:
    """Write clips to a pack, one after another, so that only one need be in memory.

    Args:
        path: The folder to make; a pack that is there is replaced once the new one is whole.
        motions: The clips.
        robot: Whose clips they are.
        fps: Frames per second of the pack; the robot's control rate unless there is a reason.

    Raises:
        MotionError: No clip, a clip that is not sound, too short or for another robot, or a folder that is no pack.
    """
    path = Path(path)
    check_fps(fps, "The pack")
    if path.exists() and not is_pack(path):
        raise MotionError(f"{path} exists and is not a pack; give another name")
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        clips = _write_frames(partial / FRAMES, motions, robot, fps)
        index = {
            "format": FORMAT,
            "version": VERSION,
            "robot": robot.name,
            "fps": fps,
            "joint_names": robot.joint_names,
            "body_names": robot.body_names,
            "foot_bodies": robot.foot_bodies,
            "clips": [asdict(clip) for clip in clips],
        }
        (partial / INDEX).write_text(json.dumps(index), encoding="utf-8")
        if path.exists():
            shutil.rmtree(path)
        partial.replace(path)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return open_pack(path, robot)


def open_pack(path: str | Path, robot: Robot, *, fps: float | None = None) -> MotionPack:
    """Open a pack for a robot.

    Args:
        path: The folder.
        robot: That the clips are for.
        fps: The rate that the pack must have; None for any.

    Raises:
        MotionError: It is damaged, of a newer version, for another robot or at another rate.
    """
    path = Path(path)
    try:
        index = json.loads((path / INDEX).read_text(encoding="utf-8"))
        if not isinstance(index, dict) or (index.get("format"), index.get("version")) != (FORMAT, VERSION):
            raise MotionError(f"{path} is not a pack of version {VERSION}; pack its clips again")
        for key in ("joint_names", "body_names", "foot_bodies"):
            if tuple(index[key]) != getattr(robot, key):
                raise MotionError(
                    f"{path} was packed for robot {index['robot']!r}: its {key} aren't those of {robot.name!r}; "
                    "pack its clips for that robot"
                )
        clips = tuple(PackedClip(**clip) for clip in index["clips"])
        rate = float(index["fps"])
        check_fps(rate, str(path))
        width = 13 + 2 * robot.num_joints + len(robot.foot_bodies)
        frames = _mapped(path / FRAMES, clips, width)
    except OSError as error:
        raise MotionError(f"{path} can't be read: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        if isinstance(error, MotionError):
            raise
        raise MotionError(f"{path}: {INDEX} is damaged ({type(error).__name__}); pack its clips again") from error
    if fps is not None and not math.isclose(rate, fps):
        raise MotionError(f"{path} has {rate:g} frames per second but {fps:g} are needed; pack its clips at that rate")
    return MotionPack(path, str(index["robot"]), rate, clips, frames)


def unpack(pack: MotionPack, robot: Robot) -> Iterator[Motion]:
    """Yield the clips of a pack as motions again, one after another; velocities and contacts are computed anew.

    Args:
        pack: Open.
        robot: That it was opened for.
    """
    for clip in pack.clips:
        end = clip.first_frame + clip.num_frames
        state = ResetState(pack.frames[clip.first_frame : end, : 13 + 2 * robot.num_joints])
        motion = motion_from_joint_positions(
            robot,
            name=clip.name,
            fps=pack.fps,
            root_pos=state.root_pos.numpy(),
            root_rot=state.root_rot.numpy(),
            joint_pos=state.joint_pos.numpy(),
            source=clip.source,
            licence=clip.licence,
        )
        yield replace(motion, weight=clip.weight)


def _write_frames(path: Path, motions: Iterable[Motion], robot: Robot, fps: float) -> list[PackedClip]:
    layout = StateLayout(robot.num_joints, robot.num_bodies)
    feet = robot.body_indices(robot.foot_bodies)
    clips, first = [], 0
    with path.open("wb") as file:
        for motion in motions:
            sound = fit_to_robot(check_motion(motion, motion.name), robot, motion.name)
            state = layout.split(resampled_rows(sound, layout, fps))
            rows = torch.cat((ResetState.from_state(state).rows, state.body_contact[:, feet]), dim=1)
            file.write(rows.numpy().astype("<f4").tobytes())
            clips.append(PackedClip(motion.name, first, len(rows), motion.weight, motion.source, motion.licence))
            first += len(rows)
        file.flush()
        os.fsync(file.fileno())
    if not clips:
        raise MotionError("There are no clips to pack; give at least one")
    return clips


def _mapped(path: Path, clips: tuple[PackedClip, ...], width: int) -> Tensor:
    expected = 0
    for clip in clips:
        if clip.first_frame != expected or clip.num_frames < 2 or not clip.weight >= 0:
            raise ValueError(clip.name)
        expected += clip.num_frames
    size = path.stat().st_size
    if not clips or size != 4 * width * expected:
        raise MotionError(f"{path} has {size} bytes; its index needs {4 * width * expected}: copy it or pack it again")
    # Copy on write: PyTorch has no tensors that can't be written to.
    return torch.from_numpy(np.memmap(path, dtype="<f4", mode="c", shape=(expected, width)))
