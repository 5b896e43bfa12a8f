# SPDX-License-Identifier: Apache-2.0
"""Reader of headerless CSV files: root position (m), root quaternion, joint angles (rad) in the robot's order.

It is the format in which motion capture retargeted to Unitree's robots is shared; a G1 has 3 + 4 + 29 = 36 columns.
Files say neither their rate nor the order of the quaternion: 60 frames per second and x y z w are usual, other
collections use w x y z.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.kinematics import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.motion_format import MotionFormat, QuaternionOrder, ReadOptions
from protomotions_envs.robots.robot import Robot

USUAL_FPS = 60.0
_DETECTION_MARGIN = 0.1


def read_csv(
    path: str | Path, robot: Robot, fps: float = USUAL_FPS, quaternion_order: QuaternionOrder | None = None
) -> Motion:
    """Read one clip.

    Args:
        path: The file.
        robot: The robot whose joint angles it holds.
        fps: Frames per second.
        quaternion_order: Of the root; None to detect it with `detect_quaternion_order`.

    Raises:
        MotionError: Not a table of numbers, another number of columns than the robot needs, or numbers not sound.
    """
    path = Path(path)
    table = _read_table(path)
    expected = 7 + robot.num_joints
    if table.shape[1] != expected:
        raise MotionError(
            f"{path.name} has {table.shape[1]} columns but robot {robot.name!r} needs {expected}: root position 3, "
            f"root quaternion 4 and {robot.num_joints} joint angles. Use the robot it was made for or retarget it"
        )
    root_rot = table[:, 3:7]
    if (quaternion_order or detect_quaternion_order(root_rot)) == "xyzw":
        root_rot = np.roll(root_rot, 1, axis=1)
    return motion_from_joint_positions(
        robot,
        name=path.stem,
        fps=fps,
        root_pos=table[:, :3],
        root_rot=root_rot,
        joint_pos=table[:, 7:],
        source=path.name,
        label=path.name,
    )


def detect_quaternion_order(rotations: np.ndarray) -> QuaternionOrder:
    """Tell the order of root quaternions [T, 4] by which of the two keeps the robot more upright on average.

    Uprightness is the height of the root's z axis: 1 upright, -1 on its head. Where both orders come out alike, as for
    a robot that stands all the time at the yaw 0 of x y z w, which is the yaw 180 degrees of w x y z, the answer is
    the format's usual x y z w. Clips that are mostly lying down can mislead it: give the order for those.
    """
    a, b, c = rotations[:, 0], rotations[:, 1], rotations[:, 2]
    upright_xyzw = np.mean(1 - 2 * (a * a + b * b))
    upright_wxyz = np.mean(1 - 2 * (b * b + c * c))
    return "wxyz" if upright_wxyz > upright_xyzw + _DETECTION_MARGIN else "xyzw"


def _read_table(path: Path) -> np.ndarray:
    try:
        text = path.read_text(encoding="utf-8")
        if not text.strip():
            raise MotionError(f"{path.name} is an empty clip: it has no frames; at least 2 are needed")
        return np.loadtxt(io.StringIO(text), delimiter=",", comments=None, ndmin=2)
    except OSError as error:
        raise MotionError(f"{path} can't be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise MotionError(f"{path.name} is not a text file; expected comma-separated numbers") from error
    except MotionError:
        raise
    except ValueError as error:
        # NumPy's first line names the row and the column.
        reason = str(error).splitlines()[0].rstrip(".;")
        raise MotionError(f"{path.name} is not a table of numbers without header: {reason}") from error


def _read(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    fps = USUAL_FPS if options.fps is None else options.fps
    return [read_csv(path, robot, fps=fps, quaternion_order=options.quaternion_order)]


FORMAT = MotionFormat("robot CSV", (".csv",), _read)
