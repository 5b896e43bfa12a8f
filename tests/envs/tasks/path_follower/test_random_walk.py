# SPDX-License-Identifier: Apache-2.0
"""How paths are drawn: statistics of many of them against the stated bounds and distributions."""

import math

import numpy as np
import pytest
import torch

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.tasks.path_follower.config import (
    Heights,
    PathFollowerConfig,
    PathRewards,
    Paths,
    PathTerminations,
)
from protomotions_envs.tasks.path_follower.random_walk import DRAWS, RandomWalk, folded

N, K = 1000, 200
DT = 0.1
STANDING = 1.5
WITH_HEIGHTS = Paths(heights=Heights(enabled=True))


def draws(count: int, seed: int = 0) -> torch.Tensor:
    """Uniform numbers for so many vertices of N paths."""
    return torch.rand(DRAWS, N, count, generator=torch.Generator().manual_seed(seed))


def paths_of(settings: Paths) -> np.ndarray:
    """N paths of K + 1 vertices, from places 1.2 m above the ground, m, [N, K + 1, 3]."""
    walk = RandomWalk(settings, STANDING)
    place = torch.cat((torch.randn(N, 2), torch.full((N, 1), 1.2)), dim=1)
    start = walk.start(place, draws(1, 1)[:2, :, 0])
    vertices, _ = walk.go_on(start, draws(K))
    return torch.cat((walk.position(start).unsqueeze(1), vertices), dim=1).double().numpy()


def motion(paths: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Horizontal speeds, m/s, and headings, rad, between vertices, [N, K] each."""
    way = np.diff(paths[..., :2], axis=1)
    return np.linalg.norm(way, axis=2) / DT, np.arctan2(way[..., 1], way[..., 0])


def test_speeds_stay_in_their_range_and_change_little():
    """0 to 2 m/s, by at most 0.2 m/s from vertex to vertex; in the long run all are as likely."""
    speed, _ = motion(paths_of(Paths()))
    assert speed.max() <= 2.0 + 1e-4
    assert np.abs(np.diff(speed, axis=1)).max() <= 0.2 + 1e-3
    shares = np.histogram(speed[:, -50:], 5, (0.0, 2.0))[0] / speed[:, -50:].size
    assert np.abs(shares - 0.2).max() < 0.05


def test_paths_start_slowly_and_anywhere():
    """At 0 to 1 m/s and in any direction."""
    speed, heading = motion(paths_of(Paths(acceleration=0.0, turn_rate=0.0, sharp_turns=0.0)))
    assert np.abs(np.histogram(speed[:, 0], 5, (0.0, 1.0))[0] / N - 0.2).max() < 0.05
    assert np.abs(np.histogram(heading[:, 0], 8, (-math.pi, math.pi))[0] / N - 0.125).max() < 0.04


def test_paths_turn_gently_and_now_and_then_sharply():
    """By at most 0.2 rad from vertex to vertex, but for one turn in 5 s that may be any."""
    speed, heading = motion(paths_of(Paths()))
    turn = np.abs((np.diff(heading, axis=1) + math.pi) % (2 * math.pi) - math.pi)
    # Where a path hardly moves, rounding decides its heading.
    turn = turn[np.minimum(speed[:, 1:], speed[:, :-1]) > 0.05]
    sharp = turn > 0.2 + 1e-2
    assert sharp.mean() == pytest.approx(0.02 * (1 - 0.2 / math.pi), abs=0.002)
    assert turn[sharp].mean() == pytest.approx(0.5 * (0.2 + math.pi), abs=0.1)
    assert turn[~sharp].mean() == pytest.approx(0.1, abs=0.005)


def test_without_heights_paths_are_level():
    """All at the height of the standing robot's head."""
    assert np.abs(paths_of(Paths())[..., 2] - STANDING).max() < 1e-6


def test_heights_stay_in_their_range_and_slow_paths_down():
    """26 to 97 % of the standing height, at most 0.5 m/s up or down; near the ground paths are a fifth as fast."""
    paths = paths_of(WITH_HEIGHTS)
    height = paths[..., 2] / STANDING
    assert height.min() >= 0.26 - 1e-5
    assert height.max() <= 0.97 + 1e-5
    assert np.abs(height[:, 0] - 1.2 / STANDING).max() < 1e-6
    climb = np.diff(paths[..., 2], axis=1) / DT
    assert np.abs(climb).max() <= 0.5 + 1e-3
    assert np.abs(climb[:, 0]).max() <= 0.2 * DT + 1e-4
    # There is something to bound: many come down far.
    assert (height.min(1) < 0.4).mean() > 0.1
    speed, _ = motion(paths)
    ceiling = 2.0 * np.minimum(0.2 + 0.8 * (height[:, 1:] - 0.26) / (0.77 - 0.26), 1.0)
    assert (speed - ceiling).max() <= 1e-3
    assert ((ceiling < 1.5) & (np.abs(speed - ceiling) < 1e-3)).any()


@pytest.mark.parametrize("settings", [Paths(), WITH_HEIGHTS])
def test_paths_that_are_drawn_in_pieces_are_the_same(settings):
    """Vertex by vertex or all at once, from the same random numbers."""
    walk = RandomWalk(settings, STANDING)
    start, numbers = walk.start(torch.rand(N, 3), draws(1, 1)[:2, :, 0]), draws(20)
    whole, end = walk.go_on(start, numbers)
    last, pieces = start, []
    for vertex in range(20):
        piece, last = walk.go_on(last, numbers[..., vertex : vertex + 1])
        pieces.append(piece)
    torch.testing.assert_close(torch.cat(pieces, dim=1), whole, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(last, end, atol=1e-4, rtol=1e-4)


def test_folding_reflects_as_often_as_it_takes():
    """Against one reflection after another."""
    values = torch.linspace(-9.0, 9.0, 181)
    expected = []
    for value in values.tolist():
        while not -0.5 <= value <= 1.0:
            value = 2.0 * 1.0 - value if value > 1.0 else 2.0 * -0.5 - value
        expected.append(value)
    torch.testing.assert_close(folded(values, -0.5, 1.0), torch.tensor(expected), atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: Paths(max_speed=0.0), "Path max_speed must be positive"),
        (lambda: Paths(turn_rate=-1.0), "Path turn_rate must be 0 or more"),
        (lambda: Paths(start_speed=3.0), r"start_speed must lie in 0\.\.max_speed, 2\.0, not 3\.0"),
        (lambda: Paths(sharp_turns=11.0), r"too few for 11\.0 sharp_turns per second"),
        (lambda: Heights(lowest=1.0), "0 < lowest < highest, not 1.0 and 0.97"),
        (lambda: Heights(full_speed=0.2), "full_speed must be above lowest, 0.26, not 0.2"),
        (lambda: Heights(slow_fraction=1.5), r"slow_fraction must lie in 0\.\.1"),
        (lambda: Heights(max_speed=0.0), "positive max_speed and an acceleration of 0 or more, not 0.0 and 0.2"),
        (lambda: PathRewards(position_scale=-1.0), "Path reward position_scale must be 0 or more"),
        (lambda: PathTerminations(max_distance=0.0), "Termination max_distance must be positive or null"),
        (lambda: PathTerminations(grace_seconds=-1.0), "grace_seconds must be 0 or more"),
        (lambda: PathFollowerConfig(samples=0), "samples must be at least 1"),
        (lambda: PathFollowerConfig(action_scale=0.0), "action_scale must be positive"),
    ],
)
def test_values_out_of_range_are_refused(build, message):
    """Settings check themselves."""
    with pytest.raises(ProtoMotionsError, match=message):
        build()
