# SPDX-License-Identifier: Apache-2.0
"""Acclaim skeletons and motion: positions worked out by hand, CMU's walk, damaged files."""

from pathlib import Path

import numpy as np
import pytest
from tests.envs.motions.damage import count_refusals
from tests.envs.motions.gait import check_walk

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.readers import ReadOptions, load_clips, load_motions
from protomotions_envs.motions.skeleton import SkeletonMotion
from protomotions_envs.robots import Robot

# One unit is a metre. A pelvis bone 0.1 m to the side, a thigh of 0.5 m and a shank of 0.4 m hang down from it, the
# thigh's frame turned about y so that its z axis is the world's x.
ASF = """# made by hand
:version 1.10
:name leg
:units
  mass 1.0
  length 0.0254
  angle deg
:documentation
   root of all
:root
   order TX TY TZ RX RY RZ
   axis XYZ
   position 0 0 0
   orientation 0 0 0
:bonedata
  begin
     id 1
     name pelvis
     direction 1 0 0
     length 0.1
     axis 0 0 0 XYZ
  end
  begin
     id 2
     name thigh
     direction 0 -1 0
     length 0.5
     axis 0 90 0 XYZ
     dof rx ry rz
     limits (-160.0 20.0)
            (-70.0 70.0)
            (-60.0 70.0)
  end
  begin
     id 3
     name shank
     direction 0 -1 0
     length 0.4
     axis 0 0 0 XYZ
     dof rx
  end
:hierarchy
  begin
    root pelvis
    pelvis thigh
    thigh shank
  end
"""
AMC = """# made by hand
:FULLY-SPECIFIED
:DEGREES
1
root 1 2 3 0 0 0
thigh 0 0 0
shank 0
2
root 1 2 3 0 0 0
thigh 0 0 90
shank -90
"""


def read(
    folder: Path, robot: Robot, asf: str = ASF, amc: str = AMC, options: ReadOptions | None = None
) -> SkeletonMotion:
    """Write both files, read the clip and return it."""
    (folder / "01.asf").write_text(asf)
    (folder / "01_02.amc").write_text(amc)
    (clip,) = load_clips(folder / "01_02.amc", robot, options)
    assert isinstance(clip, SkeletonMotion)
    return clip


def test_positions_by_hand(tmp_path: Path, tiny: Robot):
    """The thigh turns by 90 degrees about the world's x, the shank back: forward thigh, hanging shank."""
    clip = read(tmp_path, tiny)
    assert clip.skeleton.joint_names == ("root", "pelvis", "thigh", "shank", "shank_end")
    assert clip.skeleton.parents == (-1, 0, 1, 2, 3)
    assert (clip.name, clip.fps, clip.source) == ("01_02", 120.0, "01_02.amc")
    positions, _ = clip.world_poses()
    # x, -z, y of the file.
    standing = [[1, -3, 2], [1, -3, 2], [1.1, -3, 2], [1.1, -3, 1.5], [1.1, -3, 1.1]]
    raised = [[1, -3, 2], [1, -3, 2], [1.1, -3, 2], [1.1, -2.5, 2], [1.1, -2.5, 1.6]]
    np.testing.assert_allclose(positions, [standing, raised], atol=1e-12)


@pytest.mark.parametrize(
    ("changes", "numbers", "shank"),
    [
        # About the thigh's x axis, the world's -z: the thigh swings to -x.
        ({}, "90 0 0", (-0.5, 0, 0)),
        # Fixed axes in the order of dof. First x, world -z, then y, world y: to -x, then to +z.
        ({}, "90 90 0", (0, -0.5, 0)),
        # First about y, along the thigh, then about x.
        ({"dof rx ry rz": "dof ry rx rz"}, "90 90 0", (-0.5, 0, 0)),
        # The frame: first 90 degrees about x, then about y; z goes to -y and stays there.
        ({"axis 0 90 0 XYZ": "axis 90 90 0 XYZ"}, "0 0 90", (0, 0, -0.5)),
        # First about y, then about x; z goes to x and stays there.
        ({"axis 0 90 0 XYZ": "axis 90 90 0 YXZ"}, "0 0 90", (0, 0.5, 0)),
        # Radians everywhere.
        ({"angle deg": "angle rad", "axis 0 90 0": "axis 0 1.5707963267948966 0"}, "0 0 90", (0, 0.5, 0)),
    ],
)
def test_orders_of_turns(tmp_path: Path, tiny: Robot, changes: dict[str, str], numbers: str, shank: tuple[float, ...]):
    """Where the thigh ends, relative to its start; z up: forward in the file is -y."""
    asf = ASF
    for old, new in changes.items():
        asf = asf.replace(old, new)
    clip = read(tmp_path, tiny, asf, AMC.replace("thigh 0 0 90", f"thigh {numbers}"))
    positions, _ = clip.world_poses()
    np.testing.assert_allclose(positions[1, 3] - positions[1, 2], shank, atol=1e-12)


