# SPDX-License-Identifier: Apache-2.0
"""A resumed run goes on as if it had not been interrupted."""

import gymnasium
import pytest
import torch
from gymnasium.vector import AutoresetMode

from protomotions_algos.common.checkpoints import CheckpointFolder
from protomotions_algos.errors import CheckpointError

OPTIONS = [
    {},
    {"normalize_rewards": True, "desired_kl": 0.01, "min_std": 0.1, "entropy_coef": 0.01},
    {"actor_inputs": ("position",), "clip_value_loss": True},
    {"normalize_observations": False, "learn_std": False},
    {"final_std": 0.5, "final_std_steps": 150},
]


def deterministic(metrics):
    """The figures that don't depend on the clock, NaN made comparable."""
    return {name: str(value) for name, value in metrics.items() if not name.startswith("time/")}


@pytest.mark.parametrize("mode", [AutoresetMode.SAME_STEP, AutoresetMode.NEXT_STEP])
@pytest.mark.parametrize("settings", OPTIONS)
def test_bit_for_bit(small_ppo, point_env, tmp_path, mode, settings):
    """Three epochs, a checkpoint and three more give the same bits whether or not the process changed in between."""
    going_on = small_ppo(point_env(mode=mode), seed=5, **settings)
    for _ in range(3):
        going_on.iterate()
    CheckpointFolder(tmp_path).save(going_on.state_dict())
    going_on.restart()
    expected = [deterministic(going_on.iterate()) for _ in range(3)]

    torch.manual_seed(99)
    resumed = small_ppo(point_env(mode=mode), seed=5, **settings)
    resumed.iterate()
    resumed.load_state_dict(CheckpointFolder(tmp_path).load())
    assert (resumed.epoch, resumed.env_steps) == (3, 96)
    assert [deterministic(resumed.iterate()) for _ in range(3)] == expected
    for name, module in going_on.modules().items():
        for key, value in module.state_dict().items():
            assert torch.equal(value, resumed.modules()[name].state_dict()[key]), f"{name}.{key}"


def test_runs_repeat(small_ppo, point_env):
    """The same seed gives the same figures, another seed gives others."""
    runs = [[deterministic(agent.iterate()) for _ in range(3)]
            for agent in (small_ppo(point_env(), seed=seed) for seed in (1, 1, 2))]  # fmt: skip
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_restart_uses_new_seeds(small_ppo, point_env):
    """A resumed run doesn't begin with the start states that the first one began with."""
    env = point_env()
    agent = small_ppo(env, seed=3)
    agent.iterate()
    agent.restart()
    assert env.seeds == [3, 1_000_006]


def test_own_settings_win_over_the_checkpoint(small_ppo, point_env):
    """Learning rates are those of the settings, the actor's times what adaptation had made of it."""
    saved = small_ppo(point_env(), learning_rate=1e-3, critic_learning_rate=2e-3, desired_kl=1e-6)
    for _ in range(3):
        saved.iterate()
    scale = saved.adaptive_rate.scale.item()
    assert scale != 1.0
    fixed, adaptive = (small_ppo(point_env(), learning_rate=1e-4, desired_kl=kl) for kl in (None, 1e-6))
    for agent in (fixed, adaptive):
        agent.load_state_dict(saved.state_dict())
    assert fixed.actor_optimizer.current_rate.item() == pytest.approx(1e-4)
    assert adaptive.actor_optimizer.current_rate.item() == pytest.approx(1e-4 * scale)
    assert adaptive.critic_optimizers[""].current_rate.item() == pytest.approx(1e-3)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"hidden_units": (9,)}, r"policy\.network\.0\.bias has shape \(8,\), this run's has \(9,\)"),
        ({"hidden_units": (8, 8)}, r"policy\.network\.2\.bias has shape \(1,\), this run's has \(8,\)"),
        ({"actor_inputs": ("speed",)}, r"actor_input\.normalizer\.mean has shape"),
        ({"normalize_rewards": True}, r"the checkpoint's modules are .* expected .*return_scaler"),
    ],
)
def test_other_networks_are_refused(small_ppo, point_env, settings, message):
    """The message names what differs, and the agent stays as it was."""
    state = small_ppo(point_env()).state_dict()
    agent = small_ppo(point_env(), **settings)
    before = {key: value.clone() for key, value in agent.critics[""].state_dict().items()}
    with pytest.raises(CheckpointError, match=message):
        agent.load_state_dict(state)
    assert all(torch.equal(value, agent.critics[""].state_dict()[key]) for key, value in before.items())


def test_other_environment_is_refused(small_ppo, point_env):
    """A checkpoint of an environment with other observations."""
    agent = small_ppo(gymnasium.make_vec("CartPole-v1", num_envs=2))
    with pytest.raises(CheckpointError, match="shape"):
        agent.load_state_dict(small_ppo(point_env()).state_dict())


def test_loads_on_another_kind_of_device(small_ppo, point_env):
    """A generator's state of another kind of device is replaced by one that follows from seed and epoch."""
    agent = small_ppo(point_env())
    state = agent.state_dict() | {"generator": torch.zeros(16, dtype=torch.uint8), "epoch": 2}
    agent.load_state_dict(state)
    expected = torch.Generator().manual_seed(2_000_006)
    assert torch.equal(agent.generator.get_state(), expected.get_state())
