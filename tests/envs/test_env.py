# SPDX-License-Identifier: Apache-2.0
"""The single environment in numpy."""

import gymnasium
import numpy as np

import protomotions_envs  # noqa: F401  (registers the ids)


def test_one_robot_in_numpy():
    """Flat float32 observations, a float reward, two separate flags."""
    env = gymnasium.make("ProtoMotions/Mimic-v0")
    observation, _ = env.reset(seed=0)
    assert observation in env.observation_space
    observation, reward, terminated, truncated, info = env.step(np.zeros(29, np.float32))
    assert observation in env.observation_space
    assert isinstance(reward, float)
    assert terminated is False
    assert truncated is False
    assert abs(sum(info["reward_terms"].values()) - reward) < 1e-5
    env.close()


def test_named_parts_on_request():
    """`flatten=False` gives the dictionary."""
    env = gymnasium.make("ProtoMotions/Mimic-v0", flatten=False)
    observation, _ = env.reset(seed=0)
    assert observation in env.observation_space
    assert observation["joint_state"].shape == (58,)
    env.close()


def test_equals_the_vector_environment():
    """Same seed, same numbers as one world of the vector environment."""
    single = gymnasium.make("ProtoMotions/Mimic-v0")
    many = gymnasium.make_vec("ProtoMotions/Mimic-v0", num_envs=1, flatten=True, autoreset_mode="disabled")
    np.testing.assert_array_equal(single.reset(seed=5)[0], many.reset(seed=5)[0][0])
    action = np.full(29, 0.2, np.float32)
    np.testing.assert_array_equal(single.step(action)[0], many.step(action[None])[0][0])
    single.close()
    many.close()
