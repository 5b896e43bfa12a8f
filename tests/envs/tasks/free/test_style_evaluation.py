# SPDX-License-Identifier: Apache-2.0
"""Distances between motions and clips: analytic distributions, and clips that are played back."""

import dataclasses

import pytest
import torch

from protomotions_envs.motions import MotionLibrary, builtin_motions, load_motions
from protomotions_envs.state import RobotState
from protomotions_envs.tasks.free.clip_frames import ClipFrames
from protomotions_envs.tasks.free.distributions import wasserstein
from protomotions_envs.tasks.free.nearest import nearest
from protomotions_envs.tasks.free.style_evaluation import StyleMeasure, _sampled_steps
from protomotions_envs.tasks.free.style_history import StyleHistory

CPU = torch.device("cpu")


def ones(count: int) -> torch.Tensor:
    """Equal weights."""
    return torch.ones(count)


def style_of(robot, library) -> StyleHistory:
    """What computes features."""
    return StyleHistory(robot, library, (0,), 1, CPU)


class Played:
    """Worlds that hold given states for one step."""

    def __init__(self, robot, library: MotionLibrary, count: int) -> None:
        self.measure = StyleMeasure(robot, style_of(robot, library), library, count, steps=1)

    def __call__(self, state: RobotState, counted: torch.Tensor | None = None) -> dict[str, float]:
        """Figures of robots in these states."""
        self.measure.begin(state)
        self.measure.count(state, torch.ones(len(state.joint_pos), dtype=torch.bool) if counted is None else counted)
        return self.measure.metrics()


def whole(library: MotionLibrary) -> torch.Tensor:
    """Numbers of all frames."""
    return torch.arange(int(library.num_frames.sum()))


@pytest.fixture(scope="module")
def walk(moving_library, g1) -> MotionLibrary:
    """The walk alone."""
    return MotionLibrary(load_motions(builtin_motions(g1)["walk"], g1), g1, fps=moving_library.fps)


def test_wasserstein_distance_of_points():
    """All of one at 0 and half at 0, half at 3 of the other: half is moved by 3. Columns are apart."""
    first = torch.tensor([[0.0, 1.0]])
    second = torch.tensor([[0.0, 1.0], [3.0, 1.5]])
    found = wasserstein(first, second, ones(1), ones(2))
    torch.testing.assert_close(found, torch.tensor([1.5, 0.25], dtype=torch.float64))


def test_wasserstein_distance_of_uniform_distributions():
    """From U(0, 1) to U(0, 2) each quantile q moves by q: on average a half."""
    fine, coarse = ((torch.arange(count).unsqueeze(1) + 0.5) / count for count in (2000, 500))
    found = wasserstein(fine, 2.0 * coarse, ones(2000), ones(500))
    assert float(found) == pytest.approx(0.5, abs=1e-5)


def test_wasserstein_distance_of_equally_many_samples_is_that_of_sorted_ones():
    """An independent formula; it is symmetric, and a shift of all is a shift."""
    generator = torch.Generator().manual_seed(0)
    first, second = torch.randn(2, 50, 3, generator=generator)
    found = wasserstein(first, second, ones(50), ones(50))
    expected = (first.sort(0).values - second.sort(0).values).abs().mean(0).double()
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=0)
    torch.testing.assert_close(found, wasserstein(second, first, ones(50), ones(50)))
    shifted = wasserstein(first, first + 0.7, ones(50), ones(50))
    torch.testing.assert_close(shifted, torch.full_like(shifted, 0.7), rtol=1e-5, atol=0)


def test_weights_are_like_repetitions_and_zero_ones_like_none():
    """Weights of any scale; samples without weight may be far off."""
    first, second = torch.tensor([[1.0], [4.0], [99.0]]), torch.tensor([[2.0], [0.5]])
    found = wasserstein(first, second, torch.tensor([3.0, 1.0, 0.0]), torch.tensor([10.0, 30.0]))
    plain = wasserstein(torch.tensor([[1.0], [1.0], [1.0], [4.0]]), second[[0, 1, 1, 1]], ones(4), ones(4))
    torch.testing.assert_close(found, plain)


def test_nearest_neighbours_in_any_number_of_chunks():
    """One by one or all at once it is what a whole matrix of distances gives."""
    generator = torch.Generator().manual_seed(0)
    points, candidates = torch.randn(40, 6, generator=generator), torch.randn(30, 6, generator=generator)
    matrix = (points.unsqueeze(1) - candidates).norm(dim=2)
    for at_once in (1, 100, 1 << 20):
        index, distance = nearest(points, candidates, distances_at_once=at_once)
        assert torch.equal(index, matrix.argmin(1))
        torch.testing.assert_close(distance, matrix.amin(1))
    index, distance = nearest(points[:0], candidates)
    assert index.shape == distance.shape == (0,)


