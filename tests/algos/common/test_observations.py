# SPDX-License-Identifier: Apache-2.0
"""Observations of all structures become rows."""

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from protomotions_algos.common.observations import ObservationEncoder, is_torch, stack_observations, take_rows
from protomotions_algos.errors import AlgorithmError

CPU = torch.device("cpu")
NESTED = spaces.Dict(
    {
        "body": spaces.Dict({"position": spaces.Box(-1, 1, (2, 2)), "contact": spaces.MultiBinary(2)}),
        "mode": spaces.Discrete(3, start=5),
        "clock": spaces.Box(0, 1, ()),
    }
)
OBSERVATION = {
    "body": {"position": np.array([[[1.0, 2.0], [3.0, 4.0]]]), "contact": np.array([[1, 0]], dtype=np.int8)},
    "mode": np.array([6]),
    "clock": np.array([0.5]),
}


def encode(space, observation, keys=None):
    """Rows of an observation as nested lists."""
    return ObservationEncoder(space, keys, device=CPU)(observation).tolist()


def test_box_of_numpy_and_torch():
    """A batch of arrays of any shape and number type is laid out in C order as float32."""
    space = spaces.Box(-9, 9, (2, 2), dtype=np.float64)
    for rows in (np.arange(8.0).reshape(2, 2, 2), torch.arange(8.0).reshape(2, 2, 2)):
        encoded = ObservationEncoder(space, device=CPU)(rows)
        assert encoded.dtype == torch.float32
        assert encoded.tolist() == [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0]]


def test_discrete_becomes_one_hot():
    """Categories count from the space's start."""
    assert encode(spaces.Discrete(3, start=5), np.array([5, 7])) == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]


def test_nested_dictionary_in_the_order_of_the_space():
    """Gymnasium sorts keys: body (contact, position), clock, mode."""
    encoder = ObservationEncoder(NESTED, device=CPU)
    assert encoder.num_features == 10
    assert encoder(OBSERVATION).tolist() == [[1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 0.5, 0.0, 1.0, 0.0]]


def test_keys_select_and_order():
    """A key takes a leaf or all of an inner dictionary, in the order of the keys."""
    assert encode(NESTED, OBSERVATION, ["clock", "body"]) == [[0.5, 1.0, 0.0, 1.0, 2.0, 3.0, 4.0]]
    assert encode(NESTED, OBSERVATION, ["body.contact"]) == [[1.0, 0.0]]


def test_names_of_columns():
    """A column is named by its part and its number in it."""
    encoder = ObservationEncoder(NESTED, ["clock", "body.position"], device=CPU)
    assert encoder.name_of(0) == "clock[0]"
    assert encoder.name_of(4) == "body.position[3]"
    with pytest.raises(IndexError, match="past the last of 5"):
        encoder.name_of(5)


def test_agrees_with_gymnasium_on_a_batch():
    """The same numbers as gymnasium.spaces.flatten, for random samples."""
    space = gymnasium.spaces.Dict({"a": spaces.Box(-1, 1, (3,)), "b": spaces.Discrete(4), "c": spaces.MultiBinary(2)})
    space.seed(0)
    samples = [space.sample() for _ in range(5)]
    batch = {key: np.stack([sample[key] for sample in samples]) for key in ("a", "b", "c")}
    expected = np.stack([spaces.flatten(space, sample) for sample in samples])
    np.testing.assert_allclose(np.array(encode(space, batch)), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("space", "keys", "message"),
    [
        (NESTED, ["body.positon"], r"inputs 'body.positon' is unknown.*did you mean 'body.position'"),
        (NESTED, [], "inputs is empty"),
        (spaces.Box(-1, 1, (2,)), ["a"], "one array without names"),
        (spaces.Dict({"a": spaces.Text(4)}), None, "a is a Text space; expected Box"),
    ],
)
def test_bad_keys_and_spaces(space, keys, message):
    """The message names what is known or expected."""
    with pytest.raises(AlgorithmError, match=message):
        ObservationEncoder(space, keys, device=CPU)


def test_rows_and_stacks_keep_the_structure():
    """Single observations are stacked, rows of batches taken, dictionary or not."""
    single = [{"a": np.array([n]), "b": {"c": np.array([n, n])}} for n in range(3)]
    stacked = stack_observations(single)
    assert stacked["b"]["c"].tolist() == [[0, 0], [1, 1], [2, 2]]
    taken = take_rows(stacked, np.array([2, 0]))
    assert taken["a"].tolist() == [[2], [0]]
    assert not is_torch(stacked)
    assert is_torch({"a": {"b": torch.zeros(1)}})
