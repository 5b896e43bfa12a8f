# SPDX-License-Identifier: Apache-2.0
"""A small sound file of every format, to be damaged."""

import json
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tests.envs.motions.conftest import proto_tensors

from protomotions_envs.motions import Motion, save_motion

Content = dict[str, object]
FRAMES = 4


def load_npz(path: Path) -> Content:
    """Return the arrays of an archive of ours."""
    with np.load(path) as archive:
        return dict(archive)


def save_npz(path: Path, content: Content) -> None:
    """Write an archive; what is not an array becomes one, objects pickled."""
    np.savez(path, **{key: _array(value) for key, value in content.items()})


def _array(value: object) -> np.ndarray:
    try:
        return np.asarray(value)
    except ValueError:
        # Lists of unequal length.
        array = np.empty(1, dtype=object)
        array[0] = value
        return array


def load_npy(path: Path) -> Content:
    """Return the dictionary in a file of ours."""
    return np.load(path, allow_pickle=True).item()


def save_npy(path: Path, content: Content) -> None:
    """Write a dictionary as NumPy does."""
    np.save(path, np.array(content, dtype=object), allow_pickle=True)


def load_pickle(path: Path) -> Content:
    """Return the dictionary in a file of ours."""
    return pickle.loads(path.read_bytes())


def save_pickle(path: Path, content: Content) -> None:
    """Write a dictionary as Python does."""
    path.write_bytes(pickle.dumps(content))


def load_torch(path: Path) -> Content:
    """Return the dictionary of tensors in a file of ours, the tensors as arrays."""
    content = torch.load(path, weights_only=True)
    return {key: value.numpy() if isinstance(value, torch.Tensor) else value for key, value in content.items()}


def save_torch(path: Path, content: Content) -> None:
    """Write a dictionary as torch does, arrays of numbers as tensors."""
    torch.save({key: _tensor(value) for key, value in content.items()}, path)


def _tensor(value: object) -> object:
    return torch.tensor(value) if isinstance(value, np.ndarray) and value.dtype.kind in "biufc" else value


@dataclass(frozen=True)
class Store:
    """Reads and writes the dictionaries of a format."""

    load: Callable[[Path], Content]
    """Of a file that we wrote."""
    save: Callable[[Path, Content], None]
    """Of anything."""


STORES = {
    ".npz": Store(load_npz, save_npz),
    ".npy": Store(load_npy, save_npy),
    ".pkl": Store(load_pickle, save_pickle),
    ".motion": Store(load_torch, save_torch),
    ".pt": Store(load_torch, save_torch),
}
"""By suffix; other formats are text."""


@dataclass(frozen=True)
class SoundFile:
    """How to make a file of a format."""

    suffix: str
    """Of its name."""
    write: Callable[[Path, Motion], object]
    """Writes it from a motion of the tiny robot, or from something else."""
    robot: str = "tiny"
    """Whose clip it is."""


def _root_xyzw(motion: Motion) -> np.ndarray:
    return np.roll(motion.body_rot[:, 0], -1, axis=1)


def _write_csv(path: Path, motion: Motion) -> None:
    columns = (motion.body_pos[:, 0], _root_xyzw(motion), motion.joint_pos)
    np.savetxt(path, np.concatenate(columns, axis=1), "%.9f", ",")


def _write_isaaclab_amp(path: Path, motion: Motion) -> None:
    save_npz(
        path,
        {
            "fps": np.array(20),
            "dof_names": np.array(motion.joint_names),
            "body_names": np.array(motion.body_names),
            "dof_positions": motion.joint_pos,
            "body_positions": motion.body_pos,
            "body_rotations": motion.body_rot,
        },
    )


def _write_beyondmimic(path: Path, motion: Motion) -> None:
    poses = {"body_pos_w": motion.body_pos, "body_quat_w": motion.body_rot}
    save_npz(path, {"fps": np.array([20]), "joint_pos": motion.joint_pos, **poses})


def _write_phuma(path: Path, motion: Motion) -> None:
    root = {"root_trans": motion.body_pos[:, 0], "root_ori": _root_xyzw(motion)}
    save_npy(path, {"fps": 20, "dof_pos": motion.joint_pos, **root})


def _write_gmr(path: Path, motion: Motion) -> None:
    root = {"root_pos": motion.body_pos[:, 0], "root_rot": _root_xyzw(motion)}
    save_pickle(path, {"fps": 20, "dof_pos": motion.joint_pos, "link_body_list": list(motion.body_names), **root})


def _write_poselib(path: Path, motion: Motion) -> None:
    rotation = np.tile([0.0, 0.0, 0.0, 1.0], (FRAMES, 4, 1))
    tree = {
        "node_names": list(motion.body_names),
        "parent_indices": {"arr": np.array([-1, 0, 1, 0])},
        "local_translation": {"arr": np.ones((4, 3))},
    }
    root = {"root_translation": {"arr": np.ones((FRAMES, 3))}}
    save_npy(path, {"rotation": {"arr": rotation}, **root, "skeleton_tree": tree, "is_local": True, "fps": 30})


