# SPDX-License-Identifier: Apache-2.0
"""The storage of a rollout."""

import torch

from protomotions_algos.common.rollout import RolloutStorage


def filled():
    """Two steps of three worlds, numbered."""
    storage = RolloutStorage(2, 3, torch.device("cpu"))
    storage.add("number", extra_steps=1)[:] = torch.arange(9.0).reshape(3, 3)
    storage.add("row", (2,))[:] = torch.arange(6.0).reshape(2, 3, 1)
    return storage


def test_flat_leaves_the_extra_step_out():
    """Samples are numbered step by step; the view shares memory."""
    storage = filled()
    assert storage.flat("number").tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    storage["number"][0, 0] = 9.0
    assert storage.flat("number")[0] == 9.0


def test_minibatches_visit_each_sample_once():
    """Rows of all tensors stay together, and the order is random but repeatable."""
    storage = filled()
    rows = list(storage.minibatches(2, torch.Generator().manual_seed(1)))
    batches = [storage.samples(["number", "row"], numbers) for numbers in rows]
    assert [batch["row"].shape for batch in batches] == [(2, 2)] * 3
    numbers = torch.cat([batch["number"] for batch in batches])
    assert sorted(numbers.tolist()) == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]
    assert numbers.tolist() != sorted(numbers.tolist())
    assert all(torch.equal(batch["number"], batch["row"][:, 0]) for batch in batches)
    again = torch.cat(list(storage.minibatches(2, torch.Generator().manual_seed(1))))
    assert torch.equal(torch.cat(rows), again)


def test_shared_and_missing_names():
    """A shared name is the same tensor; one that isn't there is None."""
    storage = filled()
    storage.share("other", "number")
    assert storage["other"] is storage["number"]
    assert "absent" not in storage
    assert storage.get("absent") is None
    assert storage.num_samples == 6
