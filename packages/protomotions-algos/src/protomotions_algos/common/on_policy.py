# SPDX-License-Identifier: Apache-2.0
"""The part that on-policy algorithms share: collect a rollout with the newest policy, learn from it, report."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextlib import AbstractContextManager

import torch
from gymnasium.vector import AutoresetMode, VectorEnv
from torch import Tensor, nn

from protomotions_algos.common.agent_state import pack_agent, unpack_agent
from protomotions_algos.common.batches import minibatch_size
from protomotions_algos.common.config import OnPolicyConfig
from protomotions_algos.common.distributions import build_distribution
from protomotions_algos.common.environments import EnvironmentView, Step
from protomotions_algos.common.health import WorldWatch, check_rollout, count_broken
from protomotions_algos.common.inputs import NetworkInput
from protomotions_algos.common.networks import build_mlp
from protomotions_algos.common.optimization import GuardedAdam
from protomotions_algos.common.policies import StochasticPolicy
from protomotions_algos.common.protocols import Observation, StateDict
from protomotions_algos.common.rollout import RolloutStorage
from protomotions_algos.common.statistics import EpisodeStatistics, MetricSums, record_info
from protomotions_algos.common.timing import PhaseTimer
from protomotions_algos.errors import AlgorithmError


class OnPolicyAgent(ABC):
    """A policy, the worlds it acts in, and the storage of what happened.

    A new algorithm implements `learn` and overrides those of the hooks that it needs, calling the inherited one:
    `build_networks`, `build_storage`, `prepare` (before each action), `record` (after each step), `finish_rollout`,
    `modules` and `optimizers` (what checkpoints hold), `restart`.

    The rollout holds, [T, N, ...]: actor_inputs (one step more), parameters (of the action distribution), actions,
    log_probs, rewards, terminated, truncated and, for environments that reset in the next step, valid: false where the
    action was ignored because the world was being reset.

    Args:
        env: Vector environment, numpy or torch, that resets its worlds itself.
        config: Settings.
        device: Where networks and rollouts live.
        seed: Decides the first weights, the actions drawn and the environment's first seed.

    Raises:
        AlgorithmError: The environment or a setting doesn't fit; nothing was stepped.
    """

    policy: StochasticPolicy
    """Maps actor inputs [N, D] to the parameters of the action distribution [N, P]."""
    keep_terminal: bool = False
    """Whether the last observations of terminated episodes are needed too, beside those of episodes cut off."""

    def __init__(
        self, env: VectorEnv, config: OnPolicyConfig, *, device: str | torch.device = "cpu", seed: int = 0
    ) -> None:
        self.env = env
        self.config = config
        self.device = torch.device(device)
        self.seed = seed
        self.epoch = 0
        self.env_steps = 0
        self.best_score: float | None = None
        self.view = EnvironmentView(env, self.device, keep_terminal=self.keep_terminal)
        self.batch_size = minibatch_size(config.batch_size, config.num_steps, env.num_envs)
        self.generator = torch.Generator(self.device).manual_seed(seed)
        self.distribution = build_distribution(
            env.single_action_space,
            initial_std=config.initial_std,
            min_std=config.min_std,
            learn_std=config.learn_std,
        ).to(self.device)
        self.metrics = MetricSums()
        self.worlds = WorldWatch()
        self.statistics = EpisodeStatistics(env.num_envs, self.device)
        self.storage = RolloutStorage(config.num_steps, env.num_envs, self.device)
        self._observation: Observation | None = None
        self._resetting = torch.zeros(env.num_envs, dtype=torch.bool, device=self.device)
        self._set_precision()
        self.build_networks(torch.Generator().manual_seed(seed))
        self.build_storage()

    def build_networks(self, generator: torch.Generator) -> None:
        """Make the networks, on the CPU with `generator` so that all devices begin with the same weights."""
        config = self.config
        self.actor_input = self.build_input(config.actor_inputs, "actor_inputs")
        trunk = build_mlp(
            self.actor_input.num_features,
            config.hidden_units,
            self.distribution.num_outputs,
            activation=config.activation,
            output_gain=0.01,
            generator=generator,
        )
        self.policy = StochasticPolicy(trunk, self.distribution)
        self.place(self.policy)

    def build_storage(self) -> None:
        """Allocate the rollout."""
        storage, distribution = self.storage, self.distribution
        storage.add("actor_inputs", (self.actor_input.num_features,), extra_steps=1)
        storage.add("parameters", (distribution.num_parameters,))
        storage.add("actions", distribution.action_shape, dtype=distribution.action_dtype)
        storage.add("log_probs")
        storage.add("rewards")
        storage.add("terminated", dtype=torch.bool)
        storage.add("truncated", dtype=torch.bool)
        if self.view.autoreset is AutoresetMode.NEXT_STEP:
            storage.add("valid", dtype=torch.bool)

    @abstractmethod
    def learn(self) -> None:
        """Change the networks by what the rollout shows; figures go to `self.metrics`."""

    def prepare(self, t: int, observation: Observation) -> None:
        """Write the networks' inputs for step `t`; t = T holds what follows the rollout."""
        observe = t < self.config.num_steps
        self.storage["actor_inputs"][t] = self.actor_input(observation, observe)

    def record(self, t: int, step: Step) -> None:
        """Write what step `t` gave."""
        storage = self.storage
        storage["rewards"][t] = step.reward
        storage["terminated"][t] = step.terminated
        storage["truncated"][t] = step.truncated
        valid = None
        if "valid" in storage:
            valid = ~self._resetting
            storage["valid"][t] = valid
            self._resetting = step.done
        self.statistics.record(self.metrics, step.reward, step.done, valid, step.info)
        record_info(self.metrics, step.info, self.device)

    def finish_rollout(self) -> None:  # noqa: B027, a hook that may stay empty
        """Do what needs the whole rollout and the moments that it was collected with."""

    def inputs(self) -> dict[str, NetworkInput]:
        """Return the inputs of networks by the name of their tensor in the rollout."""
        return {"actor_inputs": self.actor_input}

    def modules(self) -> dict[str, nn.Module]:
        """Return what checkpoints hold of the networks."""
        return {"actor_input": self.actor_input, "policy": self.policy}

    @abstractmethod
    def optimizers(self) -> dict[str, GuardedAdam]:
        """Return what checkpoints hold of the optimisers."""

    def restart(self) -> None:
        """Begin new episodes in all worlds, with seeds that depend on the agent's seed and the epoch."""
        self._observation = self.view.reset((self.seed + 1_000_003 * self.epoch) % 2**31)
        self._resetting.zero_()
        self.statistics.restart()

    @property
    def current_observation(self) -> Observation:
        """What the environment gave last."""
        if self._observation is None:
            raise AlgorithmError("the environment hasn't been reset yet; call restart() first")
        return self._observation

    @torch.no_grad()
    def collect(self) -> None:
        """Fill the rollout with the policy as it is; never waits for the device."""
        if self._observation is None:
            self.restart()
        observation = self.current_observation
        for t in range(self.config.num_steps):
            self.prepare(t, observation)
            step = self.view.step(self.choose(t))
            self.record(t, step)
            observation = step.observation
            if self.epoch == 0:
                # The first rollout has no moments yet, so they follow step by step.
                self.commit_inputs()
        self.prepare(self.config.num_steps, observation)
        self._observation = observation

    def choose(self, t: int) -> Tensor:
        """Draw actions for step `t`, write them to the rollout, and return them as the environment wants them."""
        storage = self.storage
        with self.autocast():
            parameters = self.policy(storage["actor_inputs"][t]).float()
        actions = self.distribution.sample(parameters, self.generator)
        storage["parameters"][t] = parameters
        storage["actions"][t] = actions
        storage["log_probs"][t] = self.distribution.log_prob(parameters, actions)
        # A world with a broken observation must not break the environment too before the rollout's check names it.
        return self.distribution.to_environment(actions.nan_to_num())

    def iterate(self) -> dict[str, float]:
        """Collect one rollout, learn from it and return the epoch's figures.

        Raises:
            AlgorithmError: The environment gave something that isn't finite, or learning has broken down.
        """
        timer = PhaseTimer(self.device)
        self.collect()
        self.finish_rollout()
        self.commit_inputs()
        count_broken(self.metrics, self.storage, self.inputs())
        self._limit_spread()
        timer.mark()
        self.learn()
        timer.mark()
        metrics = self.metrics.take()
        check_rollout(metrics, self.storage, self.inputs())
        self.worlds.check(metrics)
        self.epoch += 1
        self.env_steps += self.storage.num_samples
        self.statistics.summarize(metrics)
        collection, update = timer.seconds()
        metrics["time/collection_seconds"] = collection
        metrics["time/update_seconds"] = update
        metrics["time/env_steps_per_second"] = self.storage.num_samples / max(collection + update, 1e-9)
        metrics["time/epoch"] = float(self.epoch)
        return metrics

    def _limit_spread(self) -> None:
        """Lower the bound of the policy's spread as the settings want it."""
        config = self.config
        if config.final_std is not None:
            share = min(self.env_steps / config.final_std_steps, 1.0)
            self.distribution.limit_spread(config.initial_std * (config.final_std / config.initial_std) ** share)

    @torch.no_grad()
    def act(self, observation: Observation, deterministic: bool = True) -> Tensor:
        """Return actions for any number of worlds, as the environment wants them, on the agent's device."""
        with self.autocast():
            parameters = self.policy(self.actor_input(observation)).float()
        if deterministic:
            return self.distribution.to_environment(self.distribution.mode(parameters))
        return self.distribution.to_environment(self.distribution.sample(parameters, self.generator))

    def state_dict(self) -> StateDict:
        """Return weights, optimisers, moments, random states, counts and the best score, as plain data."""
        return pack_agent(self)

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from what `state_dict` returned; the environment begins new episodes.

        Raises:
            CheckpointError: The state is of other networks.
        """
        unpack_agent(self, state)
        self._observation = None

    def commit_inputs(self) -> None:
        """Let what was observed enter the moments of the inputs; inputs that networks share do so once."""
        for network_input in set(self.inputs().values()):
            network_input.commit()

    def build_input(self, keys: tuple[str, ...] | None, purpose: str, *, centered: bool = True) -> NetworkInput:
        """Return the input of a network that sees the parts `keys` of the observation, scaled about their mean or 0."""
        return NetworkInput(
            self.env.single_observation_space,
            self.env.num_envs,
            keys,
            device=self.device,
            purpose=purpose,
            normalize=self.config.normalize_observations,
            clip=self.config.observation_clip,
            centered=centered,
        )

    def place(self, module: nn.Module) -> None:
        """Move a network to the device and compile it if the settings say so."""
        module.to(self.device)
        if self.config.compile:
            module.compile()

    def autocast(self) -> AbstractContextManager[object]:
        """Return the context that networks compute in."""
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.config.bfloat16)

    def _set_precision(self) -> None:
        """Choose how CUDA multiplies float32 matrices; this is a setting of the whole process."""
        if self.device.type == "cuda":
            torch.set_float32_matmul_precision("high" if self.config.tf32 else "highest")
