# SPDX-License-Identifier: Apache-2.0
"""Many clips in one pack."""

import shutil

from protomotions_envs.motions import open_pack
from protomotions_envs.robots import load_robot


def test_files_become_a_pack_that_trains(protomotions, workspace, clip):
    """Its clips, length and size are told; `inspect` reads it; a second run needs --overwrite."""
    (workspace / "in").mkdir()
    for name in ("a", "b"):
        shutil.copy(clip, workspace / "in" / f"{name}.npz")
    code, out, err = protomotions("motions", "pack", "in", "two.pack")
    assert (code, err) == (0, "")
    pack = open_pack("two.pack", load_robot("g1"), fps=50.0)
    size = pack.num_frames * 4 * (13 + 2 * 29 + 2) / 2**20
    assert out == f"wrote two.pack: 2 clips, 0.0 min at 50 Hz, {size:.1f} MiB\n"
    code, out, _ = protomotions("motions", "inspect", "two.pack")
    assert code == 0
    assert "2 clips of the robot" in out
    code, _, err = protomotions("motions", "pack", "in", "two.pack")
    assert (code, err) == (2, "error: two.pack is there already; give --overwrite to replace it\n")
    assert protomotions("motions", "pack", "in/a.npz", "two.pack", "--overwrite")[0] == 0
    assert len(open_pack("two.pack", load_robot("g1")).clips) == 1


def test_bad_files_are_named_and_the_others_packed(protomotions, workspace, clip):
    """Exit code 1 says that something was left out; where nothing can be packed it is 2 and nothing is written."""
    (workspace / "in").mkdir()
    (workspace / "in" / "bad.npz").write_bytes(b"junk")
    code, _, err = protomotions("motions", "pack", "in", "none.pack")
    assert code == 2
    assert err.startswith("error: none of 1 file(s) can be packed; in/bad.npz: bad.npz is damaged")
    shutil.copy(clip, workspace / "in" / "good.npz")
    code, out, _ = protomotions("motions", "pack", "in", "one.pack")
    assert code == 1
    assert "wrote one.pack: 1 clips" in out
    assert "failed: in/bad.npz: bad.npz is damaged" in out
    assert sorted(path.name for path in workspace.iterdir() if "pack" in path.name) == ["one.pack"]


def test_other_folders_are_never_replaced(protomotions, workspace, clip):
    """Not even with --overwrite."""
    (workspace / "notes").mkdir()
    code, _, err = protomotions("motions", "pack", clip, "notes", "--overwrite")
    assert (code, err) == (2, "error: notes is there already; it is no pack; give another name\n")
