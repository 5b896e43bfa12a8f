# SPDX-License-Identifier: Apache-2.0
"""Overrides: parsing, names, types."""

import pytest

from protomotions_cli.configuration.overrides import Override, apply_overrides, parse_overrides
from protomotions_cli.errors import UsageError


def override(settings, *texts):
    """Return the settings with overrides applied."""
    return apply_overrides(settings, parse_overrides(texts))


def test_one_text_may_hold_several_overrides_and_values_may_hold_blanks():
    """Only blanks before the next key part two overrides."""
    assert parse_overrides(["agent.gamma=0.9  agent.hidden_units=[64, 32]", "seed=1"]) == [
        Override("agent.gamma", "0.9"),
        Override("agent.hidden_units", "[64, 32]"),
        Override("seed", "1"),
    ]


@pytest.mark.parametrize("text", ["agent.gamma", "=3", "agent.gamma 0.9"])
def test_an_override_without_key_and_value_is_refused(text):
    """The message shows the right form."""
    with pytest.raises(UsageError, match=r"not of the form key=value"):
        parse_overrides([text])


def test_the_guide_s_config_layer_means_the_same(settings):
    """`agent.config.num_steps` is `agent.num_steps`."""
    assert override(settings, "agent.config.num_steps=12") == override(settings, "agent.num_steps=12")
    assert override(settings, "agent.config.num_steps=12").agent.num_steps == 12


def test_the_environment_s_section_may_be_left_away(settings):
    """`robot` and `task...` are the environment's."""
    changed = override(settings, "robot=smpl task.body_position.weight=0.3")
    assert changed.env.robot == "smpl"
    assert changed.env.task.body_position.weight == 0.3


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("agent.gamma=1e-4", 1e-4),
        ("agent.gamma=1", 1.0),
        ("agent.normalize=false", False),
        ("agent.normalize=False", False),
        ("agent.hidden_units=[8,  4]", (8, 4)),
        ("agent.hidden_units=[]", ()),
        ("env.motion_file=null", None),
        ("env.motion_file=12", "12"),
        ("env.motion_file=a: b.npz", "a: b.npz"),
        ("env.robot=yes", "yes"),
        ("env.weights.feet.weight=0.5", 0.5),
        ("seed=4", 4),
    ],
)
def test_values_are_read_as_yaml_and_coerced_to_the_field_s_type(settings, text, value):
    """Numbers in any notation, lists, null, and texts that look like something else."""
    changed = override(settings, text)
    for name in text.partition("=")[0].split("."):
        changed = changed[name] if isinstance(changed, dict) else getattr(changed, name)
    changed = getattr(changed, "weight", changed)
    assert changed == value
    assert type(changed) is type(value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("agent.gama=1", r"unknown key 'agent.gama'; did you mean 'agent.gamma'\?"),
        ("agent.config.gama=1", r"unknown key 'agent.config.gama'; did you mean 'agent.gamma'\?"),
        ("agents.gamma=1", "did you mean 'agent"),
        ("gamma=0.9", r"unknown key 'gamma'; did you mean 'agent.gamma'\?"),
        ("env.num_steps=3", r"did you mean 'agent.num_steps'\?"),
        ("env.task.target_speed=1", "unknown key 'env.task.target_speed'; expected one of 'env.task.body_position'"),
        ("env.weights.hands=1", "unknown key 'env.weights.hands'"),
        ("agent.gamma.high=1", "'agent.gamma' is float and has no parts"),
        ("agent.gamma=often", "expected float, got 'often'"),
        ("agent.gamma=true", "expected float, got 'true'"),
        ("agent.num_steps=1.5", "expected int, got '1.5'"),
        ("agent.normalize=maybe", "expected true or false, got 'maybe'"),
        ("agent.hidden_units=[1", r"expected tuple\[int, ...\], got '\[1'"),
        ("agent.algorithm=sac", "expected one of 'ppo', got 'sac'"),
        ("agent.batch_size=7", "batch_size 7 does not divide 96 samples"),
        ("agent.batch_size=null", "expected int, got 'null'"),
        ("agent.desired_kl=high", "expected float or null, got 'high'"),
        ("env.task={name: steering, speed: 3}", "unknown key 'env.task.speed'; did you mean 'env.task.target_speed'"),
        ("env.task={name: stearing}", r"env.task.name: unknown value 'stearing'; did you mean 'steering'\?"),
        ("agent={batch_size: 7}", "override agent: batch_size 7 does not divide 96 samples"),
        ("agent.config=1", "unknown key 'agent.config'"),
    ],
)
def test_a_wrong_override_is_refused_in_one_line_with_what_would_be_right(settings, text, message):
    """The nearest key, the expected type, or the dataclass's own rule."""
    with pytest.raises(UsageError, match=message) as error:
        override(settings, text)
    assert "\n" not in str(error.value)


def test_rules_between_fields_are_checked_after_all_overrides(settings):
    """Each of the two alone would be refused."""
    agent = override(settings, "agent.batch_size=7 agent.num_steps=14").agent
    assert (agent.batch_size, agent.num_steps) == (7, 14)


def test_a_whole_section_can_be_replaced(settings):
    """A mapping as a value gives another member of the union."""
    assert override(settings, "env.task={name: steering, target_speed: 3}").env.task.target_speed == 3.0


def test_the_settings_given_are_left_as_they_were(settings):
    """Overrides give new settings."""
    override(settings, "agent.gamma=0.5")
    assert settings.agent.gamma == 0.99
