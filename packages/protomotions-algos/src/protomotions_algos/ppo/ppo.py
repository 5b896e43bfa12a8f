# SPDX-License-Identifier: Apache-2.0
"""Proximal policy optimisation with separate actor and critic."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import torch
from gymnasium.vector import AutoresetMode, VectorEnv
from torch import Tensor, nn

from protomotions_algos.common.cuda_graphs import CapturedUpdate
from protomotions_algos.common.environments import FinalObservation, Step
from protomotions_algos.common.health import UpdateWatch
from protomotions_algos.common.inputs import NetworkInput
from protomotions_algos.common.networks import build_mlp
from protomotions_algos.common.normalization import ReturnScaler
from protomotions_algos.common.on_policy import OnPolicyAgent
from protomotions_algos.common.optimization import AdaptiveLearningRate, GuardedAdam, StepReport
from protomotions_algos.common.protocols import Observation, StateDict
from protomotions_algos.common.returns import generalized_advantages, successor_values
from protomotions_algos.ppo.config import PPOConfig
from protomotions_algos.ppo.losses import clipped_surrogate_loss, masked_mean, normalized, value_loss

ROWS_PER_PASS = 65536
"""Samples that a network sees at once where no gradient is needed; bounds the memory of large rollouts."""


class PPO(OnPolicyAgent):
    """Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347) for any Gymnasium vector environment.

    Time limits are bootstrapped with the value of the episode's last observation, unless `truncation_value` says
    otherwise. Networks are MLPs; actor and critic share nothing but, where they see the same parts of the observation,
    the running moments of their inputs.

    Algorithms that build on it override, beside the hooks of `OnPolicyAgent`: `reward_weights` and `rollout_rewards`
    (what is to be maximised; each reward has a critic of its own), `minibatch` (what an update sees), `actor_loss`,
    `critic_loss` and `after_minibatch` (other networks' updates).

    Args:
        env: Vector environment, numpy or torch, whose metadata state its autoreset mode.
        config: Settings.
        device: Where networks and rollouts live.
        seed: Decides the first weights, the actions drawn and the environment's first seed.
    """

    config: PPOConfig
    minibatch_names: tuple[str, ...] = (
        "actor_inputs",
        "critic_inputs",
        "parameters",
        "actions",
        "log_probs",
        "advantages",
    )
    """Tensors of the rollout that a minibatch holds beside each critic's values and returns."""

    def __init__(self, env: VectorEnv, config: PPOConfig, *, device: str | torch.device = "cpu", seed: int = 0) -> None:
        super().__init__(env, config, device=device, seed=seed)
        self.actor_optimizer = GuardedAdam(self.policy.parameters(), config.learning_rate, config.max_grad_norm)
        self.critic_optimizers = {
            prefix: GuardedAdam(critic.parameters(), config.critic_learning_rate, config.max_grad_norm)
            for prefix, critic in self.critics.items()
        }
        self.adaptive_rate = self._build_adaptive_rate()
        self.watch = UpdateWatch()
        self._updates = self._build_updates()

    def _build_adaptive_rate(self) -> AdaptiveLearningRate | None:
        """Return what lets the actor's learning rate follow the KL divergence, if the settings want it."""
        config = self.config
        if config.desired_kl is None:
            return None
        return AdaptiveLearningRate(
            [self.actor_optimizer],
            config.desired_kl,
            lowest=config.min_learning_rate / config.learning_rate,
            highest=config.max_learning_rate / config.learning_rate,
        )

    def reward_weights(self) -> dict[str, float]:
        """Return the weight of each reward's advantages by the prefix of its tensors, which is empty for the task's."""
        return {"": 1.0}

    def build_networks(self, generator: torch.Generator) -> None:
        """Make the actor, a critic for each reward that has a weight and, where wanted, the scaler of rewards."""
        super().build_networks(generator)
        config = self.config
        self.shares_inputs = config.critic_inputs == config.actor_inputs
        self.critic_input = (
            self.actor_input if self.shares_inputs else self.build_input(config.critic_inputs, "critic_inputs")
        )
        weights = self.reward_weights()
        self.critics = {prefix: self.build_critic(generator) for prefix, weight in weights.items() if weight}
        scaler = ReturnScaler(self.env.num_envs, config.gamma).to(self.device) if config.normalize_rewards else None
        self.return_scaler = scaler

    @property
    def values_final_observations(self) -> bool:
        """Whether last observations are valued on their own; those of NEXT_STEP are among the others."""
        return self.config.truncation_value == "final" and self.view.autoreset is AutoresetMode.SAME_STEP

    def build_critic(self, generator: torch.Generator) -> nn.Module:
        """Return a network from critic inputs [B, D] to values [B, 1]."""
        config, num_inputs = self.config, self.critic_input.num_features
        units, activation = config.critic_hidden_units, config.activation
        critic = build_mlp(num_inputs, units, 1, activation=activation, generator=generator)
        self.place(critic)
        return critic

    def build_storage(self) -> None:
        """Allocate what the critics add to the rollout: [prefix]values, [prefix]returns and [prefix]final_values."""
        super().build_storage()
        if self.shares_inputs:
            self.storage.share("critic_inputs", "actor_inputs")
        else:
            self.storage.add("critic_inputs", (self.critic_input.num_features,), extra_steps=1)
        self.storage.add("advantages")
        for prefix in self.critics:
            self.storage.add(f"{prefix}values", extra_steps=1)
            self.storage.add(f"{prefix}returns")
            if self.values_final_observations:
                self.storage.add(f"{prefix}final_values")

    def inputs(self) -> dict[str, NetworkInput]:
        """Return the inputs of actor and critics."""
        return {**super().inputs(), "critic_inputs": self.critic_input}

    def modules(self) -> dict[str, nn.Module]:
        """Return the networks and moments."""
        critics = {f"{prefix}critic": critic for prefix, critic in self.critics.items()}
        modules = {**super().modules(), "critic_input": self.critic_input, **critics}
        return modules if self.return_scaler is None else {**modules, "return_scaler": self.return_scaler}

    def optimizers(self) -> dict[str, GuardedAdam]:
        """Return the optimisers of actor and critics."""
        critics = {f"{prefix}critic": optimizer for prefix, optimizer in self.critic_optimizers.items()}
        return {"actor": self.actor_optimizer, **critics}

    def prepare(self, t: int, observation: Observation) -> None:
        """Write the inputs of both networks for step `t`."""
        super().prepare(t, observation)
        if not self.shares_inputs:
            observe = t < self.config.num_steps
            self.storage["critic_inputs"][t] = self.critic_input(observation, observe)

    def record(self, t: int, step: Step) -> None:
        """Write what step `t` gave, and the values of episodes that it cut off."""
        super().record(t, step)
        if self.values_final_observations:
            self._record_final_values(t, step.final)

    def _record_final_values(self, t: int, final: FinalObservation | None) -> None:
        """Write each critic's V(final_obs) of step `t`, [N]; zero where no episode was cut off."""
        inputs = None if final is None else self.critic_input(final.observation)
        for prefix in self.critics:
            target = self.storage[f"{prefix}final_values"][t].zero_()
            if final is None or inputs is None:
                continue
            if final.rows is None:
                target.copy_(self.values(inputs, prefix))
            else:
                target[final.rows.to(self.device)] = self.values(inputs, prefix)

    def values(self, inputs: Tensor, prefix: str = "") -> Tensor:
        """Return V of one of the critics for critic inputs [B, D], [B]."""
        with self.autocast():
            return self.critics[prefix](inputs).float()[:, 0]

    @torch.no_grad()
    def finish_rollout(self) -> None:
        """Value all states in few large passes, then estimate advantages."""
        storage = self.storage
        passes = storage["critic_inputs"].flatten(0, 1).split(ROWS_PER_PASS)
        for prefix in self.critics:
            values = storage[f"{prefix}values"]
            values.copy_(torch.cat([self.values(rows, prefix) for rows in passes]).view_as(values))
        self.estimate_advantages()

    def rollout_rewards(self, prefix: str = "") -> Tensor:
        """Return the rewards of that prefix, [T, N]; the task's are scaled where the settings say so."""
        rewards = self.storage[f"{prefix}rewards"]
        if prefix or self.return_scaler is None:
            return rewards
        return self.return_scaler(rewards, self.storage["terminated"] | self.storage["truncated"])

    def estimate_advantages(self) -> None:
        """Write the weighted sum of the advantages of all rewards to the rollout, and the returns of each."""
        total, weights = self.storage["advantages"].zero_(), self.reward_weights()
        for prefix in self.critics:
            total.add_(self.advantages_of(self.rollout_rewards(prefix), prefix), alpha=weights[prefix])

    def advantages_of(self, rewards: Tensor, prefix: str = "") -> Tensor:
        """Return the advantages of rewards, [T, N] each, by the critic of that prefix, whose returns are written."""
        storage, config = self.storage, self.config
        values, truncated = storage[f"{prefix}values"], storage["truncated"]
        previous = config.truncation_value == "previous"
        final_values = values[:-1] if previous else storage.get(f"{prefix}final_values")
        advantages = generalized_advantages(
            rewards,
            values[:-1],
            successor_values(values, truncated, final_values),
            storage["terminated"],
            truncated,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
        )
        valid, returns = storage.get("valid"), storage[f"{prefix}returns"]
        returns.copy_(advantages + values[:-1])
        residuals = masked_mean(advantages.square(), valid)
        spread = masked_mean((returns - masked_mean(returns, valid)).square(), valid)
        self.metrics.mean(f"critic/{prefix}explained_variance", 1.0 - residuals / (spread + 1e-8))
        return normalized(advantages, valid) if config.normalize_advantages else advantages

    def learn(self) -> None:
        """Go through the rollout in minibatches, `num_mini_epochs` times."""
        for mini_epoch in range(self.config.num_mini_epochs):
            for index, rows in enumerate(self.storage.minibatches(self.batch_size, self.generator)):
                self._updates[mini_epoch + index > 0](rows)
        self.metrics.mean("policy/std", self.distribution.spread())
        self.metrics.mean("policy/learning_rate", self.actor_optimizer.current_rate)

    def _build_updates(self) -> dict[bool, Callable[[Tensor], None]]:
        """Return what learns from a minibatch, by whether the learning rate adapts to it."""

        def update(adapt: bool, rows: Tensor) -> None:
            self.learn_minibatch(self.minibatch(rows), adapt=adapt)

        plain: dict[bool, Callable[[Tensor], None]] = {adapt: partial(update, adapt) for adapt in (False, True)}
        if self.device.type == "cpu" or not self.config.graph:
            return plain
        return {adapt: CapturedUpdate(function, self.metrics) for adapt, function in plain.items()}

    def minibatch(self, rows: Tensor) -> dict[str, Tensor]:
        """Return what an update sees of the samples with these numbers, long, [B]."""
        targets = [f"{prefix}{kind}" for prefix in self.critics for kind in ("values", "returns")]
        valid = ["valid"] if "valid" in self.storage else []
        return self.storage.samples([*self.minibatch_names, *targets, *valid], rows)

    def learn_minibatch(self, batch: dict[str, Tensor], *, adapt: bool) -> None:
        """Change actor and critics by one minibatch; `adapt` is false for the first, whose KL is zero anyway."""
        with self.autocast():
            parameters = self.policy(batch["actor_inputs"])
        self.descend("actor", self.actor_optimizer, self.actor_loss(batch, parameters.float(), adapt=adapt))
        self.distribution.constrain()
        for prefix, optimizer in self.critic_optimizers.items():
            self.descend(f"{prefix}critic", optimizer, self.critic_loss(batch, prefix))
        self.after_minibatch(batch)

    def actor_loss(self, batch: dict[str, Tensor], parameters: Tensor, *, adapt: bool) -> Tensor:
        """Return the actor's loss, a scalar, for the new distribution parameters [B, P] of a minibatch."""
        config, metrics, valid = self.config, self.metrics, batch.get("valid")
        log_ratio = self.distribution.log_prob(parameters, batch["actions"]) - batch["log_probs"]
        loss = masked_mean(clipped_surrogate_loss(log_ratio, batch["advantages"], config.clip), valid)
        entropy = masked_mean(self.distribution.entropy(parameters), valid)
        with torch.no_grad():
            divergence = masked_mean(self.distribution.divergence(batch["parameters"], parameters), valid)
            clipped = masked_mean(((log_ratio.exp() - 1.0).abs() > config.clip).float(), valid)
        if self.adaptive_rate is not None and adapt:
            self.adaptive_rate.follow(divergence)
        metrics.mean("loss/policy", loss)
        metrics.mean("policy/entropy", entropy)
        metrics.mean("policy/kl", divergence)
        metrics.mean("policy/clip_fraction", clipped)
        return loss - config.entropy_coef * entropy

    def critic_loss(self, batch: dict[str, Tensor], prefix: str = "") -> Tensor:
        """Return the loss of the critic of that prefix, a scalar."""
        config = self.config
        clip = config.clip if config.clip_value_loss else None
        values = self.values(batch["critic_inputs"], prefix)
        losses = value_loss(values, batch[f"{prefix}returns"], batch[f"{prefix}values"], clip)
        loss = masked_mean(losses, batch.get("valid"))
        self.metrics.mean(f"loss/{prefix}value", loss)
        return config.value_coef * loss

    def after_minibatch(self, batch: dict[str, Tensor]) -> None:
        """Update networks of one's own with the same minibatch; nothing here."""

    def descend(self, name: str, optimizer: GuardedAdam, loss: Tensor) -> None:
        """Make one step of the optimiser `name` on a scalar loss that no other network shares."""
        optimizer.zero_grad()
        loss.backward()
        self.report_step(name, optimizer.step())

    def report_step(self, name: str, report: StepReport) -> None:
        """Count what an optimiser met."""
        self.metrics.mean(f"update/{name}_gradient_norm", report.gradient_norm)
        self.metrics.mean(f"update/{name}_skipped", report.skipped)

    def iterate(self) -> dict[str, float]:
        """Collect one rollout, learn from it and return the epoch's figures.

        Raises:
            AlgorithmError: The environment gave something that isn't finite, or no update was possible for 3 epochs.
        """
        metrics = super().iterate()
        self.watch.check(metrics)
        return metrics

    def restart(self) -> None:
        """Begin new episodes in all worlds."""
        super().restart()
        if self.return_scaler is not None:
            self.return_scaler.restart()

    def state_dict(self) -> StateDict:
        """Return all that a resumed run needs, as plain data."""
        scale = 1.0 if self.adaptive_rate is None else float(self.adaptive_rate.scale)
        return {**super().state_dict(), "learning_rate_scale": scale}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from what `state_dict` returned; learning rates are this run's, times the saved adaptation.

        Raises:
            CheckpointError: The state is of other networks.
        """
        super().load_state_dict(state)
        scale = state.get("learning_rate_scale")
        if self.adaptive_rate is not None and isinstance(scale, float):
            self.adaptive_rate.set(torch.tensor(scale, device=self.device))
        # Captured updates know the optimisers' old tensors.
        self._updates = self._build_updates()
