# SPDX-License-Identifier: Apache-2.0
"""Checkpoints under kills, damage and other versions."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import torch

from protomotions_algos.common.checkpoints import FORMAT, CheckpointFolder, read_checkpoint
from protomotions_algos.errors import CheckpointError


def test_round_trip(tmp_path):
    """Nested plain data comes back, loaded with weights_only=True."""
    folder = CheckpointFolder(tmp_path / "run")
    folder.save({"epoch": 3, "modules": {"actor": {"weight": torch.arange(3.0)}}, "best": None})
    state = folder.load()
    assert state["epoch"] == 3
    assert state["modules"]["actor"]["weight"].tolist() == [0.0, 1.0, 2.0]
    assert sorted(path.name for path in folder.path.iterdir()) == ["last.ckpt"]


def test_the_previous_one_is_kept(tmp_path):
    """previous.ckpt is what last.ckpt was; a best checkpoint has no predecessor."""
    folder = CheckpointFolder(tmp_path)
    for epoch in (1, 2, 3):
        folder.save({"epoch": epoch})
        folder.save({"epoch": epoch}, "score_based.ckpt")
    assert folder.load()["epoch"] == 3
    assert read_checkpoint(tmp_path / "previous.ckpt")["epoch"] == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last.ckpt", "previous.ckpt", "score_based.ckpt"]


def flip_a_bit(path):
    """Change one bit of the tensor's data, which torch alone doesn't notice."""
    content = bytearray(path.read_bytes())
    place = content.index(torch.full((64,), 7.0).numpy().tobytes())
    content[place] ^= 1
    path.write_bytes(content)


DAMAGE = {
    "empty": lambda path: path.write_bytes(b""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:-100]),
    "noise": lambda path: path.write_bytes(bytes(range(256)) * 4),
    "bit": flip_a_bit,
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_falls_back_to_the_previous(tmp_path, damage):
    """A warning names both files, and the previous state is returned."""
    folder = CheckpointFolder(tmp_path)
    for epoch in (1, 2):
        folder.save({"epoch": epoch, "tensor": torch.full((64,), 7.0)})
    DAMAGE[damage](tmp_path / "last.ckpt")
    with pytest.warns(RuntimeWarning, match=r"last\.ckpt is damaged.*continuing from previous\.ckpt"):
        assert folder.load()["epoch"] == 1


def test_all_damaged(tmp_path):
    """The error names both files."""
    folder = CheckpointFolder(tmp_path)
    for _ in range(2):
        folder.save({"epoch": 1})
    for name in ("last.ckpt", "previous.ckpt"):
        (tmp_path / name).write_bytes(b"no")
    with pytest.raises(CheckpointError, match=r"last\.ckpt is damaged.*previous\.ckpt is damaged"):
        folder.load()


def test_damaged_best_is_an_error(tmp_path):
    """Nothing stands in for the best checkpoint."""
    folder = CheckpointFolder(tmp_path)
    folder.save({"epoch": 1})
    folder.save({"epoch": 1}, "score_based.ckpt")
    (tmp_path / "score_based.ckpt").write_bytes(b"no")
    with pytest.raises(CheckpointError, match=r"score_based\.ckpt is damaged"):
        folder.load("score_based.ckpt")


def test_missing(tmp_path):
    """Loading names what isn't there; existence is about files that could be loaded."""
    folder = CheckpointFolder(tmp_path / "none")
    assert not folder.exists()
    with pytest.raises(CheckpointError, match=r"there is no last\.ckpt"):
        folder.load()
    folder.save({})
    assert folder.exists()
    assert not folder.exists("score_based.ckpt")


def test_foreign_and_newer_files(tmp_path):
    """A file of another program and one of a newer version are told apart from damage."""
    torch.save({"model": 1}, tmp_path / "last.ckpt")
    with pytest.raises(CheckpointError, match="was not written by protomotions-algos"):
        CheckpointFolder(tmp_path).load()
    written_by = {"protomotions-algos": "9.0"}
    torch.save({"format": FORMAT, "version": 99, "written_by": written_by, "state": {}}, tmp_path / "last.ckpt")
    with pytest.raises(CheckpointError, match=r"format 99, written by .*9\.0.*upgrade"):
        CheckpointFolder(tmp_path).load()


def test_code_in_a_file_is_not_run(tmp_path):
    """A pickle that would call a function is refused."""

    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "trap"),)

    torch.save({"format": FORMAT, "version": 1, "state": Trap()}, tmp_path / "last.ckpt")
    with pytest.raises(CheckpointError, match="is damaged or not a checkpoint"):
        CheckpointFolder(tmp_path).load()
    assert not (tmp_path / "trap").exists()


class KilledError(BaseException):
    """Stands for the process's end at some system call."""


@pytest.mark.parametrize("hard_links", [True, False])
@pytest.mark.parametrize("instant", range(5))
def test_killed_at_any_system_call(tmp_path, monkeypatch, instant, hard_links):
    """Whichever call is the last one made, the newest or the previous state can be loaded."""
    folder = CheckpointFolder(tmp_path)
    for epoch in (1, 2):
        folder.save({"epoch": epoch})
    calls = 0

    def dying(real):
        def call(*arguments):
            nonlocal calls
            calls += 1
            if calls > instant:
                raise KilledError
            if real is os.link and not hard_links:
                raise PermissionError
            return real(*arguments)

        return call

    with monkeypatch.context() as patch:
        for owner, name in ((os, "fsync"), (os, "link"), (Path, "replace")):
            patch.setattr(owner, name, dying(getattr(owner, name)))
        with pytest.raises(KilledError):
            folder.save({"epoch": 3})
    if hard_links:
        assert (tmp_path / "last.ckpt").exists()
    assert folder.load()["epoch"] in (1, 2, 3)
    folder.save({"epoch": 4})
    assert folder.load()["epoch"] == 4


SAVE_UNTIL_KILLED = """
import os, random, signal, sys, time, torch
from protomotions_algos.common.checkpoints import CheckpointFolder
folder = CheckpointFolder(sys.argv[1])
folder.save({"epoch": 0, "weights": torch.zeros(20_000)})
newest = 0
for _ in range(10):
    child = os.fork()
    if child == 0:
        while True:
            newest += 1
            folder.save({"epoch": newest, "weights": torch.full((20_000,), float(newest))})
    time.sleep(random.uniform(0.005, 0.05))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    state = folder.load()
    assert state["weights"].eq(state["epoch"]).all()
    assert state["epoch"] >= newest
    newest = state["epoch"]
print(newest)
"""


def test_killed_ten_times(tmp_path):
    """A process that only saves is killed at random moments; its folder always loads and never goes back."""
    command = [sys.executable, "-W", "error", "-c", SAVE_UNTIL_KILLED, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert int(result.stdout) > 0


def test_files_are_ordinary_archives(tmp_path):
    """The checksums that damage is found by are there."""
    path = CheckpointFolder(tmp_path).save({"tensor": torch.ones(3)})
    with zipfile.ZipFile(path) as archive:
        assert all(member.CRC for member in archive.infolist() if member.file_size)
