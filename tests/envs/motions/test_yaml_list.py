# SPDX-License-Identifier: Apache-2.0
"""Lists of motion files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, load_motions, save_motion
from protomotions_envs.robots import Robot


@pytest.fixture
def folder(swing: Motion, tmp_path: Path, write_csv: Callable[..., Path]) -> Path:
    """A folder with `clips/a.npz` and `b.csv`."""
    (tmp_path / "clips").mkdir()
    save_motion(swing, tmp_path / "clips" / "a.npz")
    write_csv(tmp_path / "b.csv", swing)
    return tmp_path


def read(folder: Path, text: str, robot: Robot) -> list[Motion]:
    """Write a list into the folder and load it."""
    (folder / "list.yaml").write_text(text)
    return load_motions(folder / "list.yaml", robot)


def test_files_weights_and_rates(folder: Path, tiny: Robot):
    """Paths are relative to the list; the rate is for files that don't record their own."""
    clips = read(
        folder,
        "motions:\n- {file: clips/a.npz, fps: 999, weight: 2, idx: 0}\n- {file: b.csv, fps: 20}\n- {file: b.csv}\n",
        tiny,
    )
    assert [(clip.name, clip.fps, clip.weight) for clip in clips] == [
        ("swing", 20.0, 2.0),
        ("b", 20.0, 1.0),
        ("b", 60.0, 1.0),
    ]


def test_parts_of_a_file(folder: Path, swing: Motion, tiny: Robot):
    """Timings in seconds cut a file into clips; a part's weight wins over the file's."""
    text = """
    motions:
      - file: clips/a.npz
        weight: 2
        sub_motions:
          - timings: {start: 0.1, end: 0.5}
          - timings: {start: 0.5}
            weight: 0.5
    """
    first, second = read(folder, text, tiny)
    assert (first.name, first.weight, second.name, second.weight) == ("swing_0", 2.0, "swing_1", 0.5)
    np.testing.assert_allclose(first.joint_pos, swing.joint_pos[2:11])
    np.testing.assert_allclose(second.joint_pos, swing.joint_pos[10:])


def test_unreadable_entries_are_named(folder: Path, tiny: Robot):
    """All of them, in one line."""
    (folder / "c.csv").write_text("1,2\n")
    with pytest.raises(MotionError) as caught:
        read(folder, "motions: [{file: nowhere.npz}, {file: b.csv}, {file: c.csv}]", tiny)
    message = str(caught.value)
    assert message.startswith("list.yaml: 2 of 3 entries can't be read: entry 0 (nowhere.npz): No such motion file")
    assert "; entry 2 (c.csv): c.csv has 2 columns but robot 'tiny' needs 10" in message
    assert "\n" not in message


def test_many_unreadable_entries_are_counted(folder: Path, tiny: Robot):
    """Five are named."""
    with pytest.raises(MotionError, match=r"9 of 9 entries .* entry 4 \(4\.npz\): .* and 4 more$"):
        read(folder, f"motions: [{', '.join(f'{{file: {i}.npz}}' for i in range(9))}]", tiny)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("motions: [}", "list.yaml is not readable YAML: "),
        ("[" * 1000, "list.yaml is not readable YAML: "),
        ("clips: []", "list.yaml is not a list of motions; expected `motions:`"),
        ("motions: walk.npz", "is not a list of motions"),
        ("just words", "is not a list of motions"),
        ("motions: []", "list.yaml lists no motions"),
        ("motions: [{weight: 1}]", "list.yaml entry 0 names no file"),
        ("motions: [walk.npz]", "entry 0 names no file"),
        ('motions: [{file: "a\\0b"}]', "entry 0 names no file"),
        ("motions: [{file: b.csv, weight: -1}]", "entry 0: weight is -1; expected a number of 0 or more"),
        ("motions: [{file: b.csv, weight: .nan}]", "weight is nan"),
        ("motions: [{file: b.csv, fps: fast}]", "fps is 'fast'"),
        ("motions: [{file: b.csv, fps: 0}]", "b.csv has 0 frames per second"),
        ("motions: [{file: b.csv, sub_motions: all}]", "entry 0: sub_motions is not a list"),
        ("motions: [{file: b.csv, sub_motions: [1]}]", "entry 0 sub-motion 0 has no timings"),
        ("motions: [{file: b.csv, sub_motions: [{timings: {start: -1}}]}]", "sub-motion 0: start is -1"),
        ("motions: [{file: b.csv, sub_motions: [{timings: {start: 9}}]}]", "leaves no motion"),
        ("motions: [{file: list.yaml}]", "list.yaml is itself a list; name its files instead"),
    ],
)
def test_wrong_lists(folder: Path, tiny: Robot, text: str, message: str):
    """Each says what is wrong and what a list looks like."""
    with pytest.raises(MotionError, match=message):
        read(folder, text, tiny)