@pytest.mark.parametrize(
    ("order", "numbers", "thigh"),
    [
        # First about x, along the pelvis bone, then about y: it comes to -z, in the world to y.
        ("TX TY TZ RX RY RZ", "1 2 3 90 90 0", (1, -2.9, 2)),
        # First about y, to -z, then about x: it comes to y, in the world up.
        ("RY RX TZ TY TX RZ", "90 90 3 2 1 0", (1, -3, 2.1)),
    ],
)
def test_orders_of_the_root(tmp_path: Path, tiny: Robot, order: str, numbers: str, thigh: tuple[float, ...]):
    """Of its numbers and of its turns, about fixed axes; the thigh starts at the end of the pelvis bone."""
    asf = ASF.replace("TX TY TZ RX RY RZ", order)
    clip = read(tmp_path, tiny, asf, AMC.replace("root 1 2 3 0 0 0", f"root {numbers}"))
    np.testing.assert_allclose(clip.world_poses()[0][:, 2], [thigh] * 2, atol=1e-12)


def test_units_position_and_rate(tmp_path: Path, tiny: Robot):
    """CMU's 0.45: a bone of 0.5 is 0.5 / 0.45 inches long, positions too; AMC in radians; the rate is told."""
    asf = ASF.replace("length 0.0254", "length 0.45").replace("position 0 0 0", "position 0 1 0")
    amc = AMC.replace(":DEGREES", ":RADIANS").replace("thigh 0 0 90", "thigh 0 0 1.5707963267948966")
    clip = read(tmp_path, tiny, asf, amc, ReadOptions(fps=60.0))
    positions, _ = clip.world_poses()
    inch = 0.0254 / 0.45
    assert clip.fps == 60.0
    np.testing.assert_allclose(positions[0, 0], np.array([1, -3, 3]) * inch)
    np.testing.assert_allclose(positions[1, 3] - positions[1, 2], [0, 0.5 * inch, 0], atol=1e-12)


def test_the_skeleton_is_found_by_its_name(tmp_path: Path, tiny: Robot):
    """The longest part of the clip's name wins over shorter ones."""
    (tmp_path / "HDM.asf").write_text("not this one")
    (tmp_path / "HDM_bd.ASF").write_text(ASF)
    (tmp_path / "HDM_bd_cartwheel_120.amc").write_text(AMC)
    (clip,) = load_clips(tmp_path, tiny)
    assert clip.name == "HDM_bd_cartwheel_120"


def test_an_only_skeleton_is_taken(tmp_path: Path, tiny: Robot):
    """Whatever it is called."""
    (tmp_path / "somebody.asf").write_text(ASF)
    (tmp_path / "01_02.amc").write_text(AMC)
    assert load_clips(tmp_path, tiny)[0].num_frames == 2


