# SPDX-License-Identifier: Apache-2.0
"""The replay buffer keeps the newest rows, to 11 bits of what they vary by."""

import io

import pytest
import torch

from protomotions_algos.common.replay import ReplayBuffer
from protomotions_algos.errors import CheckpointError

CPU = torch.device("cpu")


def numbered(first, count):
    """Rows [count, 2] with the numbers from `first` on, and their negatives."""
    numbers = torch.arange(first, first + count, dtype=torch.float32)
    return torch.stack([numbers, -numbers], dim=1)


def held(buffer):
    """The numbers of the rows that samples are drawn from."""
    rows = buffer.sample(2000, torch.Generator().manual_seed(0))
    torch.testing.assert_close(rows[:, 0], -rows[:, 1], atol=1e-2, rtol=1e-3)
    return sorted({round(number) for number in rows[:, 0].tolist()})


def test_newest_rows_are_kept():
    """Rows are drawn only from what was written; once full, the oldest give way, also across the end."""
    buffer = ReplayBuffer(5, 2, CPU)
    buffer.write(numbered(0, 3))
    assert (len(buffer), held(buffer)) == (3, [0, 1, 2])
    buffer.write(numbered(3, 3))
    assert (len(buffer), held(buffer)) == (5, [1, 2, 3, 4, 5])
    buffer.write(numbered(6, 5))
    assert held(buffer) == [6, 7, 8, 9, 10]


def test_rows_are_drawn_evenly():
    """Each of four rows is a quarter of 4,000 samples, within four standard deviations."""
    buffer = ReplayBuffer(4, 2, CPU)
    buffer.write(numbered(0, 4))
    rows = buffer.sample(4000, torch.Generator().manual_seed(3))[:, 0].round()
    for number in range(4):
        assert abs((rows == number).sum().item() - 1000) < 4 * (4000 * 0.25 * 0.75) ** 0.5


def test_columns_far_from_zero_keep_their_digits():
    """A column of 5,000 +- 1 and one of 1e-3 +- 1e-4 come back to a thousandth of their own spread, or of 0.01."""
    rows = torch.randn(200, 2, generator=torch.Generator().manual_seed(0)) * torch.tensor([1.0, 1e-4])
    rows += torch.tensor([5000.0, 1e-3])
    buffer = ReplayBuffer(200, 2, CPU)
    buffer.write(rows)
    drawn = buffer.sample(50, torch.Generator().manual_seed(1))
    nearest = (drawn[:, None, 0] - rows[None, :, 0]).abs().argmin(dim=1)
    assert ((drawn - rows[nearest]).abs() < torch.tensor([2e-3, 1e-5])).all()


def test_values_beyond_float16_stay_finite():
    """A burst a million deviations away is bounded, not infinite."""
    buffer = ReplayBuffer(4, 1, CPU)
    buffer.write(torch.tensor([[0.0], [1.0]]))
    buffer.write(torch.tensor([[1e9]]))
    drawn = buffer.sample(50, torch.Generator())
    assert drawn.isfinite().all()
    assert drawn.max() > 1e4


@pytest.mark.parametrize("written", [3, 5, 9])
def test_state_round_trip(written):
    """A buffer with a loaded state draws the same rows and goes on in the same place."""
    buffer = ReplayBuffer(5, 2, CPU)
    for first in range(0, written, 3):
        buffer.write(numbered(first, 3))
    other = ReplayBuffer(5, 2, CPU)
    other.write(numbered(50, 5))
    other.load_state_dict(buffer.state_dict())
    for one in (buffer, other):
        one.write(numbered(20, 1))
    drawn = [one.sample(40, torch.Generator().manual_seed(2)) for one in (buffer, other)]
    assert torch.equal(*drawn)
    assert len(other) == len(buffer)


def test_files_hold_what_was_written():
    """A state takes two bytes for each number written, not for the room that is left."""
    buffer = ReplayBuffer(100_000, 10, CPU)
    buffer.write(torch.randn(1000, 10, generator=torch.Generator().manual_seed(0)))
    file = io.BytesIO()
    torch.save(buffer.state_dict(), file)
    assert 20_000 < file.tell() < 24_000


@pytest.mark.parametrize(("size", "features"), [(6, 2), (5, 3)])
def test_other_buffers_are_refused(size, features):
    """The message says both shapes, and nothing has changed."""
    state = ReplayBuffer(size, features, CPU).state_dict()
    buffer = ReplayBuffer(5, 2, CPU)
    buffer.write(numbered(0, 2))
    message = f"room for {size} rows of {features} features, this run's for 5 of 2; use the replay_size"
    with pytest.raises(CheckpointError, match=message):
        buffer.load_state_dict(state)
    assert held(buffer) == [0, 1]


def test_missing_state_is_refused():
    """A checkpoint of a run without replay."""
    with pytest.raises(CheckpointError, match="room for 0 rows"):
        ReplayBuffer(5, 2, CPU).load_state_dict(None)
