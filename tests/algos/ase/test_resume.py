# SPDX-License-Identifier: Apache-2.0
"""A resumed run of ASE goes on as if it had not been interrupted."""

import pytest
import torch
from gymnasium.vector import AutoresetMode

from protomotions_algos.amp import AMP, AMPConfig
from protomotions_algos.common.checkpoints import CheckpointFolder
from protomotions_algos.errors import CheckpointError


def deterministic(metrics):
    """The figures that don't depend on the clock, NaN made comparable."""
    return {name: str(value) for name, value in metrics.items() if not name.startswith("time/")}


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
def test_bit_for_bit(small_ase, drift_env, tmp_path, mode):
    """Latents, their times, encoder and all else: three epochs more give the same bits in another process."""
    going_on = small_ase(drift_env(mode=mode), seed=5)
    for _ in range(3):
        going_on.iterate()
    CheckpointFolder(tmp_path).save(going_on.state_dict())
    going_on.restart()
    expected = [deterministic(going_on.iterate()) for _ in range(3)]

    torch.manual_seed(99)
    resumed = small_ase(drift_env(mode=mode), seed=5)
    resumed.iterate()
    resumed.load_state_dict(CheckpointFolder(tmp_path).load())
    assert [deterministic(resumed.iterate()) for _ in range(3)] == expected
    assert torch.equal(resumed.latents.values, going_on.latents.values)
    assert torch.equal(resumed.latents.remaining, going_on.latents.remaining)
    for name, module in going_on.modules().items():
        for key, value in module.state_dict().items():
            assert torch.equal(value, resumed.modules()[name].state_dict()[key]), f"{name}.{key}"


def test_another_number_of_worlds(small_ase, drift_env):
    """A policy trained in eight worlds can be used, and trained on, in two."""
    saved = small_ase(drift_env())
    saved.iterate()
    agent = small_ase(drift_env(num_envs=2))
    agent.load_state_dict(saved.state_dict())
    assert agent.latents.values.shape == (2, 3)
    assert agent.iterate()["update/actor_skipped"] == 0.0


def test_other_latents_are_refused(small_ase, drift_env):
    """A checkpoint with latents of another size, or of AMP, has other networks."""
    agent = small_ase(drift_env())
    with pytest.raises(CheckpointError, match=r"policy\.network\.0\.weight has shape"):
        agent.load_state_dict(small_ase(drift_env(), latent_dim=5).state_dict())
    amp = AMP(drift_env(), AMPConfig(num_steps=8, replay_size=100))
    with pytest.raises(CheckpointError, match="it is of another algorithm"):
        agent.load_state_dict(amp.state_dict())
