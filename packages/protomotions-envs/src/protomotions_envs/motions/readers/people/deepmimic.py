# SPDX-License-Identifier: Apache-2.0
"""Reader of DeepMimic's `.txt` clips: JSON whose `Frames` are rows of 44 numbers.

A row is the time to the next frame (s), the root's position (m) and rotation, then the rotations of chest, neck, right
hip, knee, ankle, shoulder, elbow and the same of the left. Rotations are quaternions wxyz in the parent's frame; knees
and elbows are one angle (rad) about the axis that points to the right. All frames have x forward, y up, z to the right.

The body is the one after which our robot `amp` is built, so the clip is given on `amp`'s skeleton, x forward and z up,
and goes over to that robot joint by joint. `<foot>_toe` are added at the tips of the soles. Key frames were blended
without normalising their quaternions, which is made up for here. Times that differ become their mean. The last row has
no time to a next one, whether or not `Loop` says that the motion goes on at its beginning: such a clip is one cycle.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.quaternions import Y_UP_TO_Z_UP, from_rotation_vector, rotate
from protomotions_envs.motions.readers.files.text_file import read_text
from protomotions_envs.motions.readers.motion_format import ReadOptions, SkeletonFormat
from protomotions_envs.motions.readers.people.robot_skeleton import skeleton_of
from protomotions_envs.motions.skeleton import SkeletonMotion
from protomotions_envs.motions.validation import check_finite, check_frame_count

_WIDTH = 44
# Where each of amp's bodies has its rotation in a row; hands are rigid.
_QUATERNIONS = {
    "pelvis": 4,
    "torso": 8,
    "head": 12,
    "right_thigh": 16,
    "right_foot": 21,
    "right_upper_arm": 25,
    "left_thigh": 30,
    "left_foot": 35,
    "left_upper_arm": 39,
}
_ANGLES = {"right_shin": 20, "right_lower_arm": 29, "left_shin": 34, "left_lower_arm": 43}
_NORMS = (0.5, 2.0)
_START = 4096


def _read(path: Path, options: ReadOptions) -> list[SkeletonMotion]:
    frames = _read_frames(path)
    skeleton = skeleton_of("amp", toes=True)
    local_rot = np.zeros((len(frames), len(skeleton.joint_names), 4))
    local_rot[..., 0] = 1.0
    for body, column in _QUATERNIONS.items():
        quaternions = _normalised(frames[:, column : column + 4], body, path.name)
        # The same rotation seen from axes that are turned against the file's.
        turned = np.concatenate((quaternions[:, :1], rotate(Y_UP_TO_Z_UP, quaternions[:, 1:])), axis=1)
        local_rot[:, skeleton.joint_names.index(body)] = turned
    for body, column in _ANGLES.items():
        # The file's z axis points to the right, which is -y of the robot.
        vectors = frames[:, column, None] * np.array([0.0, -1.0, 0.0])
        local_rot[:, skeleton.joint_names.index(body)] = from_rotation_vector(vectors)
    clip = SkeletonMotion(
        name=path.stem,
        fps=_rate(frames[:-1, 0], path.name),
        skeleton=skeleton,
        root_pos=rotate(Y_UP_TO_Z_UP, frames[:, 1:4]),
        local_rot=local_rot,
        source=path.name,
    )
    return [clip]


def _read_frames(path: Path) -> np.ndarray:
    """Return the rows, [T, 44]."""
    try:
        content = json.loads(read_text(path))
    # Besides JSONDecodeError: integers of thousands of digits and nesting deeper than Python's stack.
    except (ValueError, RecursionError) as error:
        reason = " ".join(str(error).split())[:80]
        raise MotionError(f"{path.name} is not a DeepMimic clip: its JSON is damaged: {reason}") from error
    if not isinstance(content, Mapping) or not isinstance(content.get("Frames"), list):
        raise MotionError(f"{path.name} is not a DeepMimic clip; expected JSON with a list of `Frames`")
    check_frame_count(len(content["Frames"]), path.name)
    try:
        frames = np.array(content["Frames"], dtype=np.float64)
    # Rows of different lengths, words and other things among the numbers, integers beyond the floats.
    except (ValueError, TypeError, OverflowError) as error:
        raise MotionError(f"{path.name}: Frames is not a table of numbers; expected rows of {_WIDTH}") from error
    if frames.ndim != 2 or frames.shape[1] != _WIDTH:
        raise MotionError(
            f"{path.name}: Frames has the shape {frames.shape}; expected rows of {_WIDTH} numbers, those of "
            "DeepMimic's humanoid3d"
        )
    check_finite(frames, "Frames", path.name)
    return frames


def _rate(times: np.ndarray, label: str) -> float:
    """Return the frames per second from the times between frames, s."""
    if not (times > 0).all():
        place = int(np.argmin(times > 0))
        raise MotionError(f"{label}: frame {place} lasts {times[place]:g} s; expected more than 0")
    return 1.0 / float(times.mean())


def _normalised(quaternions: np.ndarray, body: str, label: str) -> np.ndarray:
    norms = np.linalg.norm(quaternions, axis=1, keepdims=True)
    sound = (norms >= _NORMS[0]) & (norms <= _NORMS[1])
    if not sound.all():
        place = int(np.argmin(sound))
        raise MotionError(
            f"{label}: the quaternion of {body} has the norm {norms[place, 0]:.3g} at frame {place}; expected about 1"
        )
    return quaternions / norms


def _recognises(path: Path) -> bool:
    """Tell a clip from the notes and licences that lie beside clips."""
    try:
        with path.open("rb") as file:
            start = file.read(_START)
    except OSError:
        return False
    return start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"Frames"' in start


FORMAT = SkeletonFormat("DeepMimic clip", (".txt",), _read, _recognises)
