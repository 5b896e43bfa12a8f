# SPDX-License-Identifier: Apache-2.0
"""Gymnasium's own checks and wrappers run on the environments."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.utils.env_checker import check_env, data_equivalence
from gymnasium.vector import VectorEnv
from gymnasium.wrappers import vector as wrappers

import protomotions_envs  # noqa: F401  (registers the ids)

IDS = [name for name in gymnasium.registry if name.startswith("ProtoMotions/")]
INFINITE_BOX = "ignore:.*Box observation space (minimum|maximum) value is"


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.filterwarnings(INFINITE_BOX)
def test_check_env(env_id):
    """The single environment passes Gymnasium's checker."""
    check_env(gymnasium.make(env_id).unwrapped, skip_render_check=True)


@pytest.mark.parametrize("env_id", IDS)
def test_seeded_rollouts_are_equivalent(env_id):
    """Two environments with the same seed give the same data, as Gymnasium compares it."""
    one, two = gymnasium.make(env_id), gymnasium.make(env_id)
    assert data_equivalence(one.reset(seed=7), two.reset(seed=7))
    one.action_space.seed(0)
    for _ in range(30):
        action = 0.3 * one.action_space.sample()
        assert data_equivalence(one.step(action), two.step(action))
    one.close()
    two.close()


def flat_numpy(env_id: str, mode: str = "next_step") -> VectorEnv:
    """The vector environment behind Gymnasium's own conversion to numpy."""
    env = gymnasium.make_vec(env_id, num_envs=2, flatten=True, autoreset_mode=mode, max_episode_seconds=0.1)
    return wrappers.ArrayConversion(env, env_xp=torch, target_xp=np)


BOX = gymnasium.spaces.Box(-1, 1, (29,), np.float32)
WRAPPERS = {
    "RecordEpisodeStatistics": wrappers.RecordEpisodeStatistics,
    "NormalizeObservation": wrappers.NormalizeObservation,
    "NormalizeReward": wrappers.NormalizeReward,
    "ClipAction": wrappers.ClipAction,
    "ClipReward": lambda env: wrappers.ClipReward(env, -1, 1),
    "RescaleAction": lambda env: wrappers.RescaleAction(env, np.float32(-1), np.float32(1)),
    "FlattenObservation": wrappers.FlattenObservation,
    "DtypeObservation": lambda env: wrappers.DtypeObservation(env, np.float64),
    "ReshapeObservation": lambda env: wrappers.ReshapeObservation(env, env.single_observation_space.shape),
    "TransformObservation": lambda env: wrappers.TransformObservation(env, lambda obs: obs * 1.0),
    "TransformReward": lambda env: wrappers.TransformReward(env, lambda reward: reward * 2.0),
    "TransformAction": lambda env: wrappers.TransformAction(env, lambda action: action * 0.5, env.action_space),
    "VectorizeTransformObservation": lambda env: wrappers.VectorizeTransformObservation(
        env, gymnasium.wrappers.TransformObservation, func=lambda obs: obs * 1.0, observation_space=None
    ),
    "VectorizeTransformAction": lambda env: wrappers.VectorizeTransformAction(
        env, gymnasium.wrappers.TransformAction, func=lambda action: action * 0.5, action_space=None
    ),
    "VectorizeTransformReward": lambda env: wrappers.VectorizeTransformReward(
        env, gymnasium.wrappers.TransformReward, func=lambda reward: reward * 2.0
    ),
    "DictInfoToList": wrappers.DictInfoToList,
    "NumpyToTorch": lambda env: wrappers.ArrayConversion(wrappers.NumpyToTorch(env), env_xp=torch, target_xp=np),
    "ArrayConversion": lambda env: env,
}
NOT_APPLICABLE = {
    "GrayscaleObservation": "observations are not pictures",
    "ResizeObservation": "observations are not pictures",
    "RescaleObservation": "observations have no bounds",
    "FilterObservation": "observations are one vector here; see the test of parts",
    "RecordVideo": "needs OpenGL; see the test of rendering",
    "HumanRendering": "needs a screen",
    "JaxToNumpy": "not a JAX environment",
    "JaxToTorch": "not a JAX environment",
}


def test_every_official_wrapper_is_tried_or_has_a_reason_not_to_be():
    """A wrapper that Gymnasium adds fails here until it is tried."""
    assert set(wrappers.__all__) - {"VectorObservationWrapper"} == set(WRAPPERS) | set(NOT_APPLICABLE)


def test_filter_observation_keeps_named_parts():
    """Of the dictionary of parts, the wrapper keeps those asked for."""
    env = gymnasium.make_vec("ProtoMotions/Mimic-v0", num_envs=2)
    env = wrappers.FilterObservation(wrappers.ArrayConversion(env, env_xp=torch, target_xp=np), ["joint_state"])
    observation, _ = env.reset(seed=0)
    assert set(observation) == {"joint_state"}
    env.close()


@pytest.mark.parametrize("env_id", IDS)
@pytest.mark.parametrize("name", WRAPPERS)
def test_official_wrappers_in_next_step(env_id, name):
    """Each wrapper runs over the end of episodes and gives numbers of the right shape."""
    env = WRAPPERS[name](flat_numpy(env_id))
    observation, _ = env.reset(seed=0)
    env.action_space.seed(0)
    for _ in range(8):
        observation, reward, terminated, truncated, _ = env.step(0.1 * env.action_space.sample())
        assert np.isfinite(observation).all()
        assert reward.shape == terminated.shape == truncated.shape == (2,)
    env.close()


def test_episode_statistics_are_those_of_the_episodes():
    """Five control steps of 0.02 s fill a time limit of 0.1 s."""
    env = wrappers.RecordEpisodeStatistics(flat_numpy("ProtoMotions/Mimic-v0"))
    env.reset(seed=0)
    lengths, total = [], np.zeros(2)
    for _ in range(5):
        _, reward, _, _, info = env.step(np.zeros((2, 29), np.float32))
        total += reward
        if "episode" in info:
            lengths.append(info["episode"]["l"].tolist())
            np.testing.assert_allclose(info["episode"]["r"], total, rtol=1e-5)
    assert lengths == [[5, 5]]
    env.close()


def test_array_conversion_keeps_same_step_final_observations():
    """Behind the conversion, final observations are numpy too."""
    env = flat_numpy("ProtoMotions/Mimic-v0", "same_step")
    env.reset(seed=0)
    for _ in range(5):
        *_, truncated, info = env.step(np.zeros((2, 29), np.float32))
    assert truncated.all()
    assert isinstance(info["final_obs"], np.ndarray)
    env.close()
