# SPDX-License-Identifier: Apache-2.0
"""Settings are checked when they are made."""

import ast
import inspect

import pytest

from protomotions_algos.add import ADDConfig
from protomotions_algos.amp import AMPConfig
from protomotions_algos.errors import AlgorithmError
from protomotions_algos.ppo import PPOConfig


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"discriminator_learning_rate": 0.0}, "discriminator_learning_rate is 0.0, but must be above 0"),
        ({"discriminator_batch_size": 0}, "discriminator_batch_size is 0, but must be at least 1, or None"),
        ({"discriminator_hidden_units": (8, 0)}, r"discriminator_hidden_units is \(8, 0\)"),
        ({"discriminator_activation": "rely"}, "discriminator_activation 'rely' is unknown.*did you mean 'relu'"),
        ({"task_weight": -1.0}, "task_weight is -1.0, but must be 0 or above"),
        ({"style_weight": -1.0}, "style_weight is -1.0"),
        ({"gradient_penalty": -1.0}, "gradient_penalty is -1.0"),
        ({"logit_decay": -1.0}, "logit_decay is -1.0"),
        ({"discriminator_weight_decay": -1.0}, "discriminator_weight_decay is -1.0"),
        ({"style_reward_scale": 0.0}, "style_reward_scale is 0.0, but must be above 0"),
        ({"replay_size": -1}, "replay_size is -1, but must be 0 or above"),
        ({"ending_threshold": -0.1}, "ending_threshold is -0.1"),
        ({"ending_steps": 0}, "ending_steps is 0, but must be at least 1"),
        ({"gamma": 2.0}, "gamma is 2.0"),
    ],
)
def test_values_out_of_range(settings, message):
    """The message has the name, the value and what is expected."""
    with pytest.raises(AlgorithmError, match=message):
        AMPConfig(**settings)


def test_lists_become_tuples():
    """As YAML gives them."""
    config = AMPConfig(discriminator_inputs=["a"], discriminator_hidden_units=[4], hidden_units=[3])
    assert (config.discriminator_inputs, config.discriminator_hidden_units, config.hidden_units) == (("a",), (4,), (3,))


def test_settings_know_their_algorithm():
    """By which a file of settings is read."""
    assert [config().algorithm for config in (PPOConfig, AMPConfig, ADDConfig)] == ["ppo", "amp", "add"]
    assert (AMPConfig().discriminator_inputs, ADDConfig().discriminator_inputs) == (
        ("style",),
        ("tracking_difference",),
    )


@pytest.mark.parametrize("config", [PPOConfig, AMPConfig, ADDConfig])
def test_every_field_has_its_help_text(config):
    """A string literal follows each field in the source."""
    body = ast.parse(inspect.getsource(config)).body[0].body
    fields = [index for index, node in enumerate(body) if isinstance(node, ast.AnnAssign)]
    assert fields
    for index in fields:
        following = body[index + 1]
        assert isinstance(following, ast.Expr)
        assert isinstance(following.value, ast.Constant)
