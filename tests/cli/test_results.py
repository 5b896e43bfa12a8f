# SPDX-License-Identifier: Apache-2.0
"""The results folder: whole or absent, locked, found by name."""

import subprocess
import sys

import pytest
import torch

from protomotions_cli.atomic_files import replacing, write_atomically
from protomotions_cli.errors import UsageError
from protomotions_cli.results import ResultsFolder, RunFiles, find_results, results_folder
from protomotions_cli.results_lock import FolderLock

FILES = RunFiles({"experiment_path": "x.py", "seed": 1}, {"env": {"robot": "g1"}, "sizes": [1, 2]}, "print('x')\n")


@pytest.fixture
def folder(tmp_path):
    """A folder made by `create`, its lock released."""
    folder = ResultsFolder(tmp_path / "results" / "first")
    folder.create(FILES).release()
    return folder


def test_a_made_folder_holds_what_describes_the_run(folder):
    """Arguments, settings in two forms and the experiment can be read back; logs is there."""
    names = sorted(path.name for path in folder.path.iterdir())
    assert names == [
        ".lock",
        "config.yaml",
        "experiment_config.py",
        "logs",
        "resolved_configs.pt",
        "resolved_configs.yaml",
    ]
    assert folder.arguments() == FILES.arguments
    assert folder.config() == FILES.config
    assert folder.experiment() == FILES.experiment
    assert torch.load(folder.path / "resolved_configs.pt", weights_only=True) == FILES.config


def test_making_a_folder_leaves_nothing_else_behind(folder):
    """The temporary folder is gone, whether making it worked or not."""
    with pytest.raises(UsageError, match="can't make the results folder"):
        folder.create(FILES)
    assert [path.name for path in folder.path.parent.iterdir()] == ["first"]


def test_without_an_experiment_file_there_is_no_copy(tmp_path):
    """A run from settings alone has none."""
    folder = ResultsFolder(tmp_path / "x")
    folder.create(RunFiles({}, {}, None)).release()
    assert folder.experiment() is None


def test_a_folder_exists_once_there_is_something_in_it(tmp_path):
    """An empty folder may be filled, a file of that name is in the way."""
    folder = ResultsFolder(tmp_path / "x")
    assert not folder.exists
    folder.path.mkdir()
    assert not folder.exists
    folder.create(FILES).release()
    assert folder.exists
    (tmp_path / "file").touch()
    assert ResultsFolder(tmp_path / "file").exists


def test_a_checkpoint_or_its_predecessor_is_training_to_resume(folder):
    """A run that was killed between two renames has only the previous one."""
    assert not folder.has_checkpoint
    (folder.path / "previous.ckpt").touch()
    assert folder.has_checkpoint


def test_rewriting_replaces_the_files_and_keeps_the_rest(folder):
    """Checkpoints stay."""
    (folder.path / "last.ckpt").write_bytes(b"weights")
    folder.rewrite(RunFiles({"seed": 2}, {"a": 1}, None))
    assert folder.arguments() == {"seed": 2}
    assert folder.experiment() == FILES.experiment
    assert (folder.path / "last.ckpt").read_bytes() == b"weights"


def test_another_folder_is_refused(tmp_path):
    """What is not a results folder isn't taken for one."""
    (tmp_path / "photos").mkdir()
    with pytest.raises(UsageError, match=r"has no resolved_configs.yaml: it is not a results folder"):
        ResultsFolder(tmp_path / "photos").config()


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "a b", "-x"])
def test_names_that_can_t_be_a_folder_s_are_refused(tmp_path, name):
    """No escape from the results folder, no hidden names."""
    with pytest.raises(UsageError, match="must be letters, digits"):
        results_folder(tmp_path, name)


def test_a_lock_keeps_a_second_run_out_until_it_is_released(folder):
    """The error names the folder."""
    lock = FolderLock(folder.path)
    with pytest.raises(UsageError, match=r"another run is writing to .*first"):
        FolderLock(folder.path)
    lock.release()
    FolderLock(folder.path).release()


def test_the_lock_of_a_killed_run_does_not_block(folder):
    """The kernel drops it with the process, though the lock file stays."""
    code = (
        "import os, sys, pathlib; from protomotions_cli.results_lock import FolderLock;"
        "FolderLock(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder.path)], check=False).returncode == -9
    FolderLock(folder.path).release()


def test_a_trained_experiment_is_found_by_name_and_by_path(folder, tmp_path):
    """`eval first` and `eval results/first` mean the same."""
    assert find_results("first", folder.path.parent) == folder
    assert find_results(str(folder.path), tmp_path) == folder


def test_an_unknown_experiment_names_the_nearest_or_all(folder):
    """The reader learns what there is."""
    with pytest.raises(UsageError, match=r"did you mean 'first'\?"):
        find_results("frist", folder.path.parent)
    with pytest.raises(UsageError, match=r"trained so far: first"):
        find_results("xyz", folder.path.parent)
    with pytest.raises(UsageError, match="trained so far: none"):
        find_results("xyz", folder.path)


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    """What fails while writing leaves the old file and nothing else."""
    path = tmp_path / "a.txt"
    write_atomically(path, b"old")

    def fail() -> None:
        with replacing(path) as temporary:
            temporary.write_bytes(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
