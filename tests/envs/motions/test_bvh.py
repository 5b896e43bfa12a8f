# SPDX-License-Identifier: Apache-2.0
"""BVH files: positions worked out by hand and by matrices, units and axes found, damaged files."""

from pathlib import Path

import numpy as np
import pytest
from tests.envs.motions.damage import count_refusals

from protomotions_envs.errors import MotionError
from protomotions_envs.motions.readers import ReadOptions, load_clips
from protomotions_envs.motions.skeleton import SkeletonMotion
from protomotions_envs.robots import Robot

# An adult in cm, y up, x to the left, z forward: hips at 90, ankles at 8, the base of the skull at 155.
PERSON = {
    "Hips": (None, (0, 0, 0)),
    "Spine": ("Hips", (0, 20, 0)),
    "Neck": ("Spine", (0, 35, 0)),
    "Head": ("Neck", (0, 10, 0)),
    "LeftUpLeg": ("Hips", (9, 0, 0)),
    "LeftLeg": ("LeftUpLeg", (0, -42, 0)),
    "LeftFoot": ("LeftLeg", (0, -40, 0)),
    "RightUpLeg": ("Hips", (-9, 0, 0)),
    "RightLeg": ("RightUpLeg", (0, -42, 0)),
    "RightFoot": ("RightLeg", (0, -40, 0)),
}
ENDS = {"Head": (0, 18, 0), "LeftFoot": (0, -8, 15), "RightFoot": (0, -8, 15)}
FRAME_TIME = 1 / 30
# Turns a world with y up into one with z up.
STAND_UP = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])


def node(name: str, orders: dict[str, str], scale: float, axes: np.ndarray) -> str:
    """Return a joint of the person and all below it, its rotation channels in an order such as ZXY."""
    parent, offset = PERSON[name]
    positions = "" if parent else "Xposition Yposition Zposition "
    turns = " ".join(f"{axis}rotation" for axis in orders[name])
    children = "".join(node(child, orders, scale, axes) for child, (above, _) in PERSON.items() if above == name)
    if name in ENDS:
        children += f"End Site\n{{\nOFFSET {numbers(axes @ ENDS[name] * scale)}\n}}\n"
    return (
        f"{'JOINT' if parent else 'ROOT'} {name}\n{{\nOFFSET {numbers(axes @ offset * scale)}\n"
        f"CHANNELS {len(orders[name]) + (0 if parent else 3)} {positions}{turns}\n{children}}}\n"
    )


def numbers(row: np.ndarray) -> str:
    """Return numbers as text."""
    return " ".join(f"{number:.9f}" for number in row)


def person(rows: np.ndarray, order: str = "ZXY", scale: float = 1.0, axes: np.ndarray | None = None) -> str:
    """Return a file of the person; every joint's turns are in one order, and depth first is PERSON's own order.

    Args:
        rows: Root position in cm, then angles in degrees, [T, 3 + joints * 3].
        order: Of the turns.
        scale: Units per cm.
        axes: Matrix that turns the y-up frame into the file's.
    """
    axes = np.eye(3) if axes is None else axes
    placed = np.concatenate((rows[:, :3] @ axes.T * scale, rows[:, 3:]), axis=1)
    hierarchy = node("Hips", dict.fromkeys(PERSON, order), scale, axes)
    motion = "\n".join(numbers(row) for row in placed)
    return f"HIERARCHY\n{hierarchy}MOTION\nFrames: {len(rows)}\nFrame Time: {FRAME_TIME:.9f}\n{motion}\n"


def standing(frames: int = 2) -> np.ndarray:
    """Return rows of the person at rest, the hips 90 cm above the floor."""
    rows = np.zeros((frames, 3 + 3 * len(PERSON)))
    rows[:, 1] = 90.0
    return rows


def read(path: Path, text: str, robot: Robot, options: ReadOptions | None = None) -> SkeletonMotion:
    """Write the text, read the clip and return it."""
    path.write_text(text, encoding="utf-8")
    (clip,) = load_clips(path, robot, options)
    assert isinstance(clip, SkeletonMotion)
    return clip


