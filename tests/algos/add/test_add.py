# SPDX-License-Identifier: Apache-2.0
"""ADD is AMP with no difference as its only demonstration."""

import pytest
import torch
from gymnasium.vector import AutoresetMode
from tests.algos.add.chase import ChaseEnv

from protomotions_algos.add import ADD, ADDConfig
from protomotions_algos.common.checkpoints import CheckpointFolder
from protomotions_algos.errors import AlgorithmError

SMALL = {
    "num_steps": 8,
    "num_mini_epochs": 2,
    "hidden_units": (8,),
    "critic_hidden_units": (8,),
    "discriminator_hidden_units": (8,),
    "replay_size": 100,
}
MODES = [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP]


def small_add(env, *, seed=0, **settings):
    """An ADD with tiny networks."""
    return ADD(env, ADDConfig(**{**SMALL, **settings}), seed=seed)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("settings", [{}, {"replay_size": 0}, {"task_weight": 0.5}, {"normalize_observations": False}])
def test_options_train(mode, settings):
    """All networks change without a skipped update, in an environment that has no demonstrations."""
    agent = small_add(ChaseEnv(8, mode), **settings)
    networks = (agent.policy, *agent.critics.values(), agent.discriminator)
    before = [parameter.detach().clone() for network in networks for parameter in network.parameters()]
    for _ in range(3):
        metrics = agent.iterate()
        assert {value for name, value in metrics.items() if name.endswith("_skipped")} == {0.0}
    after = [parameter for network in networks for parameter in network.parameters()]
    assert all(not torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert "demonstrations" not in agent.samples


def test_no_difference_is_the_demonstration():
    """The discriminator's positive sample is zero after scaling, and so is a world that meets its reference."""
    agent = small_add(ChaseEnv(8))
    for _ in range(2):
        agent.iterate()
    batch = agent.minibatch(torch.arange(16))
    assert agent.positive_samples(batch).tolist() == [[0.0] * 4]
    met = agent.discriminator_input({"tracking_difference": torch.zeros(1, 4)})
    assert torch.equal(met, agent.positive_samples(batch))
    agent.metrics.take()
    agent.discriminator_loss(batch)
    at_zero = agent.discriminator(torch.zeros(1, 4)).item()
    assert agent.metrics.take()["discriminator/logit_demonstrations"] == pytest.approx(at_zero)


def test_differences_are_scaled_by_their_size():
    """The moments are those of the policy's differences alone."""
    agent = small_add(ChaseEnv(8), replay_size=0, batch_size=32, discriminator_batch_size=16)
    agent.collect()
    agent.finish_rollout()
    agent.commit_inputs()
    normalizer = agent.discriminator_input.normalizer
    assert normalizer.count == 32
    assert not normalizer.shift.any()
    squares = agent.storage.flat("discriminator_inputs").square().mean(dim=0)
    # Half the rollout is drawn, so its mean squares are near those of all of it.
    torch.testing.assert_close(1.0 / normalizer.scale.square(), squares, rtol=0.5, atol=0.0)


@pytest.mark.parametrize("mode", MODES)
def test_gradient_penalty_at_the_policys_differences(mode):
    """The gradient of a linear discriminator is its weight, wherever it is taken; of a deep one it is the policy's."""
    agent = small_add(ChaseEnv(8, mode, limit=3), discriminator_hidden_units=(6,), discriminator_activation="tanh")
    agent.iterate()
    batch = agent.minibatch(torch.arange(16, 32))
    agent.metrics.take()
    agent.discriminator_loss(batch)
    features = agent.discriminator_input.normalize(batch["discriminator_inputs"])
    jacobians = torch.func.vmap(torch.func.jacrev(lambda row: agent.discriminator(row[None])[0]))(features)
    squares = jacobians.square().sum(dim=1)
    expected = squares[batch["valid"]].mean() if "valid" in batch else squares.mean()
    assert mode is AutoresetMode.SAME_STEP or not batch["valid"].all()
    assert agent.metrics.take()["discriminator/gradient_penalty"] == pytest.approx(expected.item(), rel=1e-4)


def test_environment_without_differences(point_env):
    """The part that is missing is named."""
    with pytest.raises(
        AlgorithmError, match="discriminator_inputs 'tracking_difference' is no part of the observation"
    ):
        small_add(point_env())


@pytest.mark.parametrize("mode", MODES)
def test_resumes_bit_for_bit(mode, tmp_path):
    """A loaded agent goes on like the one that was saved."""
    going_on, resumed = small_add(ChaseEnv(4, mode), seed=1), small_add(ChaseEnv(4, mode), seed=1)
    for _ in range(2):
        going_on.iterate()
    CheckpointFolder(tmp_path).save(going_on.state_dict())
    resumed.load_state_dict(CheckpointFolder(tmp_path).load())
    going_on.restart()
    for agent in (going_on, resumed):
        agent.iterate()
    for one, other in zip(going_on.discriminator.parameters(), resumed.discriminator.parameters(), strict=True):
        assert torch.equal(one, other)
