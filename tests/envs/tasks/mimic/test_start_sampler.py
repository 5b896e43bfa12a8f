# SPDX-License-Identifier: Apache-2.0
"""Where episodes start: shares of clips and bins, and the return to failures."""

import torch

from protomotions_envs.tasks.mimic.config import MimicStart
from protomotions_envs.tasks.mimic.start_sampler import StartSampler

# The library holds clips of 51 and 101 frames at 50 Hz: 2 and 4 bins of half a second.


def test_bins_share_by_weight_and_time(standing_library):
    """Both clips weigh the same, so each bin of the short clip is twice as likely as one of the long clip."""
    sampler = StartSampler(standing_library, MimicStart())
    expected = torch.tensor([1 / 4, 1 / 4, 1 / 8, 1 / 8, 1 / 8, 1 / 8])
    torch.testing.assert_close(sampler.probabilities(), expected)


def test_starts_leave_something_to_follow(standing_library):
    """No start is at or beyond a clip's last frame, and all bins of both clips are reached."""
    sampler = StartSampler(standing_library, MimicStart(start_fraction=0.0))
    clip, frame, first, last = sampler.sample(5000, torch.Generator().manual_seed(0)).unbind(1)
    assert torch.equal(first, standing_library.first_frame[clip])
    assert torch.equal(last, standing_library.num_frames[clip] - 1)
    assert bool((frame < last).all())
    assert bool((frame >= 0).all())
    assert frame[clip == 0].max() == 49
    assert frame[clip == 1].max() == 99
    share = (clip == 0).float().mean().item()
    assert abs(share - 0.5) < 0.03


def test_fraction_of_starts_at_the_first_frame(standing_library):
    """With a fraction of 1 every episode starts at frame 0."""
    sampler = StartSampler(standing_library, MimicStart(start_fraction=1.0))
    _, frame, _, _ = sampler.sample(100, torch.Generator().manual_seed(0)).unbind(1)
    assert frame.unique().tolist() == [0]


def test_failures_draw_starts_to_the_stretch_before_them(standing_library):
    """A failure at frame 70 is blamed on frame 55, in the bin of frames 50 to 74, which then gets 70 %."""
    sampler = StartSampler(standing_library, MimicStart(failure_fraction=0.7))
    sampler.record(torch.tensor([1, 0]), torch.tensor([70, 10]), torch.tensor([True, False]))
    expected = 0.3 * torch.tensor([1 / 4, 1 / 4, 1 / 8, 1 / 8, 1 / 8, 1 / 8])
    expected[4] += 0.7
    torch.testing.assert_close(sampler.probabilities(), expected)


def test_failures_fade(standing_library):
    """Each step forgets a share of the failures."""
    sampler = StartSampler(standing_library, MimicStart(failure_decay=0.5))
    clip, frame = torch.tensor([0]), torch.tensor([40])
    sampler.record(clip, frame, torch.tensor([True]))
    sampler.record(clip, frame, torch.tensor([False]))
    sampler.record(clip, frame, torch.tensor([True]))
    assert sampler.failures.tolist() == [0.0, 1.25, 0.0, 0.0, 0.0, 0.0]