def matrix(axis: str, degrees: float) -> np.ndarray:
    """Return a turn about an axis as a matrix."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    result = np.eye(3)
    i, j = {"X": (1, 2), "Y": (2, 0), "Z": (0, 1)}[axis]
    result[[i, i, j, j], [i, j, i, j]] = c, -s, s, c
    return result


def test_positions_by_hand(tmp_path: Path, tiny: Robot):
    """A stick of two joints of 1 m: the root leans about z, then turns about the turned x; numbers on several lines."""
    text = """HIERARCHY
    ROOT head\t{
      OFFSET 5 5 5
      CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
      JOINT the foot
      {
        OFFSET 0.0 -1.0 0.0
        CHANNELS 1 Xrotation
        End Site
        {
          OFFSET 0 -1 0
        }
      }
    }
    MOTION
    Frames:\t2
    Frame Time: 0.5
    1 2 3  0 0 0  0
    1 2 3
    90 90 0  90"""
    clip = read(tmp_path / "stick.bvh", text, tiny, ReadOptions(metres_per_unit=1.0))
    assert clip.skeleton.joint_names == ("head", "the foot", "the foot_end")
    assert (clip.name, clip.fps) == ("stick", 2.0)
    positions, _ = clip.world_poses()
    # File, y up: the foot at Rz Rx (0, -1, 0) = Rz (0, 0, -1) = (0, 0, -1); the tip by Rx(180), further (0, 1, 0) in
    # the plane that Rz has turned: (-1, 0, 0). World: x, -z, y.
    np.testing.assert_allclose(positions[0], [[1, -3, 2], [1, -3, 1], [1, -3, 0]], atol=1e-12)
    np.testing.assert_allclose(positions[1], [[1, -3, 2], [1, -2, 2], [0, -2, 2]], atol=1e-12)


@pytest.mark.parametrize("order", ["ZXY", "ZYX", "XYZ", "YZX", "ZXZ"])
@pytest.mark.parametrize("y_up", [True, False])
def test_round_trip(tmp_path: Path, tiny: Robot, order: str, y_up: bool):
    """A clip of any poses that is written with matrices of its own comes back at the same places, m, z up."""
    rng = np.random.default_rng(4)
    rows = standing(5) + rng.uniform(-25, 25, (5, 33))
    axes = np.eye(3) if y_up else STAND_UP
    clip = read(tmp_path / "poses.bvh", person(rows, order, axes=axes), tiny)
    positions, _ = clip.world_poses()
    for row, found in zip(rows, positions, strict=True):
        at = {"Hips": STAND_UP @ row[:3] / 100}
        turned: dict[str, np.ndarray] = {}
        for joint, (name, (parent, offset)) in enumerate(PERSON.items()):
            first, second, third = row[3 + 3 * joint : 6 + 3 * joint]
            own = matrix(order[0], first) @ matrix(order[1], second) @ matrix(order[2], third)
            # In a file with z up, the same numbers turn about that file's axes.
            turned[name] = turned[parent] @ own if parent else (STAND_UP @ own if y_up else own)
            if parent:
                at[name] = at[parent] + turned[parent] @ axes @ offset / 100
            if name in ENDS:
                at[f"{name}_end"] = at[name] + turned[name] @ axes @ ENDS[name] / 100
        np.testing.assert_allclose(found, [at[name] for name in clip.skeleton.joint_names], atol=1e-7)
    assert clip.fps == pytest.approx(30.0)


@pytest.mark.parametrize("units_per_cm", [1.0, 0.01, 10.0, 1 / 2.54, 0.45 / 2.54])
@pytest.mark.parametrize("y_up", [True, False])
def test_unit_and_axes_are_found(tmp_path: Path, tiny: Robot, units_per_cm: float, y_up: bool):
    """Cm, m, mm, inches, CMU's inches/0.45: in each the person is as tall and stands on the floor."""
    rows = standing()
    clip = read(tmp_path / "a.bvh", person(rows, scale=units_per_cm, axes=np.eye(3) if y_up else STAND_UP), tiny)
    positions, _ = clip.world_poses()
    names = clip.skeleton.joint_names
    np.testing.assert_allclose(positions[:, names.index("Head_end")], [[0, 0, 1.73]] * 2, atol=1e-6)
    np.testing.assert_allclose(positions[:, names.index("LeftFoot_end")], [[0.09, -0.15, 0]] * 2, atol=1e-6)


def test_a_clip_that_begins_on_the_floor(tmp_path: Path, tiny: Robot):
    """A third lying along z, then standing: up is y all the same."""
    rows = standing(30)
    rows[:10, 1], rows[:10, 4] = 10.0, 90.0
    positions, _ = read(tmp_path / "a.bvh", person(rows), tiny).world_poses()
    np.testing.assert_allclose(positions[[0, -1], 0, 2], [0.1, 0.9])


