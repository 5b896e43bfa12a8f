# SPDX-License-Identifier: Apache-2.0
"""The nearest right name."""

from protomotions_cli.suggestions import did_you_mean, nearest


def test_nearest_finds_a_typo_and_nothing_where_nothing_is_alike():
    """One letter off is near, another word is not."""
    assert nearest("muoco", ["mujoco", "genesis"]) == "mujoco"
    assert nearest("xyz", ["mujoco", "genesis"]) is None


def test_did_you_mean_falls_back_to_all_names():
    """A reader always learns what would have been right."""
    assert did_you_mean("gama", ["gamma", "clip"], prefix="agent.") == "did you mean 'agent.gamma'?"
    assert did_you_mean("xyz", ["b", "a"]) == "expected one of 'a', 'b'"
    assert did_you_mean("xyz", []) == "none exist"
