# SPDX-License-Identifier: Apache-2.0
"""One entry for all formats, and what is wrong with a path rather than with a format."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, load_motions, motion_suffixes, readers, save_motion
from protomotions_envs.motions.readers import (
    FORMATS,
    MotionFormat,
    ReadOptions,
    read_csv,
    read_proto_motion,
    read_proto_pack,
)
from protomotions_envs.robots import Robot


@pytest.fixture
def folder(
    swing: Motion,
    tmp_path: Path,
    write_csv: Callable[..., Path],
    write_proto: Callable[..., Path],
    write_pack: Callable[..., Path],
) -> Path:
    """A folder with the swing in every format."""
    (tmp_path / "sub").mkdir()
    save_motion(replace(swing, name="z"), tmp_path / "sub" / "z.npz")
    write_csv(tmp_path / "c.CSV", swing)
    write_proto(tmp_path / "b.motion", swing)
    write_pack(tmp_path / "a.pt", [replace(swing, name="p"), replace(swing, name="q")])
    (tmp_path / "list.yaml").write_text("motions: [{file: b.motion}]")
    return tmp_path


def test_files_load_through_one_function(folder: Path, tiny: Robot):
    """By their suffix, in capitals too; files of other kinds have tests of their own."""
    found = {path.suffix.lower() for path in folder.rglob("*.*")}
    assert found < set(motion_suffixes())
    for path in (path for path in folder.rglob("*") if path.is_file()):
        assert load_motions(str(path), tiny)[0].num_frames == 20


def test_a_folder_is_all_its_clips(folder: Path, tiny: Robot):
    """Sorted by path; lists, hidden files and other kinds are passed over."""
    (folder / ".hidden.npz").write_bytes(b"")
    (folder / "notes.txt").write_text("not a motion")
    assert [motion.name for motion in load_motions(folder, tiny)] == ["p", "q", "b", "c", "z"]


def test_one_bad_file_of_a_folder_is_named(folder: Path, tiny: Robot):
    """Nothing is left out in silence."""
    (folder / "sub" / "bad.npz").write_bytes(b"junk")
    with pytest.raises(MotionError, match=r"^bad\.npz is damaged: not a readable"):
        load_motions(folder, tiny)


def test_a_folder_without_clips(tmp_path: Path, tiny: Robot):
    """The kinds that would have been read are named."""
    with pytest.raises(MotionError, match=r"has no motion files; expected \.amc, \.bvh, \.csv, .*\.txt$"):
        load_motions(tmp_path, tiny)


def test_a_missing_path(tmp_path: Path, tiny: Robot):
    """The whole path is in the message."""
    with pytest.raises(MotionError, match=rf"^No such motion file or folder: {tmp_path}/walk\.npz$"):
        load_motions(tmp_path / "walk.npz", tiny)


@pytest.mark.parametrize("name", ["walk.fbx", "walk"])
def test_unknown_kinds_name_the_known_ones(tmp_path: Path, tiny: Robot, name: str):
    """All endings are listed."""
    (tmp_path / name).write_bytes(b"x")
    suffix = Path(name).suffix or "nothing"
    with pytest.raises(MotionError, match=rf"^{name}: files ending in '{suffix}' are not read; give \.amc, \.bvh, "):
        load_motions(tmp_path / name, tiny)


@pytest.mark.parametrize("suffix", [".npz", ".csv", ".motion", ".pt", ".yaml"])
def test_empty_files_and_lfs_pointers(tmp_path: Path, tiny: Robot, suffix: str):
    """Two accidents of copying, the same for every format."""
    path = tmp_path / f"walk{suffix}"
    path.write_bytes(b"")
    with pytest.raises(MotionError, match=rf"^walk\{suffix} is an empty file"):
        load_motions(path, tiny)
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(MotionError, match=rf"^walk\{suffix} is a Git LFS pointer, not the data; run `git lfs pull`"):
        load_motions(path, tiny)


def test_a_pipe_is_no_file(tmp_path: Path, tiny: Robot):
    """Reading it would wait for ever."""
    os.mkfifo(tmp_path / "walk.npz")
    with pytest.raises(MotionError, match="neither a file nor a folder"):
        load_motions(tmp_path / "walk.npz", tiny)


def test_a_file_that_must_not_be_read_is_an_error(tmp_path: Path, tiny: Robot, monkeypatch: pytest.MonkeyPatch):
    """A permission that is missing, a disk that fails."""
    path = tmp_path / "walk.csv"
    path.write_text("1,2\n")

    def fail(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(MotionError, match=r"walk\.csv can't be read: Permission denied"):
        load_motions(path, tiny)


def test_a_clip_for_another_robot(swing: Motion, g1: Robot, tmp_path: Path):
    """The missing joints are named."""
    save_motion(swing, tmp_path / "swing.npz")
    with pytest.raises(MotionError, match=r"^swing\.npz has 3 joints but robot 'g1' has 29; missing: left_hip_pitch_"):
        load_motions(tmp_path / "swing.npz", g1)


def test_formats_of_one_suffix_are_told_apart(tmp_path: Path, tiny: Robot, swing: Motion, monkeypatch):
    """The first that recognises the file reads it; the last answers for what nobody knows."""

    def reader(name: str):
        def read(path: Path, robot: Robot, options: ReadOptions) -> list[Motion]:
            return [replace(swing, name=name)]

        return read

    def starts_with(start: bytes) -> Callable[[Path], bool]:
        return lambda path: path.read_bytes().startswith(start)

    one = MotionFormat("one", (".abc",), reader("one"), starts_with(b"1"))
    two = MotionFormat("two", (".abc",), reader("two"), starts_with(b"2"))
    monkeypatch.setattr(readers, "FORMATS", (*FORMATS, one, two))
    path = tmp_path / "a.abc"
    for content, expected in (("1", "one"), ("2", "two"), ("3", "two")):
        path.write_text(content)
        assert load_motions(path, tiny)[0].name == expected


@pytest.mark.parametrize("read", [read_csv, read_proto_motion, read_proto_pack])
def test_a_reader_called_alone_names_a_missing_file(tmp_path: Path, tiny: Robot, read: Callable[..., object]):
    """As the loader does."""
    with pytest.raises(MotionError, match=r"nowhere\.x"):
        read(tmp_path / "nowhere.x", tiny)
