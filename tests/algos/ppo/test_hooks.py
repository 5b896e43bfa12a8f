# SPDX-License-Identifier: Apache-2.0
"""An algorithm that builds on PPO is a few overridden hooks; this one learns from a reward of its own."""

import torch
from torch import nn

from protomotions_algos.common.optimization import GuardedAdam
from protomotions_algos.ppo import PPO, PPOConfig


class Curious(PPO):
    """Rewards states that a small network can't predict yet, in place of the environment's reward."""

    def build_networks(self, generator):
        """Add a predictor of the input's square."""
        super().build_networks(generator)
        self.predictor = nn.Linear(self.actor_input.num_features, 1)
        self.place(self.predictor)
        self.predictor_optimizer = GuardedAdam(self.predictor.parameters(), 1e-2, 0.0)

    def build_storage(self):
        """Add what is recorded at each step."""
        super().build_storage()
        self.storage.add("surprise")

    def record(self, t, step):
        """Record the error of the prediction."""
        super().record(t, step)
        self.storage["surprise"][t] = self.errors(self.storage["actor_inputs"][t])

    def errors(self, inputs):
        """Squared error of the prediction, [B]."""
        return (self.predictor(inputs)[:, 0] - inputs.square().sum(dim=1)).square()

    def rollout_rewards(self, prefix=""):
        """Maximise the recorded errors."""
        return self.storage["surprise"]

    def after_minibatch(self, batch):
        """Teach the predictor with PPO's minibatch."""
        loss = self.errors(batch["actor_inputs"]).mean()
        self.predictor_optimizer.zero_grad()
        loss.backward()
        self.predictor_optimizer.step()
        self.metrics.mean("loss/predictor", loss)

    def modules(self):
        """Checkpoint the predictor."""
        return {**super().modules(), "predictor": self.predictor}

    def optimizers(self):
        """Checkpoint its optimiser."""
        return {**super().optimizers(), "predictor": self.predictor_optimizer}


def test_hooks_are_enough(point_env):
    """Recording, rewards, losses, figures and checkpoints of the new part all take effect."""
    config = PPOConfig(num_steps=8, hidden_units=(8,), critic_hidden_units=(8,))
    agent = Curious(point_env(), config, seed=0)
    losses = [agent.iterate()["loss/predictor"] for _ in range(30)]
    assert losses[-1] < losses[0]
    assert not torch.equal(agent.rollout_rewards(), agent.storage["rewards"])
    resumed = Curious(point_env(), config, seed=1)
    resumed.load_state_dict(agent.state_dict())
    assert torch.equal(resumed.predictor.weight, agent.predictor.weight)
    assert resumed.iterate()["loss/predictor"] < losses[0]
