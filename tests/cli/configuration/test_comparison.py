# SPDX-License-Identifier: Apache-2.0
"""Differences between settings, and which of them a resumed run takes."""

import pytest

from protomotions_cli.configuration.comparison import ABSENT, Change, compare


def test_compare_lists_changed_new_and_lost_keys():
    """Equal values are left out, keys are dotted."""
    old = {"env": {"robot": "g1", "device": "cpu"}, "lost": 1}
    new = {"env": {"robot": "smpl", "device": "cpu"}, "found": [2]}
    assert compare(old, new) == [
        Change("env.robot", "g1", "smpl"),
        Change("found", ABSENT, [2]),
        Change("lost", 1, ABSENT),
    ]
    assert str(compare(old, new)[0]) == "env.robot: g1 -> smpl"


@pytest.mark.parametrize(
    "key",
    [
        "training_max_steps",
        "num_envs",
        "env.motion_file",
        "env.task.rewards.body_position.weight",
        "agent.learning_rate",
        "agent.critic_learning_rate",
        "agent.batch_size",
        "agent.eval_every",
        "agent.save_every",
    ],
)
def test_a_resumed_run_takes_changes_that_its_checkpoint_doesn_t_hold(key):
    """Lengths, rates and weights may change."""
    assert Change(key, 1, 2).reason_to_refuse is None


@pytest.mark.parametrize(
    "key",
    [
        "env.robot",
        "env.task.name",
        "env.task.observations",
        "env.task.future_steps",
        "env.task.action",
        "agent.algorithm",
        "agent.hidden_units",
        "agent.critic_hidden_units",
        "agent.activation",
        "agent.normalize_observations",
        "agent.initial_std",
        "seed",
    ],
)
def test_a_resumed_run_refuses_changes_of_what_its_checkpoint_holds(key):
    """Robots, observations, networks and random streams are fixed."""
    assert Change(key, 1, 2).reason_to_refuse