@pytest.mark.parametrize(("scale", "names"), [(5.0, "Head"), (1.0, "Kopf")])
def test_an_unknown_unit_has_to_be_given(tmp_path: Path, tiny: Robot, scale: float, names: str):
    """A person of 8 m or without a head: the message says how; with it the file is read, y up."""
    text = person(standing(), scale=scale).replace("Head", names)
    with pytest.raises(
        MotionError, match=r"^a\.bvh.*give (the unit|it) with --metres-per-unit, for instance 0\.01 for cm$"
    ):
        read(tmp_path / "a.bvh", text, tiny)
    clip = read(tmp_path / "a.bvh", text, tiny, ReadOptions(metres_per_unit=0.01 / scale))
    np.testing.assert_allclose(clip.root_pos, [[0, 0, 0.9]] * 2, atol=1e-9)


@pytest.mark.parametrize("unit", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_units(tmp_path: Path, tiny: Robot, unit: float):
    """The flag is named."""
    with pytest.raises(MotionError, match="give --metres-per-unit more than 0"):
        read(tmp_path / "a.bvh", person(standing()), tiny, ReadOptions(metres_per_unit=unit))


def with_positions(values: list[str], offset: str = "0.000000000 -42.000000000 0.000000000") -> str:
    """Return the standing person with position channels, one text of 3 numbers per frame, for the left knee."""
    text = person(standing(len(values)))
    knee = text.index("JOINT LeftLeg")
    text = text[:knee] + text[knee:].replace("CHANNELS 3 ", "CHANNELS 6 Xposition Yposition Zposition ", 1).replace(
        "0.000000000 -42.000000000 0.000000000", offset, 1
    )
    head, motion = text.split(f"Frame Time: {FRAME_TIME:.9f}\n")
    # The knee is the sixth joint: 3 + 5 * 3 numbers stand before its own.
    rows = [line.split() for line in motion.splitlines()]
    motion = "\n".join(" ".join([*row[:18], value, *row[18:]]) for row, value in zip(rows, values, strict=True))
    return f"{head}Frame Time: {FRAME_TIME:.9f}\n{motion}\n"


@pytest.mark.parametrize(
    ("values", "offset", "knee"),
    [
        # What the channels repeat, with rounding.
        (["0 -42 0", "0 -42.02 0"], "0 -42 0", 0.48),
        # What only the channels say.
        (["0 -40 0", "0 -40 0"], "0 0 0", 0.5),
        # What they add to the OFFSET: nothing.
        (["0 0 0", "0 0 0"], "0 -42 0", 0.48),
    ],
)
def test_position_channels_that_keep_the_bones(
    tmp_path: Path, tiny: Robot, values: list[str], offset: str, knee: float
):
    """The height of the left knee under hips at 0.9 m."""
    clip = read(tmp_path / "a.bvh", with_positions(values, offset), tiny)
    height = clip.world_poses()[0][:, clip.skeleton.joint_names.index("LeftLeg"), 2]
    np.testing.assert_allclose(height, knee, atol=2e-4)


def test_position_channels_that_stretch_bones_are_refused(tmp_path: Path, tiny: Robot):
    """5 cm is no rounding; the joint is named."""
    with pytest.raises(
        MotionError, match=r"^a\.bvh: the position channels of joint 'LeftLeg' change its bone's length"
    ):
        read(tmp_path / "a.bvh", with_positions(["0 -42 0", "0 -47 0"]), tiny)


def test_a_reference_above_the_body_is_left_out(tmp_path: Path, tiny: Robot):
    """Its turn and place are kept: 90 degrees about y carry the hips' 50 cm ahead to 50 cm along x."""
    rows = standing()
    rows[1, 2] = 50.0
    text = person(rows).replace(
        "HIERARCHY\nROOT Hips", "HIERARCHY\nROOT Reference\n{\nOFFSET 0 0 0\nCHANNELS 1 Yrotation\nJOINT Hips"
    )
    head, motion = text.split(f"Frame Time: {FRAME_TIME:.9f}\n")
    motion = "\n".join(f"90 {line}" for line in motion.splitlines())
    text = f"{head.replace('MOTION', '}MOTION')}Frame Time: {FRAME_TIME:.9f}\n{motion}"
    clip = read(tmp_path / "a.bvh", text, tiny)
    assert clip.skeleton.joint_names[0] == "Hips"
    assert clip.skeleton.parents[:2] == (-1, 0)
    np.testing.assert_allclose(clip.root_pos, [[0, 0, 0.9], [0.5, 0, 0.9]], atol=1e-9)


def test_several_ends_of_a_joint(tmp_path: Path, tiny: Robot):
    """They have names of their own."""
    text = person(standing()).replace(
        "End Site\n{\nOFFSET 0.0", "End Site\n{\nOFFSET 1 2 3\n}\nEnd Site\n{\nOFFSET 0.0", 1
    )
    names = read(tmp_path / "a.bvh", text, tiny).skeleton.joint_names
    assert names[3:6] == ("Head", "Head_end", "Head_end_2")


SOUND = person(standing())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("MOTION", "", "not a whole BVH file: it lacks MOTION"),
        ("Frames: 2", "Frames: 4000000000", "says 4000000000 frames of 33 channels but has 66 numbers"),
        ("Frames: 2", "Frames: -2", "says -2 frames"),
        ("90.000000000", "", "says 2 frames of 33 channels but has 65 numbers"),
        ("90.000000000", "nan", "MOTION has the number nan"),
        ("90.000000000", "1e999", "MOTION has the number inf"),
        ("90.000000000", "9o", "MOTION has '9o' where a number is expected"),
        ("Frame Time: 0.033333333", "Frame Time: 0", "has the Frame Time 0 s"),
        ("Frame Time: 0.033333333", "Frame Time: 1e-9", "frames per second"),
        ("Frame Time: 0.033333333", "Frame Time: fast", "Frame Time has 'fast'"),
        ("ROOT Hips", "JOINT Hips", "has 'JOINT' out of place"),
        ("JOINT Spine", "JOINT " + "Spine " * 1000, r"a joint named 'Spine Spine .*' and so on"),
        ("JOINT Spine", "ROOT Spine", "has 'ROOT' out of place"),
        ("JOINT Spine", "JOINT LeftFoot", "joints whose names differ"),
        ("CHANNELS 3 Z", "CHANNELS 2 Z", "has 'Yrotation' out of place"),
        ("CHANNELS 3 Z", "CHANNELS 3000000000 Z", "joint 'Spine' has the CHANNELS '3000000000 Zrotation"),
        ("CHANNELS 3 Z", "CHANNELS 3 W", "joint 'Spine' has the CHANNELS '3 Wrotation"),
        ("OFFSET 0.000000000", "OFFSET much", "OFFSET of 'Hips' has 'much' where a number"),
        ("}\n}\n", "}\n", "its hierarchy has an open brace"),
        ("}\n}\n", "}\n}\n}\n", "has 'JOINT' out of place"),
        ("}\nMOTION", "}\n}\nMOTION", "has '}' out of place"),
        (SOUND[: SOUND.index("MOTION")], "HIERARCHY\n", "its hierarchy is empty"),
        (SOUND[SOUND.index("{") : SOUND.index("MOTION")], "", "no opening brace"),
        (SOUND[SOUND.index("MOTION") :], "MOTION\nFrames: 0\nFrame Time: 0.1\n", "it has no frames"),
    ],
)
def test_wrong_files(tmp_path: Path, tiny: Robot, old: str, new: str, message: str):
    """One line that names the file."""
    assert old in SOUND
    with pytest.raises(MotionError, match=rf"^a\.bvh.*({message})"):
        read(tmp_path / "a.bvh", SOUND.replace(old, new, 1), tiny)


@pytest.mark.parametrize("joint", ["JOINT foot", "End Site"])
def test_bottomless_hierarchies(tmp_path: Path, tiny: Robot, joint: str):
    """Deeper than Python's stack and than any person; told without a hang."""
    depth = 100_000
    joints = "ROOT head\n{\nCHANNELS 1 Xrotation\n" + f"{joint}\n{{\n" * (depth - 1) + "}" * depth
    text = f"HIERARCHY\n{joints}\nMOTION\nFrames: 2\nFrame Time: 0.1\n0 0\n".replace("}", "}\n")
    with pytest.raises(MotionError, match=r"^a\.bvh has 1001 joints; expected a skeleton of at most 1000$"):
        read(tmp_path / "a.bvh", text, tiny)


def test_damage_is_a_motion_error(tmp_path: Path, tiny: Robot):
    """100 damaged files."""
    read(tmp_path / "a.bvh", SOUND, tiny)
    assert count_refusals(tmp_path / "a.bvh", tiny) >= 50
