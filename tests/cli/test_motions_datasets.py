# SPDX-License-Identifier: Apache-2.0
"""The collections of motion that are known."""

import re

import pytest

from protomotions_cli.motion_datasets import DATASETS

WANTED = {"AMASS", "LAFAN1", "CMU", "BONES-SEED", "PHUMA", "100STYLE", "G1 Moves"}


def test_every_collection_is_told(protomotions):
    """With its terms, where it is and how to read it."""
    code, out, _ = protomotions("motions", "datasets")
    assert code == 0
    assert {one.name for one in DATASETS} == WANTED
    assert {line.strip() for line in out.splitlines()} >= WANTED
    for row in ("content", "size", "licence", "where", "read it with"):
        assert len(re.findall(rf"^{row}  +\S", out, re.MULTILINE)) == len(DATASETS)


def test_one_collection_can_be_asked_for(protomotions):
    """Whatever its case; an unknown one is answered with the nearest name."""
    _, out, _ = protomotions("motions", "datasets", "lafan1")
    assert out.startswith("LAFAN1")
    assert "AMASS" not in out
    code, _, err = protomotions("motions", "datasets", "amas")
    assert (code, err) == (2, "error: no collection 'amas' is known; did you mean 'amass'?\n")


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda one: one.name)
def test_the_commands_exist(protomotions, dataset):
    """A newcomer can type what is said: group, command and options are real."""
    words = re.split(r", or ", dataset.command)[0].split()
    assert words[:2] == ["protomotions", "motions"]
    code, out, _ = protomotions(*words[1:3], "--help")
    assert code == 0
    assert all(word in out for word in words if word.startswith("--"))
