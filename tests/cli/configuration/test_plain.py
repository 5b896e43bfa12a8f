# SPDX-License-Identifier: Apache-2.0
"""Settings to plain data and back."""

import dataclasses

import pytest
import yaml

from protomotions_cli.configuration.plain import flatten, from_plain, read_yaml, to_plain, to_yaml
from protomotions_cli.errors import UsageError


def test_a_round_trip_through_yaml_text_gives_equal_settings(settings):
    """Nested, tuple, union, mapping and path fields come back as they were, types included."""
    task = type(settings.env.task)(terms=("a",))
    changed = dataclasses.replace(settings, env=dataclasses.replace(settings.env, task=task, motion_file="x.npz"))
    again = from_plain(type(settings), yaml.safe_load(to_yaml(to_plain(changed))))
    assert again == changed
    assert isinstance(again.env.task.terms, tuple)


def test_plain_data_holds_only_plain_types(settings):
    """What is written has no tuples, paths or objects."""
    assert to_plain(settings) == {
        "env": {
            "robot": "g1",
            "motion_file": None,
            "task": {"name": "mimic", "body_position": {"weight": 1.0, "scale": 10.0}, "terms": ["joints", "bodies"]},
            "weights": {"feet": {"weight": 2.0, "scale": 10.0}},
            "folder": "data",
        },
        "agent": {
            "algorithm": "ppo",
            "gamma": 0.99,
            "num_steps": 24,
            "batch_size": 48,
            "hidden_units": [256, 128],
            "normalize": True,
            "desired_kl": None,
        },
        "seed": 0,
    }


def test_only_a_dataclass_has_plain_data():
    """A number is no settings."""
    with pytest.raises(TypeError, match="not a dataclass"):
        to_plain(3)


def test_the_literal_field_chooses_the_member_of_a_union(settings):
    """`name: steering` gives the other task, though both could be built from the rest."""
    plain = {"env": {"task": {"name": "steering", "target_speed": 2}}}
    task = from_plain(type(settings), plain).env.task
    assert type(task).__name__ == "Steering"
    assert task.target_speed == 2.0


def test_texts_of_numbers_become_numbers(settings):
    """YAML reads 1e-4 as a text; the field's type says that it is a number."""
    assert from_plain(type(settings), yaml.safe_load("agent: {gamma: 1e-4}")).agent.gamma == 1e-4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("agent: {gama: 1}", r"unknown key 'agent.gama'; did you mean 'agent.gamma'\?"),
        ("env: {task: {name: mimic, body_position: {wait: 1}}}", "did you mean 'env.task.body_position.weight'"),
        ("env: {weights: {feet: {sale: 1}}}", "'env.weights.feet.sale'; did you mean 'env.weights.feet.scale'"),
        ("env: {task: {name: steerin}}", r"env.task.name: unknown value 'steerin'; did you mean 'steering'\?"),
        ("agent: {gamma: often}", "agent.gamma: Input should be a valid number.*got 'often'"),
        ("agent: {batch_size: 7}", r"agent: batch_size 7 does not divide 96 samples$"),
        ("env: {task: {name: steering, target_speed: fast}}", "env.task.target_speed: .* got 'fast'"),
    ],
)
def test_wrong_data_is_refused_with_its_key(settings, text, message):
    """Unknown keys, wrong types and what the dataclass itself refuses."""
    with pytest.raises(UsageError, match=message):
        from_plain(type(settings), yaml.safe_load(text))


def test_flatten_joins_the_keys_and_keeps_lists_whole():
    """Empty mappings count as values, so that they are not lost."""
    assert flatten({"a": {"b": [1, 2], "c": {}}, "d": None}) == {"a.b": [1, 2], "a.c": {}, "d": None}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "can't read .*: No such file or directory"),
        (b"\xff\xfe\x00", "can't read .*: it is not a text file"),
        (b"a: [1", "not valid YAML"),
        (b"- 1\n- 2\n", "expected a YAML mapping, got list"),
    ],
)
def test_an_unreadable_yaml_file_is_one_line(tmp_path, content, message):
    """Missing, binary, broken and of another shape."""
    path = tmp_path / "settings.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=message) as error:
        read_yaml(path)
    assert "\n" not in str(error.value)
