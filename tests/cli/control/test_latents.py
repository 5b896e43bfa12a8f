# SPDX-License-Identifier: Apache-2.0
"""Latents that are held or gone over."""

import numpy as np
import pytest
import torch

from protomotions_algos.ase import ASEConfig
from protomotions_algos.ppo import PPOConfig
from protomotions_cli.control.latents import read_latent
from protomotions_cli.errors import UsageError

CONFIG = ASEConfig(latent_dim=3)


def test_a_seed_means_the_same_latent_each_time():
    """Of unit length; another seed means another one."""
    first, again, other = (read_latent(text, CONFIG, "--latent") for text in ("7", "7", "8"))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert float(first.norm()) == pytest.approx(1.0)


def test_a_file_holds_a_direction(tmp_path):
    """Its length doesn't count, nor how its numbers are stored."""
    np.save(tmp_path / "z.npy", np.array([3, 0, 4]))
    latent = read_latent(str(tmp_path / "z.npy"), CONFIG, "--latent")
    assert latent.tolist() == pytest.approx([0.6, 0.0, 0.8])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "expected a seed, such as 7, or a .npy file of numbers"),
        (b"no array", "expected a seed, such as 7, or a .npy file of numbers"),
        (np.zeros(3), "must be finite and not zero"),
        (np.array([1.0, np.nan, 0.0]), "must be finite and not zero"),
        (np.ones(4), r"expected 3 numbers, got shape \[4\]"),
        (np.ones((3, 1)), r"expected 3 numbers, got shape \[3, 1\]"),
        (np.array(["a", "b", "c"]), "expected a seed"),
        (np.array([{}], dtype=object), "expected a seed"),
    ],
)
def test_what_means_no_latent_is_refused(tmp_path, content, message):
    """Objects in files are never unpacked."""
    path = tmp_path / "z.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.save(path, content, allow_pickle=True)
    with pytest.raises(UsageError, match=message):
        read_latent(str(path), CONFIG, "--latent")


def test_only_policies_with_latents_take_them():
    """The message names the flag and the algorithm."""
    with pytest.raises(UsageError, match="--interpolate is for policies of the algorithm 'ase'; this one is of 'ppo'"):
        read_latent("7", PPOConfig(), "--interpolate")
