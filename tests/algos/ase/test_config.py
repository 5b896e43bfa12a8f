# SPDX-License-Identifier: Apache-2.0
"""ASE's settings, and what they and the environment must fulfil, are checked before anything is stepped."""

import ast
import inspect

import numpy as np
import pytest
from gymnasium import spaces

from protomotions_algos.amp import AMPConfig
from protomotions_algos.ase import ASE, ASEConfig
from protomotions_algos.errors import AlgorithmError


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"latent_dim": 1}, "latent_dim is 1, but must be at least 2"),
        ({"latent_steps": (0, 5)}, r"latent_steps is \(0, 5\), but must be two numbers of steps"),
        ({"latent_steps": (6, 5)}, r"latent_steps is \(6, 5\)"),
        ({"latent_steps": (6,)}, r"latent_steps is \(6,\)"),
        ({"mutual_information_weight": -1.0}, "mutual_information_weight is -1.0, but must be 0 or above"),
        ({"diversity_weight": -1.0}, "diversity_weight is -1.0"),
        ({"uniformity_weight": -0.1}, "uniformity_weight is -0.1"),
        ({"encoder_gradient_penalty": -0.1}, "encoder_gradient_penalty is -0.1"),
        ({"encoder_learning_rate": 0.0}, "encoder_learning_rate is 0.0, but must be above 0"),
        ({"encoder_hidden_units": (0,)}, r"encoder_hidden_units is \(0,\)"),
        ({"style_weight": -1.0}, "style_weight is -1.0"),
    ],
)
def test_values_out_of_range(settings, message):
    """The message has the name, the value and what is expected."""
    with pytest.raises(AlgorithmError, match=message):
        ASEConfig(**settings)


def test_lists_become_tuples():
    """As YAML gives them."""
    config = ASEConfig(latent_steps=[2, 3], encoder_hidden_units=[8])
    assert (config.latent_steps, config.encoder_hidden_units) == ((2, 3), (8,))


def test_it_is_an_amp_config():
    """With the weights of the paper's tasks, and a name of its own."""
    config = ASEConfig()
    assert isinstance(config, AMPConfig)
    assert config.algorithm == "ase"
    assert (config.task_weight, config.style_weight, config.mutual_information_weight) == (0.0, 0.5, 0.5)


def test_every_field_has_its_help_text():
    """A string literal follows each field in the source."""
    body = ast.parse(inspect.getsource(ASEConfig)).body[0].body
    fields = [index for index, node in enumerate(body) if isinstance(node, ast.AnnAssign)]
    assert len(fields) == 11
    for index in fields:
        assert isinstance(body[index + 1], ast.Expr)
        assert isinstance(body[index + 1].value.value, str)


def test_an_observation_without_parts(drift_env):
    """The discriminator's part could not be told from the actor's."""
    env = drift_env()
    env.single_observation_space = spaces.Box(-1.0, 1.0, (6,))
    with pytest.raises(AlgorithmError, match=r"is a Box space, but ASE needs a Dict"):
        ASE(env, ASEConfig(discriminator_inputs=None))


def test_an_observation_with_a_latent(drift_env):
    """The environment's part would be lost."""
    env = drift_env()
    parts = {**env.single_observation_space.spaces, "latent": spaces.Box(-1.0, 1.0, (2,))}
    env.single_observation_space = spaces.Dict(parts)
    with pytest.raises(AlgorithmError, match="has a part named 'latent'"):
        ASE(env, ASEConfig())


def test_choices_have_no_distance(drift_env):
    """The diversity loss is for continuous actions; without it choices are welcome."""
    env = drift_env()
    env.single_action_space = spaces.Discrete(3)
    with pytest.raises(AlgorithmError, match=r"diversity_weight is 0.01, but the actions are a Discrete space"):
        ASE(env, ASEConfig())
    assert ASE(env, ASEConfig(diversity_weight=0.0)).distribution.num_outputs == 3


def test_what_amp_asks_for(drift_env):
    """AMP's own checks are made too: the discriminator's part and its batch."""
    env = drift_env()
    with pytest.raises(AlgorithmError, match="discriminator_batch_size is 64"):
        ASE(env, ASEConfig(num_steps=8, batch_size=32, discriminator_batch_size=64))
    env.single_observation_space = spaces.Dict({"state": spaces.Box(-np.inf, np.inf, (2,))})
    with pytest.raises(AlgorithmError, match="'style' is no part of the observation"):
        ASE(env, ASEConfig())
