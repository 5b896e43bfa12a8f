# SPDX-License-Identifier: Apache-2.0
"""Reader of the `.npy` skeleton motions of poselib, the library of Isaac Gym's AMP and ASE.

A pickled dictionary holds the skeleton (`node_names`, `parent_indices`, `local_translation`), a quaternion x y z w per
joint and frame, in its parent's frame if `is_local` and else in the world, and the root's position in the world, which
takes the place of its offset in the skeleton. Lengths are metres and z is up. Velocities in the file are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.quaternions import conjugate, multiply
from protomotions_envs.motions.readers.files.numpy_pickle import (
    load_pickled_dictionary,
    number_array,
    pickled_keys,
    single_number,
    text_list,
)
from protomotions_envs.motions.readers.files.torch_archive import require_keys
from protomotions_envs.motions.readers.motion_format import ReadOptions, SkeletonFormat
from protomotions_envs.motions.skeleton import Skeleton, SkeletonMotion
from protomotions_envs.motions.validation import check_finite, normalise

_KEYS = ("rotation", "root_translation", "skeleton_tree", "is_local", "fps")
_TREE_KEYS = ("node_names", "parent_indices", "local_translation")
_WHAT = "a skeleton motion of poselib"


def read_poselib(path: str | Path) -> SkeletonMotion:
    """Read one clip.

    Raises:
        MotionError: Damaged, would run code, of another kind, or numbers not sound.
    """
    path = Path(path)
    content = load_pickled_dictionary(path)
    require_keys(content, _KEYS, path, _WHAT)
    skeleton = _skeleton(content, path)
    rotation = _tensor(content, "rotation", path, (None, len(skeleton.joint_names), 4))
    check_finite(rotation, "rotation", path.name, skeleton.joint_names)
    local_rot = normalise(np.roll(rotation, 1, axis=-1), "rotation", path.name)
    return SkeletonMotion(
        name=path.stem,
        fps=single_number(content, "fps", path),
        skeleton=skeleton,
        root_pos=_tensor(content, "root_translation", path, (len(rotation), 3)),
        local_rot=local_rot if _is_local(content, path) else _relative(local_rot, skeleton.parents),
        source=path.name,
    )


def _skeleton(content: Mapping[str, object], path: Path) -> Skeleton:
    tree = _dictionary(content, "skeleton_tree", path)
    require_keys(tree, _TREE_KEYS, path, _WHAT)
    names = text_list(tree, "node_names", path)
    parents = _tensor(tree, "parent_indices", path, (len(names),))
    # The same rule as for every skeleton, but needed before rotations are made relative.
    if not np.array_equal(parents[:1], [-1]) or not all(0 <= parent < i for i, parent in enumerate(parents[1:], 1)):
        raise MotionError(f"{path.name}: the joints are not a tree whose root comes first and parents before children")
    offsets = _tensor(tree, "local_translation", path, (len(names), 3))
    offsets[:1] = 0.0
    return Skeleton(names, tuple(int(parent) for parent in parents), offsets)


def _relative(world_rot: np.ndarray, parents: tuple[int, ...]) -> np.ndarray:
    """Return world orientations [T, K, 4] as those in the parents' frames."""
    return np.concatenate(
        (world_rot[:, :1], multiply(conjugate(world_rot[:, list(parents[1:])]), world_rot[:, 1:])), axis=1
    )


def _is_local(content: Mapping[str, object], path: Path) -> bool:
    return bool(single_number(content, "is_local", path))


def _tensor(content: Mapping[str, object], key: str, path: Path, shape: tuple[int | None, ...]) -> np.ndarray:
    """Return a tensor as poselib stores it: an array `arr` beside a description of its type."""
    tensor = _dictionary(content, key, path)
    require_keys(tensor, ("arr",), path, _WHAT)
    return number_array({key: tensor["arr"]}, key, path, shape)


def _dictionary(content: Mapping[str, object], key: str, path: Path) -> Mapping[str, object]:
    value = content[key]
    if not isinstance(value, dict):
        raise MotionError(f"{path.name}: {key} is not a dictionary; convert the clip again")
    return value


def _read(path: Path, options: ReadOptions) -> list[SkeletonMotion]:
    return [read_poselib(path)]


def _recognises(path: Path) -> bool:
    return pickled_keys(path) >= {"rotation", "root_translation", "skeleton_tree"}


FORMAT = SkeletonFormat("poselib skeleton motion", (".npy",), _read, _recognises)