def test_neighbours_of_the_own_group_are_passed_over():
    """A point's own copy doesn't count, the nearest of another group does."""
    points, groups = torch.tensor([[0.0], [0.1], [5.0]]), torch.tensor([0, 0, 1])
    index, distance = nearest(points, points, groups=(groups, groups))
    assert index.tolist() == [2, 2, 1]
    torch.testing.assert_close(distance, torch.tensor([5.0, 4.9, 4.9]))


def test_a_clip_played_back_is_the_clip(g1, walk):
    """Worlds that together hold each frame once have its distributions, and its diversity."""
    frames = walk.frames(whole(walk))
    played = Played(g1, walk, len(frames.joint_pos))
    shuffled = torch.randperm(len(frames.joint_pos), generator=torch.Generator().manual_seed(0))
    figures = played(walk.frames(whole(walk)[shuffled]))
    assert figures["joint_angle_distance_rad"] < 1e-6
    assert figures["joint_velocity_distance_rad_s"] < 1e-6
    assert figures["nearest_distance"] < 1e-6
    assert figures["clips_visited"] == 1
    assert figures["diversity"] == pytest.approx(1.0, abs=0.2)
    assert "clip_to_clip_distance" not in figures
    (row,) = played.measure.clips()
    assert (row.share, row.expected_share, row.visited) == (1.0, 1.0, True)
    assert row.seconds == pytest.approx(float(walk.durations[0]))


def test_other_joint_angles_and_velocities_are_off_by_what_was_added(g1, walk):
    """0.3 rad more in one joint of J is 0.3/J on average; velocities likewise; nothing else changes."""
    frames = walk.frames(whole(walk))
    angles, velocities = frames.joint_pos.clone(), frames.joint_vel.clone()
    angles[:, 4] += 0.3
    velocities[:, 7] -= 5.0
    played = Played(g1, walk, len(angles))
    figures = played(dataclasses.replace(frames, joint_pos=angles, joint_vel=velocities))
    assert figures["joint_angle_distance_rad"] == pytest.approx(0.3 / g1.num_joints, rel=1e-3)
    assert figures["joint_velocity_distance_rad_s"] == pytest.approx(5.0 / g1.num_joints, rel=1e-3)
    assert figures["nearest_distance"] > 0.1
    assert played.measure.loss(figures) == pytest.approx(figures["joint_angle_distance_rad"])
    assert played.measure.loss({}) == 1.0


def test_coverage_is_of_the_clips_that_were_played(g1, moving_library):
    """Frames of both clips visit both, as often as they were played; those of one, one."""
    # Both begin and end standing; in between they differ.
    walk, wave = torch.arange(60, 180), int(moving_library.first_frame[1]) + torch.arange(60, 120)
    both = Played(g1, moving_library, 180)
    figures = both(moving_library.frames(torch.cat((walk, wave))))
    assert figures["clips_visited"] == 2
    assert [row.share for row in both.measure.clips()] == pytest.approx([2 / 3, 1 / 3])
    assert figures["nearest_distance"] < 1e-6 < figures["clip_to_clip_distance"]
    one = Played(g1, moving_library, 60)
    figures = one(moving_library.frames(wave))
    assert figures["clips_visited"] == 1
    walked, waved = one.measure.clips()
    assert (walked.share, walked.visited, walked.nearest_distance) == (0.0, False, None)
    assert (waved.share, waved.visited, waved.expected_share) == (1.0, True, 0.5)
    assert waved.nearest_distance == pytest.approx(0.0, abs=1e-6)
    assert figures["joint_angle_distance_rad"] > 0.01


@pytest.mark.parametrize(("visits", "visited"), [(4, False), (5, True)])
def test_a_clip_is_visited_from_a_tenth_of_its_share_on(g1, moving_library, visits, visited):
    """Of 100 moments, 5 are a tenth of the half that each of two clips has in demonstrations."""
    walk, wave = torch.tensor(60), moving_library.first_frame[1] + 60
    played = Played(g1, moving_library, 100)
    played(moving_library.frames(torch.cat((walk.expand(visits), wave.expand(100 - visits)))))
    assert played.measure.clips()[0].visited is visited


