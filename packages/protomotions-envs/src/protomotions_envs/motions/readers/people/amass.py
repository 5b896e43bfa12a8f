# SPDX-License-Identifier: Apache-2.0
"""Reader of AMASS' `.npz` clips, SMPL-H (`poses` [T, 156]) and SMPL-X ([T, 165]); no body model is needed.

`poses` holds a rotation vector per joint, the pelvis' first, in the parent's frame; the first 22 are the body's in all
models of the SMPL family. They are put on the skeleton of our robot `smpl`, which has SMPL's tree but the bones of one
average adult whatever the file's `betas`, and go over to that robot joint by joint. Its hands stay straight: fingers,
jaw and eyes are left out. SMPL's frames, at rest x to the left, y up, z forward, are turned into the robot's, x
forward, y to the left, z up. The world is AMASS', whose z axis is up.

`trans` is taken as the pelvis' position. SMPL adds to it where the pelvis is in the rest pose of this very body shape,
which only the body model knows: some 3 cm in height, and sideways about 0.2 m that are the same in all frames. Nor are
heights scaled from this body to the robot's. Fix the clip's ground after reading it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.quaternions import conjugate, from_rotation_vector, multiply, rotate
from protomotions_envs.motions.readers.files.npz_archive import load_npz_arrays, npz_keys, single_number
from protomotions_envs.motions.readers.files.torch_archive import number_array
from protomotions_envs.motions.readers.motion_format import ReadOptions, SkeletonFormat
from protomotions_envs.motions.readers.people.robot_skeleton import skeleton_of
from protomotions_envs.motions.skeleton import SkeletonMotion
from protomotions_envs.motions.validation import check_finite

_BODIES = (
    *("Pelvis", "L_Hip", "R_Hip", "Torso", "L_Knee", "R_Knee", "Spine", "L_Ankle", "R_Ankle", "Chest", "L_Toe"),
    *("R_Toe", "Neck", "L_Thorax", "R_Thorax", "Head", "L_Shoulder", "R_Shoulder", "L_Elbow", "R_Elbow", "L_Wrist"),
    "R_Wrist",
)
"""The robot's bodies in the order of SMPL's joints."""
_RATES = ("mocap_framerate", "mocap_frame_rate")
_SMPL_TO_ROBOT = np.array([0.5, 0.5, 0.5, 0.5])
"""Turns x to the left, y up, z forward into x forward, y to the left, z up: a third of a turn about (1, 1, 1)."""


def _read(path: Path, options: ReadOptions) -> list[SkeletonMotion]:
    content = load_npz_arrays(path, ("poses", "trans"), _RATES, "an AMASS clip")
    poses = number_array(content, "poses", path, (None, None))
    root_pos = number_array(content, "trans", path, (len(poses), 3))
    check_finite(poses, "poses", path.name)
    if poses.shape[1] < 3 * len(_BODIES) or poses.shape[1] % 3:
        raise MotionError(
            f"{path.name}: poses has the shape {poses.shape}; expected 156 (SMPL-H) or 165 (SMPL-X) numbers per frame"
        )
    vectors = poses[:, : 3 * len(_BODIES)].reshape(len(poses), len(_BODIES), 3)
    skeleton = skeleton_of("smpl")
    local_rot = np.zeros((len(poses), len(skeleton.joint_names), 4))
    local_rot[..., 0] = 1.0
    columns = [skeleton.joint_names.index(body) for body in _BODIES]
    local_rot[:, columns] = from_rotation_vector(rotate(_SMPL_TO_ROBOT, vectors))
    # The root's parent is the world, which is AMASS' own: only the root's frame is turned.
    local_rot[:, 0] = multiply(from_rotation_vector(vectors[:, 0]), conjugate(_SMPL_TO_ROBOT))
    clip = SkeletonMotion(
        name=path.stem,
        fps=_rate(content, options, path),
        skeleton=skeleton,
        root_pos=root_pos,
        local_rot=local_rot,
        source=path.name,
    )
    return [clip]


def _rate(content: Mapping[str, np.ndarray], options: ReadOptions, path: Path) -> float:
    key = next((key for key in _RATES if key in content), None)
    if key is not None:
        return single_number(content, key, path)
    if options.fps is None:
        raise MotionError(f"{path.name} doesn't say its rate in {' or '.join(_RATES)}; give its frames per second")
    return options.fps


def _recognises(path: Path) -> bool:
    return {"poses", "trans"} <= npz_keys(path)


FORMAT = SkeletonFormat("AMASS clip", (".npz",), _read, _recognises)
