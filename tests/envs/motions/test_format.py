# SPDX-License-Identifier: Apache-2.0
"""The `.npz` clip: what goes in comes out, and what can't be read says so."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from protomotions_envs.errors import MotionError
from protomotions_envs.motions import Motion, read_motion, save_motion
from protomotions_envs.motions.motion import FRAME_ARRAYS


def rewrite(path: Path, **changes: Any) -> None:
    """Replace arrays of an .npz file; None removes one."""
    with np.load(path) as archive:
        content = {key: archive[key] for key in archive.files} | changes
    np.savez(path, allow_pickle=False, **{key: value for key, value in content.items() if value is not None})


@pytest.fixture
def clip(swing: Motion, tmp_path: Path) -> Path:
    """The swing as a file."""
    path = tmp_path / "clip.npz"
    save_motion(replace(swing, weight=2.5), path)
    return path


def test_round_trip(swing: Motion, clip: Path):
    """Every field comes back as it was."""
    back = read_motion(clip)
    for field in FRAME_ARRAYS:
        np.testing.assert_allclose(getattr(back, field), getattr(swing, field), atol=1e-7)
    for field in ("name", "robot", "fps", "joint_names", "body_names", "source", "licence"):
        assert getattr(back, field) == getattr(swing, field)
    assert back.weight == 2.5


def test_the_file_explains_itself(clip: Path):
    """Plain NumPy reads names, rate, units, quaternion order, source and licence."""
    with np.load(clip, allow_pickle=False) as archive:
        assert archive["format_version"] == 1
        assert archive["fps"] == 20.0
        assert archive["joint_names"].tolist() == ["hip", "ankle", "shoulder"]
        assert archive["body_names"].tolist() == ["trunk", "leg", "foot", "arm"]
        assert str(archive["quaternion_order"]) == "wxyz"
        assert str(archive["units"]).startswith("m, rad, s")
        assert (str(archive["robot"]), str(archive["source"])) == ("tiny", "made up")
        assert str(archive["licence"]) == "CC0-1.0"
        assert archive["body_rot"].shape == (20, 4, 4)
        assert archive["body_pos"].dtype == np.float32
        assert archive["body_contact"].dtype == np.bool_


def test_the_same_clip_gives_the_same_bytes(swing: Motion, tmp_path: Path):
    """Generated clips can be compared with those that ship."""
    save_motion(swing, tmp_path / "a.npz")
    save_motion(swing, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def test_a_failed_write_leaves_the_old_file_and_no_litter(swing: Motion, clip: Path, monkeypatch: pytest.MonkeyPatch):
    """The disk fills up in the middle of writing."""
    before = clip.read_bytes()

    def full(file, **_):
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez_compressed", full)
    with pytest.raises(MotionError, match="can't be written: No space left on device"):
        save_motion(swing, clip)
    assert clip.read_bytes() == before
    assert [file.name for file in clip.parent.iterdir()] == ["clip.npz"]


def test_writing_into_a_missing_folder_is_an_error(swing: Motion, tmp_path: Path):
    """The message names the path."""
    with pytest.raises(MotionError, match=r"nowhere/x\.npz can't be written: No such file"):
        save_motion(swing, tmp_path / "nowhere" / "x.npz")


def test_only_npz_is_written(swing: Motion, tmp_path: Path):
    """Another suffix would promise another format."""
    with pytest.raises(MotionError, match=r"give a name that ends in \.npz"):
        save_motion(swing, tmp_path / "x.csv")


def test_an_unsound_clip_is_not_written(swing: Motion, tmp_path: Path):
    """Errors are found by who makes them."""
    with pytest.raises(MotionError, match="frames per second"):
        save_motion(replace(swing, fps=0.0), tmp_path / "x.npz")
    assert not list(tmp_path.iterdir())


def test_a_newer_version_is_refused(clip: Path):
    """Its meaning is unknown."""
    rewrite(clip, format_version=np.array(2))
    with pytest.raises(MotionError, match=r"clip\.npz has format version 2, newer than 1; upgrade protomotions-envs"):
        read_motion(clip)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"format_version": None}, "not a ProtoMotions clip: it has no format_version, only body_ang_vel, "),
        ({"format_version": np.array(0)}, "version 0"),
        ({"body_rot": None, "fps": None}, "without fps, body_rot"),
        ({"quaternion_order": np.array("xyzw")}, "quaternions in the order 'xyzw'; expected 'wxyz'"),
        ({"fps": np.array("fast")}, "fps is not a number"),
        ({"fps": np.array(np.nan)}, "fps is not a number"),
        ({"name": np.array(3)}, "name is not a text"),
        ({"joint_names": np.array("hip")}, "joint_names is not a list of names"),
        ({"joint_pos": np.array(["a"])}, "joint_pos is not an array of numbers"),
        ({"joint_pos": np.array(1.0)}, "joint_pos is not an array of numbers"),
        ({"body_pos": np.zeros((20, 4, 3), complex)}, "body_pos is not an array of numbers"),
    ],
)
def test_wrong_content_is_named(clip: Path, changes: dict[str, object], text: str):
    """Each key is checked for what it must be."""
    rewrite(clip, **changes)
    with pytest.raises(MotionError, match=text):
        read_motion(clip)


def test_a_missing_file_is_an_error(tmp_path: Path):
    """Not a traceback."""
    with pytest.raises(MotionError, match="No such motion file"):
        read_motion(tmp_path / "x.npz")


def test_pickled_objects_are_refused(tmp_path: Path):
    """An array of objects would run code."""
    path = tmp_path / "x.npz"
    np.savez(path, format_version=np.array([{"a": 1}], dtype=object))
    with pytest.raises(MotionError, match=r"not a readable \.npz archive of plain arrays"):
        read_motion(path)


def test_an_array_that_claims_to_be_huge_is_refused(clip: Path):
    """A header may promise more numbers than any memory holds."""
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**14,)})
    with zipfile.ZipFile(clip, "a") as archive:
        archive.writestr("huge.npy", header.getvalue())
    with pytest.raises(MotionError, match=r"clip\.npz is damaged: not a readable \.npz archive"):
        read_motion(clip)
