# SPDX-License-Identifier: Apache-2.0
"""stable-baselines3 trains on the environment through the adapter."""

import numpy as np
import pytest
from stable_baselines3 import PPO

from protomotions_envs import HumanoidVectorEnv, ProtoMotionsError
from protomotions_envs.adapters.stable_baselines3 import StableBaselines3VecEnv
from protomotions_envs.tasks.mimic.config import MimicConfig, MimicStart, MimicTerminations


def make(library, **settings) -> StableBaselines3VecEnv:
    """Four worlds on the standing clips."""
    settings = {"autoreset_mode": "same_step", "flatten": True, **settings}
    return StableBaselines3VecEnv(HumanoidVectorEnv(4, motion_library=library, **settings))


@pytest.mark.parametrize(("flatten", "policy"), [(True, "MlpPolicy"), (False, "MultiInputPolicy")])
def test_ppo_trains(standing_library, flatten, policy):
    """Two rollouts with updates; the policy's weights change and stay finite."""
    env = make(standing_library, flatten=flatten)
    small = {"log_std_init": -1.9, "net_arch": [16]}
    model = PPO(policy, env, n_steps=32, batch_size=64, n_epochs=2, policy_kwargs=small, seed=0, device="cpu")
    before = model.policy.state_dict()["action_net.weight"].clone()
    model.learn(256)
    after = model.policy.state_dict()["action_net.weight"]
    assert not np.allclose(before, after)
    assert np.isfinite(after.numpy()).all()
    assert model.num_timesteps == 256
    env.close()


def test_time_limits_are_told_apart_from_failures(standing_library):
    """A clip's end has a terminal observation and the truncation mark; a failure hasn't the mark."""
    # Started at the first frame, no clip ends before the time limit.
    never = MimicTerminations(None, None, None, None)
    easy = MimicConfig(terminations=never, start=MimicStart(start_fraction=1.0))
    env = make(standing_library, task=easy, max_episode_seconds=0.04)
    env.reset()
    env.step(np.zeros((4, 29)))
    observation, _, done, infos = env.step(np.zeros((4, 29)))
    assert done.all()
    assert all(info["TimeLimit.truncated"] for info in infos)
    assert not np.allclose(infos[0]["terminal_observation"], observation[0])
    env.close()
    strict = MimicConfig(terminations=MimicTerminations(mean_body_error=1e-6))
    env = make(standing_library, task=strict)
    env.seed(0)
    env.reset()
    _, _, done, infos = env.step(np.zeros((4, 29)))
    assert done.all()
    assert not any(info["TimeLimit.truncated"] for info in infos)
    env.close()


def test_vec_env_interface(standing_library):
    """Attributes and methods answer once per world; other autoreset modes are refused."""
    env = make(standing_library)
    assert env.get_attr("num_envs", [0, 2]) == [4, 4]
    observation, _ = env.env_method("reset", indices=[0])[0]
    assert observation.shape == env.env.observation_space.shape
    assert env.env_is_wrapped(object) == [False] * 4
    with pytest.raises(NotImplementedError):
        env.set_attr("num_envs", 3)
    with pytest.raises(ProtoMotionsError, match="same_step"):
        make(standing_library, autoreset_mode="next_step")
    env.close()
