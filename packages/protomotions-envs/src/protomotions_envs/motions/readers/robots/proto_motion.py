# SPDX-License-Identifier: Apache-2.0
"""Reader of NVlabs ProtoMotions' `.motion` clips: a `torch.save` of one dictionary of tensors."""

from __future__ import annotations

from pathlib import Path

from protomotions_envs.motions.kinematics import motion_from_joint_positions
from protomotions_envs.motions.motion import Motion
from protomotions_envs.motions.readers.files.torch_archive import load_torch_archive, number_array, require_keys
from protomotions_envs.motions.readers.motion_format import MotionFormat, ReadOptions
from protomotions_envs.motions.readers.robots.proto_tensors import TensorKeys, read_coordinates
from protomotions_envs.robots.robot import Robot

_TENSORS = TensorKeys("rigid_body_pos", "rigid_body_rot", "dof_pos", "local_rigid_body_rot")
_KEYS = (_TENSORS.body_pos, _TENSORS.body_rot, _TENSORS.joint_pos, "fps")


def read_proto_motion(path: str | Path, robot: Robot) -> Motion:
    """Read one clip.

    Raises:
        MotionError: Damaged, would run code, joints that aren't the robot's, or numbers not sound.
    """
    path = Path(path)
    content = load_torch_archive(path)
    require_keys(content, _KEYS, path, "a .motion clip")
    root_pos, root_rot, joint_pos = read_coordinates(content, _TENSORS, robot, path)
    return motion_from_joint_positions(
        robot,
        name=path.stem,
        fps=float(number_array(content, "fps", path, ())),
        root_pos=root_pos,
        root_rot=root_rot,
        joint_pos=joint_pos,
        source=path.name,
        label=path.name,
    )


def _read(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
    return [read_proto_motion(path, robot)]


FORMAT = MotionFormat("ProtoMotions 3 clip", (".motion",), _read)
