# SPDX-License-Identifier: Apache-2.0
"""The one view of vector environments of all kinds."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.vector import AutoresetMode

from protomotions_algos.common.environments import EnvironmentView
from protomotions_algos.errors import AlgorithmError

CPU = torch.device("cpu")


def pendulums(mode, limit=3):
    """Two pendulums that are cut off after `limit` steps."""
    return gymnasium.make_vec(
        "Pendulum-v1",
        num_envs=2,
        vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": mode},
        max_episode_steps=limit,
    )


def play(mode, steps):
    """Step two pendulums without torque."""
    view = EnvironmentView(pendulums(mode), CPU)
    view.reset(seed=3)
    return [view.step(torch.zeros(2, 1)) for _ in range(steps)]


def test_numpy_steps_become_tensors():
    """Rewards are float32 and flags bool, [N]."""
    step = play(AutoresetMode.SAME_STEP, 1)[0]
    assert step.reward.dtype == torch.float32
    assert step.reward.shape == step.done.shape == (2,)
    assert step.truncated.dtype == step.terminated.dtype == torch.bool
    assert step.final is None


def test_final_observation_of_gymnasium_same_step():
    """What a same-step reset replaces is what a next-step reset returns."""
    same = play(AutoresetMode.SAME_STEP, 3)[-1]
    following = play(AutoresetMode.NEXT_STEP, 3)[-1]
    assert same.truncated.all()
    assert following.truncated.all()
    assert following.final is None
    assert same.final is not None
    assert same.final.rows.tolist() == [0, 1]
    np.testing.assert_array_equal(same.final.observation, following.observation)
    assert not np.array_equal(same.observation, following.observation)


def test_final_observation_of_dictionaries(point_env):
    """Only rows that were cut off are kept, with the structure of the observation."""
    env = point_env(num_envs=3, limit=2)
    view = EnvironmentView(env, CPU)
    view.reset(seed=0)
    view.step(torch.zeros(3, 1))
    env.steps[1] = 0.0
    env.state[2, 0] = 5.0
    step = view.step(torch.zeros(3, 1))
    assert step.terminated.tolist() == [False, False, True]
    assert step.truncated.tolist() == [True, False, False]
    assert step.final.rows.tolist() == [0]
    assert step.final.observation["position"].shape == (1, 1)
    assert not torch.equal(step.final.observation["position"], step.observation["position"][:1])


def test_discrete_actions_reach_numpy_environments():
    """CartPole's own space check accepts what is sent."""
    env = gymnasium.make_vec("CartPole-v1", num_envs=2, vectorization_mode="sync")
    view = EnvironmentView(env, CPU)
    view.reset(seed=0)
    assert view.step(torch.tensor([0, 1])).reward.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("mode", "message"),
    [(None, "autoreset_mode'\\] is None"), ("same", "is 'same'"), (AutoresetMode.DISABLED, "is DISABLED")],
)
def test_environments_that_do_not_reset(point_env, mode, message):
    """An unknown or absent autoreset mode is refused before anything is stepped."""
    env = point_env()
    env.metadata = {} if mode is None else {"autoreset_mode": mode}
    with pytest.raises(AlgorithmError, match=message):
        EnvironmentView(env, CPU)
