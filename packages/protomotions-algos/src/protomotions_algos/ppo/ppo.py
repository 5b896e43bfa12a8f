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

_ROWS_PER_PASS = 65536


class PPO(OnPolicyAgent):
    """Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347) for any Gymnasium vector environment.

    Time limits are bootstrapped with the value of the episode's last observation. Networks are MLPs; actor and critic
    share nothing but, where they see the same parts of the observation, the running moments of their inputs.

    Algorithms that build on it override, beside the hooks of `OnPolicyAgent`: `rollout_rewards` (what is to be
    maximised), `estimate_advantages`, `actor_loss`, `critic_loss` and `after_minibatch` (other networks' updates).

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
        "values",
        "returns",
        "advantages",
    )
    """Tensors of the rollout that a minibatch holds."""

    def __init__(self, env: VectorEnv, config: PPOConfig, *, device: str | torch.device = "cpu", seed: int = 0) -> None:
        super().__init__(env, config, device=device, seed=seed)
        self.actor_optimizer = GuardedAdam(self.policy.parameters(), config.learning_rate, config.max_grad_norm)
        self.critic_optimizer = GuardedAdam(self.critic.parameters(), config.critic_learning_rate, config.max_grad_norm)
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

    def build_networks(self, generator: torch.Generator) -> None:
        """Make actor, critic and, where wanted, the scaler of rewards."""
        super().build_networks(generator)
        config = self.config
        self.shares_inputs = config.critic_inputs == config.actor_inputs
        self.critic_input = (
            self.actor_input if self.shares_inputs else self.build_input(config.critic_inputs, "critic_inputs")
        )
        self.critic = build_mlp(
            self.critic_input.num_features,
            config.critic_hidden_units,
            1,
            activation=config.activation,
            generator=generator,
        )
        self.place(self.critic)
        scaler = ReturnScaler(self.env.num_envs, config.gamma).to(self.device) if config.normalize_rewards else None
        self.return_scaler = scaler

    def build_storage(self) -> None:
        """Allocate what the critic adds to the rollout."""
        super().build_storage()
        if self.shares_inputs:
            self.storage.share("critic_inputs", "actor_inputs")
        else:
            self.storage.add("critic_inputs", (self.critic_input.num_features,), extra_steps=1)
        self.storage.add("values", extra_steps=1)
        self.storage.add("advantages")
        self.storage.add("returns")
        if self.view.autoreset is AutoresetMode.SAME_STEP:
            self.storage.add("final_values")

    def inputs(self) -> dict[str, NetworkInput]:
        """Return the inputs of actor and critic."""
        return {**super().inputs(), "critic_inputs": self.critic_input}

    def modules(self) -> dict[str, nn.Module]:
        """Return the networks and moments."""
        modules = {**super().modules(), "critic_input": self.critic_input, "critic": self.critic}
        return modules if self.return_scaler is None else {**modules, "return_scaler": self.return_scaler}

    def optimizers(self) -> dict[str, GuardedAdam]:
        """Return the optimisers of actor and critic."""
        return {"actor": self.actor_optimizer, "critic": self.critic_optimizer}

    def prepare(self, t: int, observation: Observation) -> None:
        """Write the inputs of both networks for step `t`."""
        super().prepare(t, observation)
        if not self.shares_inputs:
            observe = t < self.config.num_steps
            self.storage["critic_inputs"][t] = self.critic_input(observation, observe)

    def record(self, t: int, step: Step) -> None:
        """Write what step `t` gave, and the values of episodes that it cut off."""
        super().record(t, step)
        if "final_values" in self.storage:
            self._record_final_values(self.storage["final_values"][t], step.final)

    def _record_final_values(self, target: Tensor, final: FinalObservation | None) -> None:
        """Write V(final_obs) to `target` [N]; zero where no episode was cut off."""
        target.zero_()
        if final is None:
            return
        values = self.values(self.critic_input(final.observation))
        if final.rows is None:
            target.copy_(values)
        else:
            target[final.rows.to(self.device)] = values

    def values(self, inputs: Tensor) -> Tensor:
        """Return V for critic inputs [B, D], [B]."""
        with self.autocast():
            return self.critic(inputs).float()[:, 0]

    @torch.no_grad()
    def finish_rollout(self) -> None:
        """Value all states in few large passes, then estimate advantages."""
        storage = self.storage
        passes = storage["critic_inputs"].flatten(0, 1).split(_ROWS_PER_PASS)
        storage["values"].copy_(torch.cat([self.values(rows) for rows in passes]).view_as(storage["values"]))
        self.estimate_advantages()

    def rollout_rewards(self) -> Tensor:
        """Return the rewards to maximise, [T, N]."""
        rewards = self.storage["rewards"]
        if self.return_scaler is None:
            return rewards
        return self.return_scaler(rewards, self.storage["terminated"] | self.storage["truncated"])

    def estimate_advantages(self) -> None:
        """Write advantages and returns to the rollout."""
        storage, config = self.storage, self.config
        final_values = storage.get("final_values")
        values, truncated = storage["values"], storage["truncated"]
        advantages = generalized_advantages(
            self.rollout_rewards(),
            values[:-1],
            successor_values(values, truncated, final_values),
            storage["terminated"],
            truncated,
            gamma=config.gamma,
            gae_lambda=config.gae_lambda,
        )
        valid = storage.get("valid")
        storage["returns"].copy_(advantages + values[:-1])
        storage["advantages"].copy_(normalized(advantages, valid) if config.normalize_advantages else advantages)
        residuals = masked_mean(advantages.square(), valid)
        spread = masked_mean((storage["returns"] - masked_mean(storage["returns"], valid)).square(), valid)
        self.metrics.mean("critic/explained_variance", 1.0 - residuals / (spread + 1e-8))

    def learn(self) -> None:
        """Go through the rollout in minibatches, `num_mini_epochs` times."""
        for mini_epoch in range(self.config.num_mini_epochs):
            for index, rows in enumerate(self.storage.minibatches(self.batch_size, self.generator)):
                self._updates[mini_epoch + index > 0](rows)
        self.metrics.mean("policy/std", self.distribution.spread())
        self.metrics.mean("policy/learning_rate", self.actor_optimizer.current_rate)

    def _build_updates(self) -> dict[bool, Callable[[Tensor], None]]:
        """Return what learns from a minibatch, by whether the learning rate adapts to it."""
        names = (*self.minibatch_names, "valid") if "valid" in self.storage else self.minibatch_names

        def update(adapt: bool, rows: Tensor) -> None:
            self.learn_minibatch(self.storage.samples(names, rows), adapt=adapt)

        plain: dict[bool, Callable[[Tensor], None]] = {adapt: partial(update, adapt) for adapt in (False, True)}
        if self.device.type == "cpu" or not self.config.graph:
            return plain
        return {adapt: CapturedUpdate(function, self.metrics) for adapt, function in plain.items()}

    def learn_minibatch(self, batch: dict[str, Tensor], *, adapt: bool) -> None:
        """Change actor and critic by one minibatch; `adapt` is false for the first, whose KL is zero anyway."""
        with self.autocast():
            parameters = self.policy(batch["actor_inputs"])
        policy_loss = self.actor_loss(batch, parameters.float(), adapt=adapt)
        critic_loss = self.critic_loss(batch)
        self.actor_optimizer.zero_grad()
        self.critic_optimizer.zero_grad()
        (policy_loss + critic_loss).backward()
        self._report_step("actor", self.actor_optimizer.step())
        self._report_step("critic", self.critic_optimizer.step())
        self.distribution.constrain()
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

    def critic_loss(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the critic's loss, a scalar."""
        config = self.config
        clip = config.clip if config.clip_value_loss else None
        losses = value_loss(self.values(batch["critic_inputs"]), batch["returns"], batch["values"], clip)
        loss = masked_mean(losses, batch.get("valid"))
        self.metrics.mean("loss/value", loss)
        return config.value_coef * loss

    def after_minibatch(self, batch: dict[str, Tensor]) -> None:
        """Update networks of one's own with the same minibatch; nothing here."""

    def _report_step(self, name: str, report: StepReport) -> None:
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