def test_worlds_that_all_do_the_same_have_no_diversity(g1, walk):
    """One pose everywhere: no distance between worlds, a large one to the clip's distribution."""
    figures = Played(g1, walk, 10)(walk.frames(torch.full((10,), 3)))
    assert figures["world_distance"] == figures["diversity"] == 0.0
    assert figures["clip_pair_distance"] > 0.5
    assert figures["joint_angle_distance_rad"] > 0.01
    assert "diversity" not in Played(g1, walk, 1)(walk.frames(torch.zeros(1, dtype=torch.long)))


@pytest.mark.parametrize(("pace", "frozen"), [(1.0, 0.0), (0.21, 0.0), (0.19, 0.3), (0.0, 0.3)])
def test_worlds_that_hardly_move_are_frozen(g1, walk, pace, frozen):
    """Three of ten move their joints at a share of the clip's mean speed; below a fifth they count."""
    frames = walk.frames(whole(walk))
    mean = frames.joint_vel.abs().mean()
    speed = torch.full((10, g1.num_joints), float(mean))
    speed[:3] *= pace
    state = dataclasses.replace(walk.frames(torch.zeros(10, dtype=torch.long)), joint_vel=speed)
    assert Played(g1, walk, 10)(state)["frozen"] == pytest.approx(frozen)


def test_clips_that_stand_still_have_no_diversity_to_compare_with(g1, standing_library):
    """A ratio to nothing is left out."""
    figures = Played(g1, standing_library, 4)(standing_library.frames(torch.arange(4)))
    assert figures["clip_pair_distance"] < 1e-5
    assert "diversity" not in figures
    assert "frozen" not in figures


def test_fallen_robots_do_not_count(g1, walk):
    """Half of the worlds have fallen, to states that aren't even finite; the others alone make the figures."""
    index = torch.arange(20)
    frames = walk.frames(index)
    alone = Played(g1, walk, 20)(frames)
    rubbish = {field.name: getattr(frames, field.name) * float("nan") for field in dataclasses.fields(frames)}
    joined = RobotState(**{name: torch.cat((getattr(frames, name), rubbish[name])) for name in rubbish})
    counted = torch.arange(40) < 20
    found = Played(g1, walk, 40)(joined, counted)
    for name in ("joint_angle_distance_rad", "joint_velocity_distance_rad_s", "nearest_distance", "clips_visited"):
        assert found[name] == pytest.approx(alone[name], rel=1e-6), name
    nobody = Played(g1, walk, 20)
    assert nobody(frames, counted[20:]) == {}
    assert [row.visited for row in nobody.measure.clips()] == [False]


def test_a_fraction_of_the_frames_stands_for_all(g1, moving_library):
    """Each clip keeps every so many-th frame and its share of demonstrations."""
    style = style_of(g1, moving_library)
    every = ClipFrames(style, moving_library)
    some = ClipFrames(style, moving_library, max_frames=20)
    assert len(every.clip) == int(moving_library.num_frames.sum())
    assert 2 <= len(some.clip) <= 22
    assert float(some.weight.sum()) == pytest.approx(1.0)
    for clip in (0, 1):
        assert float(some.weight[some.clip == clip].sum()) == pytest.approx(0.5)
    first = every.features[int(moving_library.first_frame[1])]
    torch.testing.assert_close(some.features[some.clip == 1][0], first)


def test_scaled_features_have_unit_spread(g1, walk):
    """Their weighted mean is 0 and their summed variance at most 1: all of it where no spread was too small."""
    frames = ClipFrames(style_of(g1, walk), walk)
    torch.testing.assert_close(frames.scaled.mean(0), torch.zeros(frames.scaled.shape[1]), atol=1e-5, rtol=0)
    variance = frames.scaled.var(0, correction=0) * frames.scaled.shape[1]
    assert variance.max() == pytest.approx(1.0, abs=1e-4)


@pytest.mark.parametrize(
    ("steps", "worlds", "samples", "first"),
    [(1000, 1024, 100, 109), (1, 5, 1, 1), (60, 5, 30, 31), (1000, 1 << 20, 1, 1000)],
)
def test_moments_are_sampled_evenly_after_the_start(steps, worlds, samples, first):
    """After 2 s, or half of the time; no more than memory allows; the last step is always one."""
    slots = _sampled_steps(steps, worlds, 0.02)
    assert len(slots) == samples
    assert list(slots.values()) == list(range(samples))
    assert (min(slots), max(slots)) == (first, steps)
