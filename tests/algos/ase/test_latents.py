# SPDX-License-Identifier: Apache-2.0
"""Latents held for a while, in training and in use."""

import math

import pytest
import torch

from protomotions_algos.ase.latents import HeldLatents
from protomotions_algos.ase.playing import PlayingLatents
from protomotions_algos.errors import AlgorithmError


def seeded(seed=0):
    """A generator on the CPU."""
    return torch.Generator().manual_seed(seed)


def lengths_of_stay(latents, steps):
    """Lengths of all stays that both begin and end within so many steps."""
    changes, stays = [], []
    for _ in range(steps):
        before = latents.values.clone()
        latents.advance()
        changes.append((latents.values != before).any(dim=1))
    for world in torch.stack(changes, dim=1):
        times = world.nonzero()[:, 0]
        stays += (times[1:] - times[:-1]).tolist()
    return torch.tensor(stays)


def test_each_number_of_steps_is_equally_likely():
    """Stays of 1 to 6 steps, a sixth of them each, within five standard errors; the ends are included."""
    stays = lengths_of_stay(HeldLatents(400, 3, (1, 6), seeded()), 120)
    shares = torch.bincount(stays, minlength=7)[1:] / len(stays)
    assert stays.max() == 6
    # Windows cut long stays off a little more often than short ones.
    margin = 5.0 * math.sqrt(1 / 6 / len(stays)) + 6 / 120 / 6
    torch.testing.assert_close(shares, torch.full((6,), 1 / 6), atol=margin, rtol=0.0)


def test_a_fixed_time():
    """With equal bounds each latent is held for just so many steps, the first one too."""
    latents = HeldLatents(5, 3, (4, 4), seeded())
    seen = []
    for _ in range(12):
        seen.append(latents.values.clone())
        latents.advance()
    for t in range(12):
        assert torch.equal(seen[t], seen[t // 4 * 4])
    assert not torch.equal(seen[0], seen[4])
    assert not torch.equal(seen[4], seen[8])


def test_buffers_stay_where_they_are():
    """A captured step reads the same memory however often latents are renewed or loaded."""
    latents = HeldLatents(4, 3, (1, 2), seeded())
    places = latents.values.data_ptr(), latents.remaining.data_ptr()
    for _ in range(5):
        latents.advance()
    latents.load_state_dict(latents.state_dict())
    assert (latents.values.data_ptr(), latents.remaining.data_ptr()) == places


def test_state_round_trip():
    """Latents, times and what is drawn next are the same after saving and loading."""
    saved = HeldLatents(6, 4, (1, 5), seeded(3))
    for _ in range(7):
        saved.advance()
    state, draws = saved.state_dict(), saved.generator.get_state()
    loaded = HeldLatents(6, 4, (1, 5), seeded(9))
    loaded.load_state_dict(state)
    loaded.generator.set_state(draws)
    for _ in range(10):
        assert torch.equal(loaded.values, saved.values)
        saved.advance()
        loaded.advance()


def test_state_of_another_number_of_worlds():
    """Latents that belong to other worlds are left and new ones drawn."""
    latents = HeldLatents(3, 4, (1, 5), seeded())
    before = latents.values.clone()
    latents.load_state_dict(HeldLatents(7, 4, (1, 5), seeded(1)).state_dict())
    assert latents.values.shape == (3, 4)
    assert (latents.values != before).any(dim=1).all()


def test_playing_holds_as_training_does():
    """Playing latents last as long as training ones, and another number of worlds gets new ones."""
    playing = PlayingLatents(3, (3, 3), seeded())
    seen = [playing.next(2) for _ in range(6)]
    assert torch.equal(seen[0], seen[2])
    assert not torch.equal(seen[2], seen[3])
    assert torch.equal(seen[3], seen[5])
    assert playing.next(4).shape == (4, 3)


def test_fixed_latents():
    """One for all worlds or one for each, scaled to unit length; None draws again."""
    playing = PlayingLatents(2, (1, 1), seeded())
    playing.fix(torch.tensor([3.0, 4.0]))
    expected = torch.tensor([0.6, 0.8])
    for worlds in (1, 3):
        torch.testing.assert_close(playing.next(worlds), expected.expand(worlds, 2))
    playing.fix(torch.tensor([[2.0, 0.0], [0.0, -5.0]]))
    for _ in range(3):
        torch.testing.assert_close(playing.next(2), torch.tensor([[1.0, 0.0], [0.0, -1.0]]))
    playing.fix(None)
    assert not torch.equal(playing.next(2), playing.next(2))


@pytest.mark.parametrize(
    ("latents", "message"),
    [
        (torch.ones(3), r"shape \(3,\), expected \(2,\) for all worlds alike or \(worlds, 2\)"),
        (torch.ones(1, 1, 2), r"shape \(1, 1, 2\)"),
        (torch.zeros(2), "no direction"),
        (torch.tensor([[1.0, 0.0], [math.nan, 1.0]]), "no direction"),
    ],
)
def test_latents_that_cannot_be_held(latents, message):
    """The message says what was given and what is wanted."""
    with pytest.raises(AlgorithmError, match=message):
        PlayingLatents(2, (1, 5), seeded()).fix(latents)


def test_latents_for_another_number_of_worlds():
    """Two latents can't be held by three worlds."""
    playing = PlayingLatents(2, (1, 5), seeded())
    playing.fix(torch.eye(2))
    with pytest.raises(AlgorithmError, match="held for 2 worlds, but the observation is of 3"):
        playing.next(3)
