# SPDX-License-Identifier: Apache-2.0
"""A resumed run goes on as if it had not been interrupted, replay included."""

import pytest
import torch
from gymnasium.vector import AutoresetMode
from tests.algos.amp.orbit import OrbitEnv

from protomotions_algos.common.checkpoints import CheckpointFolder
from protomotions_algos.errors import CheckpointError

OPTIONS = [
    {},
    {"task_weight": 0.5, "normalize_rewards": True, "desired_kl": 0.01},
    {"replay_size": 0, "normalize_observations": False},
    {"ending_threshold": 0.5, "ending_steps": 2, "discriminator_batch_size": 3},
]


def deterministic(metrics):
    """The figures that don't depend on the clock, NaN made comparable."""
    return {name: str(value) for name, value in metrics.items() if not name.startswith("time/")}


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
@pytest.mark.parametrize("settings", OPTIONS)
def test_bit_for_bit(small_amp, tmp_path, mode, settings):
    """Three epochs, a checkpoint and three more give the same bits whether or not the process changed in between."""
    going_on = small_amp(OrbitEnv(mode=mode), seed=5, **settings)
    for _ in range(3):
        going_on.iterate()
    CheckpointFolder(tmp_path).save(going_on.state_dict())
    going_on.restart()
    expected = [deterministic(going_on.iterate()) for _ in range(3)]

    torch.manual_seed(99)
    resumed = small_amp(OrbitEnv(mode=mode), seed=6, **settings)
    resumed.seed = 5
    resumed.iterate()
    resumed.load_state_dict(CheckpointFolder(tmp_path).load())
    assert [deterministic(resumed.iterate()) for _ in range(3)] == expected
    for name, module in going_on.modules().items():
        for key, value in module.state_dict().items():
            assert torch.equal(value, resumed.modules()[name].state_dict()[key]), f"{name}.{key}"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"discriminator_hidden_units": (9,)},
            r"discriminator\.logit\.weight has shape \(1, 8\), this run's has \(1, 9\)",
        ),
        ({"task_weight": 0.5}, r"modules are \[.*\], expected \[.*'critic', 'style_critic'.*other settings"),
        ({"replay_size": 50}, "replay has room for 100 rows of 3 features, this run's for 50 of 3"),
    ],
)
def test_other_settings_are_refused(small_amp, settings, message):
    """The message names what differs, and the agent stays as it was."""
    saved = small_amp(OrbitEnv())
    saved.iterate()
    agent = small_amp(OrbitEnv(), seed=1, **settings)
    before = {key: value.clone() for key, value in agent.critics["style_"].state_dict().items()}
    with pytest.raises(CheckpointError, match=message):
        agent.load_state_dict(saved.state_dict())
    assert all(torch.equal(value, agent.critics["style_"].state_dict()[key]) for key, value in before.items())
    assert len(agent.replay) == 0


def test_ppos_checkpoint_is_refused(small_amp, small_ppo):
    """It lacks a discriminator."""
    agent = small_amp(OrbitEnv(), replay_size=0)
    state = small_ppo(OrbitEnv(), actor_inputs=("state",), critic_inputs=("state",)).state_dict()
    with pytest.raises(CheckpointError, match=r"the checkpoint's modules are .* expected .*discriminator"):
        agent.load_state_dict(state)
