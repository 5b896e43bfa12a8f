# SPDX-License-Identifier: Apache-2.0
"""Adversarial skill embeddings: one policy that does many things, told by a latent which one."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from gymnasium.vector import VectorEnv
from torch import Tensor, nn

from protomotions_algos.amp.amp import AMP
from protomotions_algos.amp.requirements import other_parts
from protomotions_algos.ase.conditioning import (
    LatentInput,
    count_worlds,
    step_with_latents,
    with_latents,
)
from protomotions_algos.ase.config import ASEConfig
from protomotions_algos.ase.diversity import diversity_loss
from protomotions_algos.ase.encoder import (
    LatentEncoder,
    encoder_gradient_penalty,
    encoder_losses,
    mutual_information_rewards,
    uniformity_loss,
)
from protomotions_algos.ase.latents import HeldLatents
from protomotions_algos.ase.playing import PlayingLatents
from protomotions_algos.ase.requirements import require_comparable_actions, require_named_parts
from protomotions_algos.ase.sphere import draw_on_sphere
from protomotions_algos.common.environments import Step
from protomotions_algos.common.inputs import NetworkInput
from protomotions_algos.common.optimization import GuardedAdam
from protomotions_algos.common.protocols import Observation, StateDict
from protomotions_algos.ppo.losses import masked_mean
from protomotions_algos.ppo.ppo import ROWS_PER_PASS


class ASE(AMP):
    """Adversarial skill embeddings (Peng et al. 2022, arXiv:2205.01906) on AMP.

    Actor and critics see a latent beside the observation, a point on the unit sphere that is drawn anew every few
    steps. An encoder learns to tell the latent from what the discriminator sees, and the policy is rewarded where it
    succeeds (mutual information), so that different latents become different behaviours in the demonstrations' style.
    A diversity loss makes the actions differ as much as the latents.

    The rollout holds more, [T, N, ...]: latents, other_latents (fresh ones, for the diversity loss) and
    mutual_information_rewards, _values and _returns.

    Using a policy: `act` keeps one latent per world, drawn and renewed as in training but apart from it.
    `hold_latents` fixes them, and `protomotions_algos.ase.slerp` goes from one to another:

        one, other = torch.eye(agent.config.latent_dim)[:2]
        for t in range(100):
            agent.hold_latents(slerp(one, other, t / 99))
            observation, *_ = env.step(agent.act(observation))

    Args:
        env: Vector environment with a Dict observation, as AMP wants it.
        config: Settings.
        device: Where networks and rollouts live.
        seed: Decides the first weights, latents, actions and demonstrations and the environment's first seed.

    Raises:
        AlgorithmError: The environment or a setting doesn't fit; nothing was stepped.
    """

    config: ASEConfig  # ty: ignore[incompatible-mutable-override]
    actor_input: LatentInput

    def __init__(self, env: VectorEnv, config: ASEConfig, *, device: str | torch.device = "cpu", seed: int = 0) -> None:
        require_named_parts(env.single_observation_space)
        require_comparable_actions(env.single_action_space, config.diversity_weight)
        super().__init__(env, config, device=device, seed=seed)
        self.encoder_optimizer = GuardedAdam(
            self.encoder.parameters(), config.encoder_learning_rate, config.max_grad_norm
        )
        # Its own, so that using the policy between two rollouts leaves the training as it was.
        generator = torch.Generator(self.device).manual_seed(seed)
        self.playing = PlayingLatents(config.latent_dim, config.latent_steps, generator)

    def reward_weights(self) -> dict[str, float]:
        """Return the weights of AMP's rewards and of the mutual information."""
        return {**super().reward_weights(), "mutual_information_": self.config.mutual_information_weight}

    def build_networks(self, generator: torch.Generator) -> None:
        """Make AMP's networks and the encoder."""
        super().build_networks(generator)
        config = self.config
        self.encoder = LatentEncoder(
            self.discriminator_input.num_features,
            config.encoder_hidden_units,
            config.latent_dim,
            activation=config.activation,
            generator=generator,
        ).to(self.device)

    def build_input(self, keys: tuple[str, ...] | None, purpose: str, *, centered: bool = True) -> NetworkInput:
        """Return the input of a network; those of actor and critic end with the latent."""
        if purpose == "discriminator_inputs":
            return super().build_input(keys, purpose, centered=centered)
        config, space = self.config, self.env.single_observation_space
        return LatentInput(
            space,
            self.env.num_envs,
            other_parts(space, config.discriminator_inputs) if keys is None else keys,
            latent_dim=config.latent_dim,
            device=self.device,
            purpose=purpose,
            normalize=config.normalize_observations,
            clip=config.observation_clip,
        )

    def build_storage(self) -> None:
        """Allocate the latents."""
        super().build_storage()
        config = self.config
        self.storage.add("latents", (config.latent_dim,))
        self.storage.add("other_latents", (config.latent_dim,))
        self.latents = HeldLatents(self.env.num_envs, config.latent_dim, config.latent_steps, self.generator)

    def modules(self) -> dict[str, nn.Module]:
        """Return the networks and moments."""
        return {**super().modules(), "encoder": self.encoder}

    def optimizers(self) -> dict[str, GuardedAdam]:
        """Return the optimisers of all networks."""
        return {**super().optimizers(), "encoder": self.encoder_optimizer}

    def prepare(self, t: int, observation: Observation) -> None:
        """Write the networks' inputs for step `t`, with the latents that hold in it."""
        super().prepare(t, with_latents(observation, self.latents.values))

    def record(self, t: int, step: Step) -> None:
        """Write what step `t` gave under its latents, then let their time pass, whatever ended."""
        super().record(t, step_with_latents(step, self.latents.values))
        self.storage["latents"][t] = self.latents.values
        self.latents.advance()

    def write_rewards(self) -> None:
        """Write the rewards of style and of mutual information to the rollout."""
        super().write_rewards()
        storage = self.storage
        passes = zip(
            storage.flat("discriminator_inputs").split(ROWS_PER_PASS),
            storage.flat("latents").split(ROWS_PER_PASS),
            strict=True,
        )
        rewards = [mutual_information_rewards(self.encode(features), latents) for features, latents in passes]
        target = storage["mutual_information_rewards"]
        target.copy_(torch.cat(rewards).view_as(target))
        self.metrics.mean("reward/mutual_information_mean", masked_mean(target, storage.get("valid")))

    def encode(self, features: Tensor) -> Tensor:
        """Return the latents [B, D] that features [B, F], as the environment gave them, look like."""
        return self.encoder(self.discriminator_input.normalize(features))

    def draw_samples(self) -> None:
        """Draw what the updates see beside the rollout, also the latents that its own are compared with."""
        super().draw_samples()
        if self.config.diversity_weight > 0.0:
            target = self.storage["other_latents"]
            fresh = draw_on_sphere(self.storage.num_samples, self.config.latent_dim, self.generator)
            target.copy_(fresh.view_as(target))

    def minibatch(self, rows: Tensor) -> dict[str, Tensor]:
        """Return what an update sees of the samples with these numbers, long, [B]."""
        return {**super().minibatch(rows), **self.storage.samples(("latents", "other_latents"), rows)}

    def actor_loss(self, batch: dict[str, Tensor], parameters: Tensor, *, adapt: bool) -> Tensor:
        """Return PPO's loss and the diversity loss, a scalar."""
        loss = super().actor_loss(batch, parameters, adapt=adapt)
        if self.config.diversity_weight == 0.0:
            return loss
        inputs = self.actor_input.exchanged(batch["actor_inputs"], batch["other_latents"])
        with self.autocast():
            others = self.policy(inputs).float()
        mode = self.distribution.mode
        losses = diversity_loss(mode(parameters), mode(others), batch["latents"], batch["other_latents"])
        diversity = masked_mean(losses, batch.get("valid"))
        self.metrics.mean("loss/diversity", diversity)
        return loss + self.config.diversity_weight * diversity

    def after_minibatch(self, batch: dict[str, Tensor]) -> None:
        """Update the discriminator and the encoder."""
        super().after_minibatch(batch)
        self.descend("encoder", self.encoder_optimizer, self.encoder_loss(batch))

    def encoder_loss(self, batch: dict[str, Tensor]) -> Tensor:
        """Return the encoder's loss, a scalar, on the policy's samples that the discriminator sees too."""
        config, features = self.config, self.discriminator_input.normalize(batch["discriminator_inputs"])
        count = features.shape[0]
        latents, valid = batch["latents"][:count], batch["valid"][:count] if "valid" in batch else None
        directions = self.encoder(features)
        loss = masked_mean(encoder_losses(directions, latents), valid)
        self.metrics.mean("loss/encoder", loss)
        if config.encoder_gradient_penalty > 0.0:
            penalty = masked_mean(encoder_gradient_penalty(self.encoder, features, latents), valid)
            self.metrics.mean("encoder/gradient_penalty", penalty)
            loss = loss + config.encoder_gradient_penalty * penalty
        if config.uniformity_weight > 0.0:
            uniformity = uniformity_loss(torch.cat([directions, self.encode(batch["demonstrations"])]))
            self.metrics.mean("encoder/uniformity", uniformity)
            loss = loss + config.uniformity_weight * uniformity
        return loss

    @torch.no_grad()
    def act(self, observation: Observation, deterministic: bool = True) -> Tensor:
        """Return actions for any number of worlds N', as the environment wants them, on the agent's device.

        Each call is one step: latents are drawn for N' worlds at the first, held and renewed as in training, or those
        of `hold_latents`. A call for another number of worlds draws new ones.
        """
        latents = self.playing.next(count_worlds(observation))
        return super().act(with_latents(observation, latents), deterministic)

    def hold_latents(self, latents: Tensor | None) -> None:
        """Let `act` go by these latents until further notice; training isn't affected.

        Args:
            latents: One for all worlds, [D], or one for each, [N', D]; scaled to unit length. None draws them again.

        Raises:
            AlgorithmError: The shape is another one, or a latent has no direction.
        """
        self.playing.fix(latents)

    def state_dict(self) -> StateDict:
        """Return all that a resumed run needs, latents included, as plain data."""
        return {**super().state_dict(), "latents": self.latents.state_dict()}

    def load_state_dict(self, state: Mapping[str, object]) -> None:
        """Continue from what `state_dict` returned; with another number of worlds, new latents are drawn.

        Raises:
            CheckpointError: The state is of other networks, or of another replay.
        """
        super().load_state_dict(state)
        self.latents.load_state_dict(state["latents"])  # ty: ignore[invalid-argument-type]
