# SPDX-License-Identifier: Apache-2.0
"""Whose clips files say that they are."""

import dataclasses

import numpy as np
import pytest

from protomotions_envs.motions import recorded_robot, save_motion, write_pack


def test_clips_packs_and_folders_name_their_robot(swing, tiny, tmp_path):
    """A folder is that of its first clip, in the order of names, also further down."""
    folder = tmp_path / "clips"
    (folder / "below").mkdir(parents=True)
    save_motion(swing, folder / "below" / "swing.npz")
    assert recorded_robot(folder / "below" / "swing.npz") == recorded_robot(folder) == "tiny"
    save_motion(dataclasses.replace(swing, robot="other"), folder / "a.npz")
    assert recorded_robot(str(folder)) == "other"
    assert recorded_robot(write_pack(tmp_path / "clips.pack", [swing], tiny, fps=20.0).path) == "tiny"


@pytest.mark.parametrize("name", ["missing.npz", "junk.npz", "somebody_elses.npz", "table.csv", "empty", "junk.pack"])
def test_files_that_do_not_say_it_name_none(tmp_path, name):
    """Whoever reads them says what is wrong."""
    (tmp_path / "junk.npz").write_bytes(b"junk")
    np.savez(tmp_path / "somebody_elses.npz", robot=np.array("g1"), fps=np.array(30))
    (tmp_path / "table.csv").write_text("1,2,3\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "junk.pack").mkdir()
    (tmp_path / "junk.pack" / "index.json").write_text("{")
    assert recorded_robot(tmp_path / name) is None
