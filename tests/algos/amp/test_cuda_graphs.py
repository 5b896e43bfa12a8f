# SPDX-License-Identifier: Apache-2.0
"""Captured updates on a GPU, gradient penalty included: the same learning as one operation after another."""

import pytest
import torch
from tests.algos.amp.orbit import OrbitEnv

from protomotions_algos.amp import AMP, AMPConfig

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


class NumpyOrbitEnv(OrbitEnv):
    """Takes actions of any device and draws demonstrations on the CPU."""

    def step(self, actions):
        """Push the points."""
        return super().step(actions.cpu())

    def sample_demonstrations(self, count, generator):
        """Return points on the circle."""
        seed = int(torch.randint(1 << 30, (1,), generator=generator, device=generator.device))
        return super().sample_demonstrations(count, torch.Generator().manual_seed(seed))

    def end_episodes(self, mask):
        """Let episodes terminate in the next step."""
        super().end_episodes(mask.cpu())


def test_training_with_and_without_graphs_is_the_same():
    """Weights and figures after eight epochs, and after a resumption in between."""
    config = {"num_steps": 8, "batch_size": 16, "num_mini_epochs": 3, "hidden_units": (16,), "replay_size": 200}
    own = {"discriminator_hidden_units": (16,), "discriminator_batch_size": 12, "ending_threshold": 0.5}
    agents = [
        AMP(NumpyOrbitEnv(8), AMPConfig(**config, **own, graph=graph, tf32=False), device="cuda")
        for graph in (True, False)
    ]
    for epoch in range(8):
        figures = [agent.iterate() for agent in agents]
        for name in ("discriminator/loss", "discriminator/gradient_penalty", "reward/style_mean", "loss/style_value"):
            assert figures[0][name] == pytest.approx(figures[1][name], rel=1e-3, abs=1e-5), name
        if epoch == 4:
            for agent in agents:
                agent.load_state_dict(agent.state_dict())
    for one, other in zip(agents[0].discriminator.parameters(), agents[1].discriminator.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-3)
