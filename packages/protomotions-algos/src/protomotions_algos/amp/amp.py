# SPDX-License-Identifier: Apache-2.0
"""Adversarial motion priors: a discriminator tells how much a state looks like the demonstrations."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from gymnasium.vector import VectorEnv
from torch import Tensor, nn

from protomotions_algos.amp.config import AMPConfig
from protomotions_algos.amp.discriminator import (
    Discriminator,
    classification_loss,
    figures,
    gradient_penalty,
    style_reward,
)
from protomotions_algos.amp.requirements import (
    demonstration_source,
    discriminator_batch_size,
    episode_ender,
    other_parts,
    require_parts,
)
from protomotions_algos.amp.style_ending import StyleEnding
from protomotions_algos.common.agent_state import restore_generator
from protomotions_algos.common.environments import Step
from protomotions_algos.common.inputs import NetworkInput
from protomotions_algos.common.optimization import GuardedAdam
from protomotions_algos.common.protocols import StateDict
from protomotions_algos.common.replay import ReplayBuffer
from protomotions_algos.ppo.losses import masked_mean
from protomotions_algos.ppo.ppo import PPO, ROWS_PER_PASS

_REPLAYED_ROLLOUTS = 50
_SAMPLER_SEED = 1 << 32


class AMP(PPO):
    """Adversarial motion priors (Peng et al. 2021, arXiv:2104.02180) on PPO.

    The discriminator sees parts of the observation that the actor need not see. Its reward has a critic and advantages
    of its own beside the task's; the actor follows the weighted sum of the two normalised advantages.

    The rollout holds more, [T, N, ...]: discriminator_inputs, the features of the state that each step led to, as the
    environment gave them (that of an ended episode is its last one), style_rewards, style_values, style_returns.

    Algorithms that build on it override, beside PPO's hooks: `check_environment`, `write_rewards` (those beside the
    task's), `build_discriminator_input`, `draw_samples` and `samples` (what updates see beside the rollout),
    `positive_samples`, `discriminator_loss`, `uses_demonstrations`, `penalized_samples`.

    Args:
        env: Vector environment whose `unwrapped` is a DemonstrationSource, and an EpisodeEnder for `ending_threshold`.
        config: Settings.
        device: Where networks and rollouts live.
        seed: Decides the first weights, the actions and demonstrations drawn and the environment's first seed.

    Raises:
        AlgorithmError: The environment or a setting doesn't fit; nothing was stepped.
    """

    config: AMPConfig  # ty: ignore[incompatible-mutable-override]
    keep_terminal = True
    uses_demonstrations: bool = True
    """Whether the environment gives the samples that the policy's are told apart from."""
    penalized_samples: str = "demonstrations"
    """Where the discriminator's gradient is held small: at the demonstrations or at the policy's samples."""

    def __init__(self, env: VectorEnv, config: AMPConfig, *, device: str | torch.device = "cpu", seed: int = 0) -> None:
        self.check_environment(env, config)
        # Its own, so that the actions drawn don't depend on what the discriminator sees.
        self.sampler = torch.Generator(device).manual_seed(seed + _SAMPLER_SEED)
        super().__init__(env, config, device=device, seed=seed)
        self.discriminator_optimizer = GuardedAdam(
            self.discriminator.parameters(), config.discriminator_learning_rate, config.max_grad_norm
        )

    def check_environment(self, env: VectorEnv, config: AMPConfig) -> None:
        """Raise AlgorithmError if the environment lacks something that the settings ask for."""
        require_parts(env.single_observation_space, config.discriminator_inputs)
        if self.uses_demonstrations:
            demonstration_source(env)
        if config.ending_threshold > 0.0:
            episode_ender(env)

    def reward_weights(self) -> dict[str, float]:
        """Return the weights of the task's and of the style's reward."""
        return {"": self.config.task_weight, "style_": self.config.style_weight}

    def build_networks(self, generator: torch.Generator) -> None:
        """Make PPO's networks and the discriminator."""
        super().build_networks(generator)
        config = self.config
        self.discriminator_input = self.build_discriminator_input()
        self.discriminator = Discriminator(
            self.discriminator_input.num_features,
            config.discriminator_hidden_units,
            activation=config.discriminator_activation,
            generator=generator,
        ).to(self.device)

    def build_input(self, keys: tuple[str, ...] | None, purpose: str, *, centered: bool = True) -> NetworkInput:
        """Return the input of a network; without keys, actor and critic see what the discriminator doesn't."""
        if keys is None and purpose != "discriminator_inputs":
            keys = other_parts(self.env.single_observation_space, self.config.discriminator_inputs)
        return super().build_input(keys, purpose, centered=centered)

    def build_discriminator_input(self) -> NetworkInput:
        """Return what encodes and scales the discriminator's features, with moments of its own."""
        return self.build_input(self.config.discriminator_inputs, "discriminator_inputs")

    def build_storage(self) -> None:
        """Allocate what the discriminator adds: features, rewards, samples that updates read, and replay."""
        super().build_storage()
        config, storage, features = self.config, self.storage, self.discriminator_input.num_features
        storage.add("discriminator_inputs", (features,))
        for prefix in self.reward_weights():
            if prefix:  # PPO has allocated the task's.
                storage.add(f"{prefix}rewards")
        self.discriminator_batch = discriminator_batch_size(config.discriminator_batch_size, self.batch_size)
        self.pool_size = self.discriminator_batch * (storage.num_samples // self.batch_size)
        self.replay = ReplayBuffer(config.replay_size, features, self.device) if config.replay_size else None
        used = {"demonstrations": self.uses_demonstrations, "replay": self.replay is not None}
        self.samples = {
            name: torch.zeros(self.pool_size, features, device=self.device) for name, wanted in used.items() if wanted
        }
        wanted = config.ending_threshold > 0.0
        worlds, steps = self.env.num_envs, config.ending_steps
        self.ending = StyleEnding(worlds, config.ending_threshold, steps, self.device) if wanted else None

    def inputs(self) -> dict[str, NetworkInput]:
        """Return the inputs of actor, critics and discriminator."""
        return {**super().inputs(), "discriminator_inputs": self.discriminator_input}

    def modules(self) -> dict[str, nn.Module]:
        """Return the networks and moments."""
        own = {"discriminator_input": self.discriminator_input, "discriminator": self.discriminator}
        return {**super().modules(), **own}

    def optimizers(self) -> dict[str, GuardedAdam]:
        """Return the optimisers of all networks."""
        return {**super().optimizers(), "discriminator": self.discriminator_optimizer}

    def record(self, t: int, step: Step) -> None:
        """Write the features of the state that step `t` led to, and end episodes that have left the style."""
        super().record(t, step)
        features = step.reached(self.discriminator_input.encoder)
        self.storage["discriminator_inputs"][t] = features
        self.discriminator_input.watch(features)
        if self.ending is not None:
            valid = self.storage.get("valid")
            over = step.done if valid is None else step.done | ~valid[t]
            lost = self.ending(self.style_rewards(features), over)
            episode_ender(self.env).end_episodes(lost)
            self.metrics.total("reward/style_ended_episodes", lost.sum())

    def style_rewards(self, features: Tensor) -> Tensor:
        """Return the style rewards [B] of features [B, D] as the environment gave them."""
        logits = self.discriminator(self.discriminator_input.normalize(features))
        return self.config.style_reward_scale * style_reward(logits)

    @torch.no_grad()
    def finish_rollout(self) -> None:
        """Reward and value all states in few large passes, then draw what the updates see beside them."""
        self.write_rewards()
        super().finish_rollout()
        self.draw_samples()

    def write_rewards(self) -> None:
        """Write the rewards beside the task's to the rollout, by the networks that it was collected with."""
        storage = self.storage
        passes = storage.flat("discriminator_inputs").split(ROWS_PER_PASS)
        rewards = torch.cat([self.style_rewards(features) for features in passes]).view_as(storage["style_rewards"])
        storage["style_rewards"].copy_(rewards)
        self.metrics.mean("reward/style_mean", masked_mean(rewards, storage.get("valid")))

    def draw_samples(self) -> None:
        """Draw what the discriminator's updates see beside the rollout, all of it new to its moments."""
        features = self.storage.flat("discriminator_inputs")[self._draw_valid_rows()]
        self.discriminator_input.normalize(features, observe=True)
        if self.replay is not None:
            self.replay.write(features[: max(1, self.replay.size // _REPLAYED_ROLLOUTS)])
            self.samples["replay"].copy_(self.replay.sample(self.pool_size, self.sampler))
        if self.uses_demonstrations:
            self._draw_demonstrations(self.samples["demonstrations"])

    def _draw_valid_rows(self) -> Tensor:
        """Return numbers of samples of the rollout, random and all different, [K]."""
        storage = self.storage
        # At least every second step of a world is valid, so half the rollout can be drawn without counting.
        most = max(storage.num_steps // 2, 1) * storage.num_envs
        order = torch.rand(storage.num_samples, generator=self.sampler, device=self.device)
        if "valid" in storage:
            order += ~storage.flat("valid")
        return order.argsort()[: min(self.pool_size, most)]

    def _draw_demonstrations(self, pool: Tensor) -> None:
        """Fill a pool [M, D] with new demonstrations, which enter the discriminator's moments."""
        source = demonstration_source(self.env)
        for block in pool.split(self.discriminator_batch):
            block.copy_(self.discriminator_input.encoder(source.sample_demonstrations(len(block), self.sampler)))
        self.discriminator_input.normalize(pool, observe=True)

    def minibatch(self, rows: Tensor) -> dict[str, Tensor]:
        """Return what an update sees: PPO's samples [B, ...], and [n, D] of each kind for the discriminator."""
        first = rows[: self.discriminator_batch]
        batch = {**super().minibatch(rows), **self.storage.samples(["discriminator_inputs"], first)}
        # A captured update can't draw random numbers, but its rows are random already.
        places = first % self.pool_size
        return batch | {name: pool.index_select(0, places) for name, pool in self.samples.items()}

    def after_minibatch(self, batch: dict[str, Tensor]) -> None:
        """Update the discriminator."""
        self.descend("discriminator", self.discriminator_optimizer, self.discriminator_loss(batch))

    def positive_samples(self, batch: dict[str, Tensor]) -> Tensor:
        """Return what the discriminator should accept, scaled, [K, D]."""
        return self.discriminator_input.normalize(batch["demonstrations"])

    def discriminator_loss(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the discriminator's loss, a scalar: classification, gradient penalty and decay of weights."""
        config, discriminator = self.config, self.discriminator
        samples = {
            "demonstrations": self.positive_samples(batch),
            "policy": self.discriminator_input.normalize(batch["discriminator_inputs"]),
        }
        if self.replay is not None:
            samples["replay"] = self.discriminator_input.normalize(batch["replay"])
        penalized = samples[self.penalized_samples].requires_grad_()
        logits = {name: discriminator(features) for name, features in samples.items()}
        valid = batch["valid"][: self.discriminator_batch] if "valid" in batch else None
        loss = classification_loss(logits["demonstrations"], logits["policy"], logits.get("replay"), valid)
        counted = valid if self.penalized_samples == "policy" else None
        penalty = gradient_penalty(logits[self.penalized_samples], penalized, counted)
        for name, value in {"loss": loss, "gradient_penalty": penalty, **figures(logits, valid)}.items():
            self.metrics.mean(f"discriminator/{name}", value)
        decay = discriminator.decay(config.discriminator_weight_decay, config.logit_decay)
        return loss + config.gradient_penalty * penalty + decay

    def restart(self) -> None:
        """Begin new episodes in all worlds."""
        super().restart()
        if self.ending is not None:
            self.ending.restart()

    def state_dict(self) -> StateDict:
        """Return all that a resumed run needs, replay included, as plain data."""
        replay = None if self.replay is None else self.replay.state_dict()
        return {**super().state_dict(), "sampler": self.sampler.get_state(), "replay": replay}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from what `state_dict` returned.

        Raises:
            CheckpointError: The state is of other networks, or of another replay.
        """
        saved = state.get("replay")
        if self.replay is not None:
            self.replay.require_fit(saved)
        super().load_state_dict(state)
        if self.replay is not None:
            self.replay.load_state_dict(saved)
        restore_generator(self.sampler, state.get("sampler"), self.seed + _SAMPLER_SEED + 1_000_003 * self.epoch)
