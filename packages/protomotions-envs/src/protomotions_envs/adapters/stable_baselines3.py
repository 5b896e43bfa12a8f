# SPDX-License-Identifier: Apache-2.0
"""HumanoidVectorEnv as a stable-baselines3 VecEnv (`pip install protomotions-envs[sb3]`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from gymnasium.vector import AutoresetMode
from stable_baselines3.common.vec_env import VecEnv
from stable_baselines3.common.vec_env.base_vec_env import VecEnvIndices, VecEnvObs, VecEnvStepReturn
from torch import Tensor

from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.vector_env import HumanoidVectorEnv
from protomotions_envs.worlds import Observation


class StableBaselines3VecEnv(VecEnv):
    """A `HumanoidVectorEnv` in SAME_STEP mode, seen by stable-baselines3.

    `dones` is terminated or truncated; a finished world's info has `terminal_observation`, and `TimeLimit.truncated`
    where the episode was cut off without failing, so that values are bootstrapped there.

    Args:
        env: Made with `autoreset_mode="same_step"`.

    Raises:
        ProtoMotionsError: The environment has another autoreset mode.

    Example:
        >>> env = HumanoidVectorEnv(64, autoreset_mode="same_step", flatten=True)  # doctest: +SKIP
        >>> PPO("MlpPolicy", StableBaselines3VecEnv(env), policy_kwargs={"log_std_init": -1.9})  # doctest: +SKIP
    """

    def __init__(self, env: HumanoidVectorEnv) -> None:
        if env.autoreset_mode != AutoresetMode.SAME_STEP:
            raise ProtoMotionsError('stable-baselines3 resets in the same step: make with autoreset_mode="same_step"')
        self.env = env
        self._actions = np.zeros((env.num_envs, env.robot.num_joints), np.float32)
        super().__init__(env.num_envs, env.single_observation_space, env.single_action_space)

    def reset(self) -> VecEnvObs:
        """Start new episodes everywhere, with the seed given to `seed` if there was one."""
        observation, _ = self.env.reset(seed=self._seeds[0])
        self._reset_seeds()
        return _to_numpy(observation)

    def step_async(self, actions: np.ndarray) -> None:
        """Keep the actions for `step_wait`."""
        self._actions = actions

    def step_wait(self) -> VecEnvStepReturn:
        """Advance all worlds by one control step."""
        observation, reward, terminated, truncated, info = self.env.step(self._actions)
        done = (terminated | truncated).numpy(force=True)
        infos: list[dict[str, object]] = [{} for _ in range(self.num_envs)]
        final = _to_numpy(info["final_obs"])
        cut_off = (truncated & ~terminated).numpy(force=True)
        for index in done.nonzero()[0]:
            infos[index]["terminal_observation"] = _row(final, index)
            infos[index]["TimeLimit.truncated"] = bool(cut_off[index])
        return _to_numpy(observation), reward.numpy(force=True), done, infos

    def close(self) -> None:
        """Free the environment."""
        self.env.close()

    def get_attr(self, attr_name: str, indices: VecEnvIndices = None) -> list[object]:
        """Return an attribute of the environment once per world."""
        return [getattr(self.env, attr_name)] * len(self._indices(indices))

    def set_attr(self, attr_name: str, value: object, indices: VecEnvIndices = None) -> None:
        """Refuse: the worlds share their attributes."""
        raise NotImplementedError("The worlds of a HumanoidVectorEnv share their attributes; make a new one instead")

    def env_method(
        self, method_name: str, *method_args: object, indices: VecEnvIndices = None, **method_kwargs: object
    ) -> list[object]:
        """Call a method of the environment once and return its result once per world."""
        result = getattr(self.env, method_name)(*method_args, **method_kwargs)
        return [result] * len(self._indices(indices))

    def env_is_wrapped(self, wrapper_class: type, indices: VecEnvIndices = None) -> list[bool]:
        """Return False per world: there are no wrappers around single worlds."""
        return [False] * len(self._indices(indices))

    def _indices(self, indices: VecEnvIndices) -> Sequence[int]:
        return list(self._get_indices(indices))


def _to_numpy(observation: Observation) -> np.ndarray | dict[str, np.ndarray]:
    if isinstance(observation, Tensor):
        return observation.numpy(force=True)
    return {name: part.numpy(force=True) for name, part in observation.items()}


def _row(observation: np.ndarray | dict[str, np.ndarray], index: int) -> np.ndarray | dict[str, np.ndarray]:
    if isinstance(observation, np.ndarray):
        return observation[index]
    return {name: part[index] for name, part in observation.items()}
