# SPDX-License-Identifier: Apache-2.0
"""Captured updates on a GPU: the same learning as one operation after another."""

import gymnasium
import pytest
import torch

from protomotions_algos.common.cuda_graphs import CapturedUpdate
from protomotions_algos.common.statistics import MetricSums
from protomotions_algos.ppo import PPO, PPOConfig

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")


def test_a_captured_update_does_and_reports_what_the_update_does():
    """A parameter that moves by the mean of chosen samples, ten times; each move is reported once."""
    samples, parameter, metrics = torch.arange(6.0, device="cuda"), torch.zeros((), device="cuda"), MetricSums()

    def update(rows: torch.Tensor) -> None:
        move = samples[rows].mean()
        parameter.add_(move)
        metrics.mean("move", move)
        metrics.total("samples", torch.ones((), device="cuda") * len(rows))

    captured = CapturedUpdate(update, metrics)
    for step in range(10):
        captured(torch.tensor([step % 6, (step + 1) % 6], device="cuda"))
    moves = [(step % 6 + (step + 1) % 6) / 2 for step in range(10)]
    assert parameter.item() == pytest.approx(sum(moves))
    assert metrics.take() == pytest.approx({"move": sum(moves) / 10, "samples": 20.0})


def test_training_with_and_without_graphs_is_the_same():
    """Weights, learning rate and figures after six epochs, and after a resumption in between."""
    config = {"num_steps": 8, "batch_size": 8, "num_mini_epochs": 3, "desired_kl": 0.01, "hidden_units": (16,)}
    agents = [
        PPO(gymnasium.make_vec("Pendulum-v1", 4), PPOConfig(**config, graph=graph, tf32=False), device="cuda")
        for graph in (True, False)
    ]
    for epoch in range(6):
        figures = [agent.iterate() for agent in agents]
        for name in ("loss/policy", "loss/value", "policy/kl", "policy/learning_rate", "update/actor_gradient_norm"):
            assert figures[0][name] == pytest.approx(figures[1][name], rel=1e-3, abs=1e-5), name
        if epoch == 3:
            for agent in agents:
                agent.load_state_dict(agent.state_dict())
    for one, other in zip(agents[0].policy.parameters(), agents[1].policy.parameters(), strict=True):
        torch.testing.assert_close(one, other, atol=1e-4, rtol=1e-3)
