# SPDX-License-Identifier: Apache-2.0
"""Reader of Acclaim motion (`.amc`) on the skeleton (`.asf`) that lies beside it, as CMU's motion capture is shared.

The skeleton of `02_01.amc` is the `.asf` whose name is the longest part of the clip's before an underscore, `02.asf`,
or the only one in the folder. Lengths are in inches divided by the skeleton's unit, 0.45 at CMU; y is up. Files don't
say their rate: 120 frames per second is CMU's.

A bone turns at its start, so a joint has the name of the bone that starts there: `lfemur` is the left hip, `ltibia` the
knee, `lfoot` the ankle, `ltoes` the ball of the foot. Bones that nothing hangs on have their ends as joints, such as
`ltoes_end`. With a bone's frame C at rest and the turn M of a frame of motion, its start turns by C M C^-1 against its
parent, both products of turns about fixed axes in the order of `axis` and `dof` (Schafer, "Acclaim Skeleton File
Definition V1.10", 1995). The root's `orientation` is taken as such a C, and its `position` is added to the motion's;
programs differ on both, and files have zeros.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.quaternions import Y_UP_TO_Z_UP, conjugate, from_euler, multiply, rotate
from protomotions_envs.motions.readers.files.text_file import check_size, parse_numbers, read_text
from protomotions_envs.motions.readers.motion_format import ReadOptions, SkeletonFormat
from protomotions_envs.motions.readers.people.asf import AsfSkeleton, Bone, read_asf
from protomotions_envs.motions.skeleton import Skeleton, SkeletonMotion

USUAL_FPS = 120.0


def _read(path: Path, options: ReadOptions) -> list[SkeletonMotion]:
    asf = read_asf(find_asf(path))
    values = _read_amc(path, asf)
    root = dict(zip(asf.bones[0].dof, values[0].T, strict=True))
    zero = np.zeros(len(values[0]))
    position = np.stack([root.get(f"t{axis}", zero) for axis in "xyz"], axis=1) * asf.metres_per_unit + asf.position
    skeleton = _skeleton(asf)
    check_size(len(zero), len(skeleton.joint_names), path.name)
    local_rot = np.zeros((len(zero), len(skeleton.joint_names), 4))
    local_rot[..., 0] = 1.0
    for joint, (bone, columns) in enumerate(zip(asf.bones, values, strict=True)):
        local_rot[:, joint] = _local_rotation(bone, columns)
    local_rot[:, 0] = multiply(Y_UP_TO_Z_UP, local_rot[:, 0])
    clip = SkeletonMotion(
        name=path.stem,
        fps=USUAL_FPS if options.fps is None else options.fps,
        skeleton=skeleton,
        root_pos=rotate(Y_UP_TO_Z_UP, position),
        local_rot=local_rot,
        source=path.name,
    )
    return [clip]


def find_asf(path: Path) -> Path:
    """Return the skeleton that a clip is for.

    Raises:
        MotionError: There is none in the clip's folder, or several and none has a part of the clip's name.
    """
    found = {file.stem: file for file in sorted(path.parent.iterdir()) if file.suffix.lower() == ".asf"}
    parts = path.stem.split("_")
    for count in range(len(parts), 0, -1):
        if "_".join(parts[:count]) in found:
            return found["_".join(parts[:count])]
    if len(found) == 1:
        return next(iter(found.values()))
    if not found:
        raise MotionError(f"{path.name} needs its skeleton; put the .asf made for it, {parts[0]}.asf, into its folder")
    raise MotionError(
        f"{path.name} needs its skeleton: none of the {len(found)} .asf files in its folder is called {parts[0]}.asf; "
        "rename the one made for it"
    )


def _skeleton(asf: AsfSkeleton) -> Skeleton:
    starts = [np.zeros(3) if bone.parent < 0 else asf.bones[bone.parent].vector for bone in asf.bones]
    parents = [bone.parent for bone in asf.bones]
    tips = sorted(set(range(1, len(asf.bones))) - set(parents))
    return Skeleton(
        joint_names=tuple(bone.name for bone in asf.bones) + tuple(f"{asf.bones[tip].name}_end" for tip in tips),
        parents=(*parents, *tips),
        offsets=np.stack(starts + [asf.bones[tip].vector for tip in tips]),
    )


def _local_rotation(bone: Bone, values: np.ndarray) -> np.ndarray:
    """Return a bone's rotation in its parent's frame, [T, 4], from its numbers in the order of its dof, [T, D]."""
    # Turns about fixed axes are those about moving ones in the opposite order.
    turns = [column for column, name in reversed(list(enumerate(bone.dof))) if name[0] == "r"]
    motion = from_euler(values[:, turns], "".join(bone.dof[column][1] for column in turns))
    frame = from_euler(bone.axis[::-1], bone.axis_order[::-1])
    return multiply(multiply(frame, motion), conjugate(frame))


def _read_amc(path: Path, asf: AsfSkeleton) -> list[np.ndarray]:
    """Return the numbers of each bone in the order of its dof: angles in rad, lengths in the file's unit, [T, D]."""
    rows: dict[str, list[list[str]]] = {bone.name: [] for bone in asf.bones}
    frames, degrees = 0, asf.degrees
    for line in read_text(path).splitlines():
        words = line.split("#", 1)[0].split()
        if not words:
            continue
        if words[0].startswith(":"):
            degrees = {":radians": False, ":degrees": True}.get(words[0].lower(), degrees)
        elif len(words) == 1 and words[0].isdecimal():
            frames += 1
        else:
            _add_row(rows, words, frames, path.name)
    return [_columns(bone, rows[bone.name], frames, degrees, path.name) for bone in asf.bones]


def _add_row(rows: dict[str, list[list[str]]], words: list[str], frames: int, label: str) -> None:
    name = words[0]
    if name not in rows:
        raise MotionError(
            f"{label}: bone {name[:40]!r} of frame {frames} is not in the skeleton; give the .asf made for it"
        )
    rows[name].append(words[1:])
    if len(rows[name]) != frames:
        raise MotionError(f"{label}: bone {name[:40]!r} is not once in each frame up to {frames}; copy the file again")


def _columns(bone: Bone, rows: list[list[str]], frames: int, degrees: bool, label: str) -> np.ndarray:
    if not bone.dof:
        return np.zeros((frames, 0))
    what = f"bone {bone.name[:40]!r}"
    wrong = next((frame for frame, row in enumerate(rows, 1) if len(row) != len(bone.dof)), None)
    if wrong is not None or len(rows) != frames:
        where = f"frame {wrong or len(rows) + 1}"
        raise MotionError(f"{label}: {what} has not {len(bone.dof)} numbers in {where}; copy the file again")
    values = parse_numbers([word for row in rows for word in row], what, label).reshape(frames, len(bone.dof))
    angular = np.array([name[0] == "r" for name in bone.dof])
    return np.where(angular, np.radians(values), values) if degrees else values


FORMAT = SkeletonFormat("ASF/AMC", (".amc",), _read)
