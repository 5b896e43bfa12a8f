# SPDX-License-Identifier: Apache-2.0
"""Settings are checked when they are made."""

import ast
import dataclasses
import inspect

import pytest

from protomotions_algos.common.config import OnPolicyConfig
from protomotions_algos.errors import AlgorithmError
from protomotions_algos.ppo import PPOConfig


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"num_steps": 0}, "num_steps is 0, but must be at least 1"),
        ({"batch_size": 0}, "batch_size is 0"),
        ({"learning_rate": 0.0}, "learning_rate is 0.0, but must be above 0"),
        ({"critic_learning_rate": -1.0}, "critic_learning_rate is -1.0"),
        ({"gamma": 1.5}, "gamma is 1.5, but must be between 0 and 1"),
        ({"gae_lambda": -0.1}, "gae_lambda is -0.1"),
        ({"truncation_value": "last"}, "truncation_value 'last' is unknown"),
        ({"clip": 0.0}, "clip is 0.0"),
        ({"entropy_coef": -1.0}, "entropy_coef is -1.0"),
        ({"desired_kl": 0.0}, "desired_kl is 0.0, but must be above 0, or None"),
        ({"desired_kl": 0.01, "learning_rate": 0.5}, "learning_rate is 0.5, but must be between min_learning_rate"),
        ({"max_grad_norm": -1.0}, "max_grad_norm is -1.0, but must be 0 or above"),
        ({"initial_std": 0.1, "min_std": 0.2}, "initial_std is 0.1, but must be min_std"),
        ({"initial_std": 0.1, "final_std": 0.2}, "final_std is 0.2, but must be above 0, between min_std"),
        ({"final_std": 0.0}, "final_std is 0.0"),
        ({"final_std_steps": 0}, "final_std_steps is 0"),
        ({"hidden_units": (8, 0)}, r"hidden_units is \(8, 0\)"),
        ({"critic_hidden_units": (0,)}, r"critic_hidden_units is \(0,\)"),
        ({"activation": "elo"}, "activation 'elo' is unknown.*did you mean 'elu'"),
        ({"save_every": 0}, "save_every is 0"),
        ({"eval_every": -1}, "eval_every is -1"),
    ],
)
def test_values_out_of_range(settings, message):
    """The message has the name, the value and what is expected."""
    with pytest.raises(AlgorithmError, match=message):
        PPOConfig(**settings)


def test_lists_become_tuples():
    """As YAML gives them; the config stays hashable."""
    config = PPOConfig(hidden_units=[8, 4], critic_hidden_units=[2], actor_inputs=["a"], critic_inputs=["b"])
    assert (config.hidden_units, config.critic_hidden_units) == ((8, 4), (2,))
    assert (config.actor_inputs, config.critic_inputs) == (("a",), ("b",))
    assert hash(config) == hash(dataclasses.replace(config))


@pytest.mark.parametrize("config", [OnPolicyConfig, PPOConfig])
def test_every_field_has_its_help_text(config):
    """A string literal follows each field in the source."""
    body = ast.parse(inspect.getsource(config)).body[0].body
    fields = [index for index, node in enumerate(body) if isinstance(node, ast.AnnAssign)]
    assert fields
    for index in fields:
        following = body[index + 1]
        assert isinstance(following, ast.Expr)
        assert isinstance(following.value, ast.Constant)
        assert isinstance(following.value.value, str)
