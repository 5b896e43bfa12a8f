# SPDX-License-Identifier: Apache-2.0
"""Paths without end: what they show ahead comes true; routes through waypoints."""

import pytest
import torch

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.tasks.path_follower.config import Heights, Paths
from protomotions_envs.tasks.path_follower.route import MAX_WAYPOINTS, Route
from protomotions_envs.tasks.path_follower.trajectory import Trajectory

N = 5
CPU = torch.device("cpu")
NOW = torch.zeros(1)


def trajectory(control_dt: float = 0.02, **settings: object) -> Trajectory:
    """Paths of N worlds that are looked at for 2.7 s ahead."""
    return Trajectory(Paths(**settings), 1.2, 2.7, control_dt, N, CPU)


def begun(generator: torch.Generator, control_dt: float = 0.02, **settings: object) -> tuple[Trajectory, torch.Tensor]:
    """Paths, and where they begin."""
    paths, place = trajectory(control_dt, **settings), torch.randn(N, 3, generator=generator)
    paths.begin(torch.ones(N, dtype=torch.bool), place, generator)
    return paths, place


def test_paths_begin_where_the_heads_are():
    """Horizontally; where the mask is false the path goes on."""
    generator = torch.Generator().manual_seed(0)
    paths, place = begun(generator)
    torch.testing.assert_close(paths.at(NOW)[:, 0, :2], place[:, :2])
    ahead = torch.arange(10) * 0.3
    before = paths.at(ahead)
    paths.begin(torch.tensor([False, True, False, False, True]), place + 5.0, generator)
    after = paths.at(ahead)
    assert torch.equal(before[[0, 2, 3]], after[[0, 2, 3]])
    torch.testing.assert_close(after[[1, 4], 0, :2], place[[1, 4], :2] + 5.0)


@pytest.mark.parametrize(("control_dt", "vertex_seconds"), [(0.02, 0.1), (1 / 30, 0.1), (0.02, 0.02), (0.02, 0.37)])
@pytest.mark.parametrize("heights", [False, True])
def test_what_lies_ahead_comes_true(control_dt, vertex_seconds, heights):
    """For 12 s: where the path will be in 2.7 s, and halfway there, is where it is then, and it never jumps."""
    generator = torch.Generator().manual_seed(0)
    settings = {"vertex_seconds": vertex_seconds, "heights": Heights(enabled=heights)}
    paths, _ = begun(generator, control_dt, **settings)
    ahead = torch.tensor([0.0, 1.35, 2.7])
    seen = []
    for _ in range(round(12 / control_dt)):
        seen.append(paths.at(ahead))
        paths.advance()
        paths.renew(generator)
    seen = torch.stack(seen)
    way = seen[1:, :, 0] - seen[:-1, :, 0]
    assert way[..., :2].norm(dim=-1).max() <= 2.0 * control_dt + 1e-4
    assert way[..., :2].norm(dim=-1).mean() > 0.2 * control_dt
    for place, seconds in ((1, 1.35), (2, 2.7)):
        steps = seconds / control_dt
        if abs(steps - round(steps)) < 1e-6:
            told, came = seen[: -round(steps), :, place], seen[round(steps) :, :, 0]
            torch.testing.assert_close(told, came, atol=1e-3, rtol=0)


def test_vertices_must_not_be_passed_within_a_step():
    """A robot that is controlled 30 times a second passes one vertex a step at most."""
    with pytest.raises(
        ProtoMotionsError, match=r"vertex each 0\.02 s; vertex_seconds must be at least .* 0\.0333333 s"
    ):
        trajectory(1 / 30, vertex_seconds=0.02)


