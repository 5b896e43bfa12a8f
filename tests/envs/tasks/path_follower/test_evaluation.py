# SPDX-License-Identifier: Apache-2.0
"""Distances from a path of heads whose places are known."""

import dataclasses

import pytest
import torch
from tests.envs.states import random_state

from protomotions_envs.state import RobotState
from protomotions_envs.tasks.path_follower.config import Heights, PathFollowerConfig, Paths
from protomotions_envs.tasks.path_follower.evaluation import PathMeasure
from protomotions_envs.tasks.path_follower.goal import PathFollowerGoal

CPU = torch.device("cpu")


class Standing:
    """Two robots whose paths stay where their heads began."""

    def __init__(self, robot, heights: bool = False) -> None:
        config = PathFollowerConfig(paths=Paths(heights=Heights(enabled=heights)))
        self.head = robot.body_names.index(robot.config.head_body)
        self.start = random_state(2, robot.num_bodies, robot.num_joints)
        self.goal = PathFollowerGoal(config, robot, 2, CPU)
        self.goal.begin(torch.ones(2, dtype=torch.bool), self.start, torch.Generator())
        self.goal.command(waypoints=self.start.body_pos[:, self.head].unsqueeze(1))
        self.measure = PathMeasure(self.goal, with_heights=heights)
        self.measure.begin(self.start)

    def count(self, *offsets: tuple[float, float, float], counted: tuple[bool, bool] = (True, True)) -> None:
        """Let a step pass, after which the heads are off their starts."""
        self.goal.advance()
        state = self.moved(torch.tensor(offsets))
        self.measure.count(state, torch.tensor(counted))
        self.goal.renew(state, torch.Generator())

    def moved(self, offsets: torch.Tensor) -> RobotState:
        """The state with heads elsewhere than the path's point, m."""
        position = self.start.body_pos.clone()
        point = self.goal.point
        position[:, self.head] = torch.cat((point[:, :2], point[:, 2:]), dim=1) + offsets
        return dataclasses.replace(self.start, body_pos=position)


def test_distances_and_lost_paths_by_hand(g1):
    """One head stays 30 cm off; the other is lost at 1.2 m and comes back, which doesn't make it good."""
    worlds = Standing(g1)
    worlds.count((0.3, 0.0, 9.0), (0.0, 0.5, 0.0))
    worlds.count((0.0, -0.3, 0.0), (0.0, 1.2, 0.0))
    worlds.count((0.18, 0.24, 0.0), (0.1, 0.0, 0.0))
    figures = worlds.measure.metrics()
    assert figures["path_distance_m"] == pytest.approx((3 * 0.3 + 0.5) / 4, abs=1e-5)
    assert figures["path_distance_all_m"] == pytest.approx((3 * 0.3 + 0.5 + 1.2 + 0.1) / 6, abs=1e-5)
    assert figures["path_lost"] == 0.5
    assert "path_height_error_m" not in figures


def test_a_fall_ends_the_count(g1):
    """Robots that lie somewhere have lost nothing more, and may be anywhere."""
    worlds = Standing(g1)
    worlds.count((0.3, 0.0, 0.0), (0.2, 0.0, 0.0))
    worlds.count((0.3, 0.0, 0.0), (float("nan"), 0.0, 0.0), counted=(True, False))
    figures = worlds.measure.metrics()
    assert figures == pytest.approx({"path_distance_m": 0.8 / 3, "path_distance_all_m": 0.8 / 3, "path_lost": 0.0})


def test_heights_count_where_they_are_part_of_the_path(g1):
    """10 cm too low and 30 cm too high are 20 cm on average."""
    worlds = Standing(g1, heights=True)
    worlds.count((0.0, 0.0, -0.1), (0.0, 0.0, 0.3))
    assert worlds.measure.metrics()["path_height_error_m"] == pytest.approx(0.2, abs=1e-5)


def test_loss_and_a_new_beginning(g1):
    """The loss is the mean of lost share and distance in metres; nothing counted is as bad as can be."""
    worlds = Standing(g1)
    worlds.count((0.4, 0.0, 0.0), (0.0, 2.0, 0.0))
    assert worlds.measure.loss(worlds.measure.metrics()) == pytest.approx(0.5 * 0.5 + 0.5 * 0.4, abs=1e-5)
    worlds.measure.begin(worlds.start)
    assert worlds.measure.metrics() == {"path_lost": 0.0}
    assert worlds.measure.loss({}) == 1.0
