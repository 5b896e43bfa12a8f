# SPDX-License-Identifier: Apache-2.0
"""What a policy's own discriminator says of it while it is evaluated."""

from __future__ import annotations

import torch
from torch import Tensor

from protomotions_algos.amp import AMP
from protomotions_algos.common.protocols import Observation
from protomotions_envs import HumanoidVectorEnv

_DEMONSTRATIONS = 4096

DEFINITIONS = {
    "style_reward": "Mean reward that the discriminator gives, over all worlds and moments, fallen robots included",
    "discriminator_accuracy_policy": "Share of those moments that the discriminator takes for the policy's",
    "discriminator_accuracy_demonstrations": "Share of random demonstrations that it takes for such",
}


class StyleJudge:
    """Acts as a policy does, and lets the policy's discriminator look on.

    Args:
        agent: The policy with its discriminator.
        env: The worlds that it acts in.
    """

    def __init__(self, agent: AMP, env: HumanoidVectorEnv) -> None:
        self._agent = agent
        self._env = env
        # Sums of rewards and of moments that are told apart, and their number.
        self._sums = torch.zeros(3, dtype=torch.float64, device=agent.device)

    @torch.no_grad()
    def __call__(self, observation: Observation) -> Tensor:
        """Return the policy's actions, [N, J]."""
        agent = self._agent
        features = agent.discriminator_input.encoder(observation)
        logits = agent.discriminator(agent.discriminator_input.normalize(features))
        counts = agent.style_rewards(features), logits < 0.0, torch.ones_like(logits)
        self._sums += torch.stack([count.double().sum() for count in counts])
        return agent.act(observation)

    @torch.no_grad()
    def metrics(self) -> dict[str, float]:
        """Return the figures of `DEFINITIONS`; that of demonstrations only where the algorithm has such."""
        agent = self._agent
        reward, right, count = self._sums.tolist()
        figures = {"style_reward": reward / max(count, 1), "discriminator_accuracy_policy": right / max(count, 1)}
        if agent.uses_demonstrations:
            shown = self._env.sample_demonstrations(_DEMONSTRATIONS, torch.Generator(agent.device).manual_seed(0))
            features = agent.discriminator_input.encoder(shown)
            logits = agent.discriminator(agent.discriminator_input.normalize(features))
            figures["discriminator_accuracy_demonstrations"] = float((logits > 0.0).float().mean())
        return figures