def test_routes_go_straight_from_waypoint_to_waypoint():
    """3 m east, then 4 m north, at 1 and at 2 m/s; then they stay, whatever happened to be there before."""
    route, start = Route(2, CPU), torch.zeros(2, 3)
    route.lay(start, torch.randn(2, 30, 3), torch.ones(2))
    waypoints = torch.tensor([[3.0, 0.0, 0.0], [3.0, 4.0, 0.0]]).expand(2, -1, -1)
    route.lay(start, waypoints, torch.tensor([1.0, 2.0]))
    found = route.at(torch.tensor([[0.0, 1.0, 3.0, 5.0, 7.0, 99.0]]).repeat(2, 1))
    slow = [[0, 0, 0], [1, 0, 0], [3, 0, 0], [3, 2, 0], [3, 4, 0], [3, 4, 0]]
    fast = [[0, 0, 0], [2, 0, 0], [3, 3, 0], [3, 4, 0], [3, 4, 0], [3, 4, 0]]
    torch.testing.assert_close(found, torch.tensor([slow, fast]).float(), atol=1e-5, rtol=0)


def test_routes_may_be_as_long_as_there_is_room():
    """A waypoint a metre, the last of which is reached on time; one more is refused."""
    route, count = Route(1, CPU), MAX_WAYPOINTS
    line = torch.arange(1, count + 1).float().view(1, -1, 1) * torch.tensor([0.0, 1.0, 0.0])
    route.lay(torch.zeros(1, 3), line, torch.ones(1))
    times = torch.tensor([[count - 0.5, count + 0.0, count + 10.0]])
    assert route.at(times)[0, :, 1].tolist() == [count - 0.5, count, count]
    with pytest.raises(ProtoMotionsError, match="takes 1 to 64 waypoints, not 65; give the others later"):
        route.lay(torch.zeros(1, 3), torch.zeros(1, count + 1, 3), torch.ones(1))


def test_a_waypoint_that_is_there_already_takes_no_time():
    """Twice the same place, and the place where the path is."""
    route = Route(1, CPU)
    waypoints = torch.tensor([[[0.0, 0, 0], [2.0, 0, 0], [2.0, 0, 0], [2.0, 1, 0]]])
    route.lay(torch.zeros(1, 3), waypoints, torch.ones(1))
    found = route.at(torch.tensor([[0.0, 1.0, 2.0, 2.5, 3.0]]))[0, :, :2]
    torch.testing.assert_close(found, torch.tensor([[0.0, 0], [1, 0], [2, 0], [2, 0.5], [2, 1]]))


def test_paths_follow_a_route_from_where_they_are():
    """Through both waypoints of a way of 12 s at 0.5 m/s, seen ahead all the way; then they rest."""
    generator = torch.Generator().manual_seed(0)
    paths, _ = begun(generator)
    for _ in range(33):
        paths.advance()
        paths.renew(generator)
    start = paths.at(NOW)
    corner, end = start + torch.tensor([2.0, 0.0, 0.0]), start + torch.tensor([2.0, 4.0, 0.0])
    paths.follow(torch.cat((corner, end), dim=1), torch.full((N,), 0.5))
    for step in range(800):
        for ahead in (0.0, 2.7) if step % 20 == 0 else ():
            way = 0.5 * (0.02 * step + ahead)
            expected = start + torch.tensor([min(way, 2.0), min(max(way - 2.0, 0.0), 4.0), 0.0])
            # Between two vertices the path cuts a corner.
            torch.testing.assert_close(paths.at(torch.tensor([ahead])), expected, atol=0.03, rtol=0)
        paths.advance()
        paths.renew(generator)
    torch.testing.assert_close(paths.at(NOW), end)


def test_a_new_episode_leaves_the_route():
    """Its path is random again, in its world only."""
    generator = torch.Generator().manual_seed(0)
    paths, place = begun(generator)
    paths.follow(place.unsqueeze(1), torch.ones(N))
    paths.begin(torch.arange(N) == 2, place, generator)
    for _ in range(500):
        paths.advance()
        paths.renew(generator)
    moved = (paths.at(NOW)[:, 0, :2] - place[:, :2]).norm(dim=1) > 1e-3
    assert moved.tolist() == [False, False, True, False, False]