def test_a_missing_skeleton(tmp_path: Path, tiny: Robot):
    """None, or several of other names: the message says which name to give."""
    (tmp_path / "01_02.amc").write_text(AMC)
    with pytest.raises(MotionError, match=r"^01_02\.amc needs its skeleton; put the \.asf made for it, 01\.asf, into"):
        load_clips(tmp_path / "01_02.amc", tiny)
    for name in ("02.asf", "03.asf"):
        (tmp_path / name).write_text(ASF)
    with pytest.raises(MotionError, match=r"none of the 2 \.asf files in its folder is called 01\.asf; rename"):
        load_clips(tmp_path / "01_02.amc", tiny)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (":bonedata", ":bones", "not a whole ASF skeleton: it lacks :bonedata"),
        ("length 0.0254", "length 0", "the unit of length is 0; expected a positive number"),
        ("length 0.0254", "", "a length has 0 numbers; expected 1"),
        ("direction 0 -1 0", "direction 0 -1", "the direction of bone 'thigh' has 2 numbers; expected 3"),
        ("direction 0 -1 0", "direction 0 nan 0", "the direction of bone 'thigh' has the number nan"),
        ("length 0.5", "length long", "a length has 'long' where a number is expected"),
        ("axis 0 90 0 XYZ", "axis 0 90 0 XYX", "bone 'thigh' has the axis order 'xyx'; expected one like XYZ"),
        ("dof rx ry rz", "dof rx l", "bone 'thigh' has the degrees of freedom 'rx, l'; only rx, ry, rz"),
        ("dof rx ry rz", "dof rx rx", "each once"),
        ("name shank", "name", "a bone without a name"),
        ("name shank", "name thigh", "no place for bones of the same name|is unknown in its hierarchy"),
        ("    thigh shank\n", "", "its hierarchy has no place for shank"),
        ("    thigh shank\n", "    thigh shank foot\n", "bone 'foot' is unknown in its hierarchy"),
        ("    thigh shank\n", "    thigh shank\n    shank thigh\n", "bone 'thigh' is twice in its hierarchy"),
        ("    root pelvis\n", "", "nothing hangs on the root"),
    ],
)
def test_wrong_skeletons(tmp_path: Path, tiny: Robot, old: str, new: str, message: str):
    """One line that names the skeleton's file."""
    with pytest.raises(MotionError, match=rf"^01\.asf.*({message})"):
        read(tmp_path, tiny, ASF.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("shank -90\n", "", "bone 'shank' has not 1 numbers in frame 2"),
        ("shank -90", "shank -90 0", "bone 'shank' has not 1 numbers in frame 2"),
        ("shank -90", "shank", "bone 'shank' has not 1 numbers in frame 2"),
        ("shank -90", "shank -9o", "bone 'shank' has '-9o' where a number is expected"),
        ("shank -90", "shank inf", "bone 'shank' has the number inf"),
        ("shank -90", "foot -90", "bone 'foot' of frame 2 is not in the skeleton"),
        ("shank -90", "shank -90\nshank -90", "bone 'shank' is not once in each frame up to 2"),
        ("1\nroot", "root", "bone 'root' is not once in each frame up to 0"),
        (AMC, ":DEGREES\n", "it has no frames"),
    ],
)
def test_wrong_motion(tmp_path: Path, tiny: Robot, old: str, new: str, message: str):
    """One line that names the clip's file."""
    with pytest.raises(MotionError, match=rf"^01_02\.amc.*{message}"):
        read(tmp_path, tiny, amc=AMC.replace(old, new, 1))


def test_bones_without_numbers_fill_no_memory(tmp_path: Path, tiny: Robot):
    """A skeleton of a thousand rigid bones on a root that never moves makes two bytes of motion a thousand joints."""
    bones = "".join(f"begin\nname b{i}\ndirection 1 0 0\nlength 1\nend\n" for i in range(990))
    tree = "root " + " ".join(f"b{i}" for i in range(9)) + "".join(f"\nb{i} b{i + 9}" for i in range(981))
    asf = f":units\nlength 1\n:root\norder\n:bonedata\n{bones}:hierarchy\nbegin\n{tree}\nend\n"
    with pytest.raises(MotionError, match=r"has 60000 frames of 1000 joints, more than 50000000 rotations in all"):
        read(tmp_path, tiny, asf, "1\n" * 60_000)


def test_cmu_walk(shared_data: Path, tiny: Robot):
    """02_01 walks at 1.2 m/s on the ground, its pelvis 1 m high; the thighs are as long as the file says."""
    (clip,) = load_clips(shared_data / "cmu" / "02" / "02_01.amc", tiny)
    assert isinstance(clip, SkeletonMotion)
    assert (clip.num_frames, clip.fps) == (343, 120.0)
    legs = {
        side: (f"{side[0]}femur", f"{side[0]}tibia", f"{side[0]}foot", f"{side[0]}toes_end")
        for side in ("left", "right")
    }
    check_walk(clip, legs, "head")
    positions, _ = clip.world_poses()
    joints = [clip.skeleton.joint_names.index(name) for name in ("lfemur", "ltibia")]
    thigh = np.linalg.norm(positions[:, joints[0]] - positions[:, joints[1]], axis=1)
    np.testing.assert_allclose(thigh, 7.59371 / 0.45 * 0.0254, rtol=1e-4)


def test_all_cmu_clips_are_of_another_skeleton(shared_data: Path, tiny: Robot):
    """Five clips; as motion of a robot they have to be retargeted first."""
    assert len(load_clips(shared_data / "cmu", tiny)) == 5
    with pytest.raises(MotionError, match="motions retarget FILE OUT --robot tiny"):
        load_motions(shared_data / "cmu", tiny)


@pytest.mark.parametrize(("victim", "least"), [("01.asf", 30), ("01_02.amc", 50)])
def test_damage_is_a_motion_error(tmp_path: Path, tiny: Robot, victim: str, least: int):
    """100 damaged skeletons and clips."""
    read(tmp_path, tiny)
    assert count_refusals(tmp_path / "01_02.amc", tiny, tmp_path / victim) >= least
