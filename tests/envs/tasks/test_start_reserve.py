# SPDX-License-Identifier: Apache-2.0
"""Starts that are drawn ahead: each is used once, and none without need."""

import torch

from protomotions_envs.tasks.start_reserve import AHEAD, StartReserve

GENERATOR = torch.Generator()


class Counter:
    """Draws the next whole numbers, and remembers how many at a time."""

    def __init__(self) -> None:
        self.drawn: list[int] = []

    def draw(self, count: int, generator: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Numbers that follow the last, and their negatives."""
        assert generator is GENERATOR
        first = sum(self.drawn)
        self.drawn.append(count)
        numbers = torch.arange(first, first + count)
        return numbers, -numbers


def test_no_start_is_given_twice():
    """A few at a time come from one draw; where too few are left, they are thrown away and others drawn."""
    counter = Counter()
    reserve = StartReserve(counter.draw, torch.device("cpu"))
    given = [reserve.take(count, GENERATOR) for count in (3, AHEAD - 10, 5, 4)]
    assert [len(numbers) for numbers, _ in given] == [3, AHEAD - 10, 5, 4]
    assert all(torch.equal(numbers, -negatives) for numbers, negatives in given)
    numbers = torch.cat([numbers for numbers, _ in given])
    assert len(numbers.unique()) == len(numbers)
    assert counter.drawn == [AHEAD, AHEAD]


def test_many_starts_are_drawn_as_they_are_asked_for():
    """More than what is drawn ahead."""
    counter = Counter()
    numbers, _ = StartReserve(counter.draw, torch.device("cpu")).take(AHEAD + 7, GENERATOR)
    assert sorted(numbers.tolist()) == list(range(AHEAD + 7))
    assert counter.drawn == [AHEAD + 7]


def test_what_is_discarded_is_not_given():
    """After a seed nothing may come that was drawn before it."""
    counter = Counter()
    reserve = StartReserve(counter.draw, torch.device("cpu"))
    reserve.take(1, GENERATOR)
    reserve.discard()
    numbers, _ = reserve.take(2, GENERATOR)
    assert bool((numbers >= AHEAD).all())


def test_other_devices_draw_at_every_call():
    """A captured graph repeats what it did once: it must draw."""
    counter = Counter()
    reserve = StartReserve(counter.draw, torch.device("meta"))
    for count in (3, 3):
        reserve.take(count, GENERATOR)
    assert counter.drawn == [3, 3]