def _write_amass(path: Path, _: Motion) -> None:
    turning = np.linspace(0.0, 1.0, FRAMES)[:, None] * np.ones(156)
    save_npz(path, {"poses": turning, "trans": np.ones((FRAMES, 3)), "mocap_framerate": np.array(30.0)})


def _write_proto_motion(path: Path, motion: Motion) -> None:
    torch.save(proto_tensors(motion), path)


def _write_proto_pack(path: Path, motion: Motion) -> None:
    tensors = proto_tensors(motion)
    keys = {"gts": "rigid_body_pos", "grs": "rigid_body_rot", "dps": "dof_pos"}
    content = {short: tensors[long].repeat(2, *[1] * (tensors[long].ndim - 1)) for short, long in keys.items()}
    clips = {"length_starts": [0, 20], "motion_num_frames": [20, 20], "motion_dt": [0.05, 0.05]}
    torch.save({**content, **{key: torch.tensor(values) for key, values in clips.items()}}, path)


def _write_deepmimic(path: Path, _: Motion) -> None:
    identity = [1.0, 0.0, 0.0, 0.0]
    limbs = [*identity * 2, *([*identity, 0.1, *identity, *identity, 0.1] * 2)]
    path.write_text(json.dumps({"Loop": "wrap", "Frames": [[0.05, 0.0, 0.9, 0.0, *identity, *limbs]] * FRAMES}))


def _write_list(path: Path, motion: Motion) -> None:
    save_motion(motion, path.with_name("listed.npz"))
    path.write_text(
        "motions:\n  - file: listed.npz\n    weight: 2.0\n    sub_motions:\n      - timings: {start: 0.1, end: 0.5}\n"
    )


# A person in cm, y up: hips at 90, ankles at 8, the base of the skull at 155.
_BVH = """HIERARCHY
ROOT Hips
{
OFFSET 0 0 0
CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
JOINT Spine
{
OFFSET 0 20 0
CHANNELS 3 Zrotation Xrotation Yrotation
JOINT Neck
{
OFFSET 0 35 0
CHANNELS 3 Zrotation Xrotation Yrotation
JOINT Head
{
OFFSET 0 10 0
CHANNELS 3 Zrotation Xrotation Yrotation
End Site
{
OFFSET 0 18 0
}
}
}
}
%s%s}
MOTION
Frames: 4
Frame Time: 0.033333
"""
_BVH_LEG = """JOINT %sUpLeg
{
OFFSET %d 0 0
CHANNELS 3 Zrotation Xrotation Yrotation
JOINT %sLeg
{
OFFSET 0 -42 0
CHANNELS 3 Zrotation Xrotation Yrotation
JOINT %sFoot
{
OFFSET 0 -40 0
CHANNELS 3 Zrotation Xrotation Yrotation
End Site
{
OFFSET 0 -8 15
}
}
}
}
"""


def _write_bvh(path: Path, _: Motion) -> None:
    legs = tuple(_BVH_LEG % (side, place, side, side) for side, place in (("Left", 9), ("Right", -9)))
    rows = "\n".join(f"{frame} 90 0 " + "1.5 " * 30 for frame in range(FRAMES))
    path.write_text(_BVH % legs + rows + "\n")


_ASF = """:version 1.10
:name leg
:units
  mass 1.0
  length 0.0254
  angle deg
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name thigh
     direction 0 -1 0
     length 0.5
     axis 0 90 0 XYZ
     dof rx ry rz
  end
:hierarchy
  begin
    root thigh
  end
"""


def _write_asf_amc(path: Path, _: Motion) -> None:
    path.with_suffix(".asf").write_text(_ASF)
    rows = "".join(f"{frame}\nroot 1 2 3 0 0 {frame}\nthigh 0 0 9{frame}\n" for frame in range(1, FRAMES + 1))
    path.write_text(f":FULLY-SPECIFIED\n:DEGREES\n{rows}")


SOUND_FILES = {
    "ProtoMotions clip": SoundFile(".npz", lambda path, motion: save_motion(motion, path)),
    "robot CSV": SoundFile(".csv", _write_csv),
    "Isaac Lab AMP clip": SoundFile(".npz", _write_isaaclab_amp),
    "BeyondMimic clip": SoundFile(".npz", _write_beyondmimic),
    "PHUMA clip": SoundFile(".npy", _write_phuma),
    "GMR clip": SoundFile(".pkl", _write_gmr),
    "poselib skeleton motion": SoundFile(".npy", _write_poselib),
    "AMASS clip": SoundFile(".npz", _write_amass, "smpl"),
    "ProtoMotions 3 clip": SoundFile(".motion", _write_proto_motion),
    "ProtoMotions 3 pack": SoundFile(".pt", _write_proto_pack),
    "DeepMimic clip": SoundFile(".txt", _write_deepmimic, "amp"),
    "BVH": SoundFile(".bvh", _write_bvh),
    "ASF/AMC": SoundFile(".amc", _write_asf_amc),
    "list of motion files": SoundFile(".yaml", _write_list),
}
"""By the name of the format."""
