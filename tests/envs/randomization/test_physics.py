# SPDX-License-Identifier: Apache-2.0
"""What is drawn once per world: ranges, seeds, and independence of one another."""

import torch

from protomotions_envs.randomization import EVERYTHING, PhysicsRanges, RandomizationConfig
from protomotions_envs.randomization.physics import draw_properties
from protomotions_envs.randomization.randomizer import Randomizer

CPU = torch.device("cpu")
COUNT = 2000


def draw(robot, ranges: PhysicsRanges, seed: int = 0):
    """Properties of many worlds."""
    return draw_properties(ranges, robot, COUNT, torch.Generator().manual_seed(seed))


def spans(values: torch.Tensor, low: float, high: float) -> bool:
    """Whether numbers lie in a range, come near its ends, and have its middle as their mean."""
    width = high - low
    inside = low <= float(values.min()) < low + 0.01 * width and high - 0.01 * width < float(values.max()) <= high
    return inside and abs(float(values.mean()) - (low + high) / 2) < 0.02 * width


def test_ranges(g1):
    """Every property spans its range; each body, axis and joint has its own."""
    ranges = PhysicsRanges(
        friction=(0.3, 1.6),
        body_mass_scale=(0.9, 1.1),
        torso_com=(0.025, 0.05, 0.1),
        stiffness_scale=(0.8, 1.2),
        damping_scale=(0.5, 2.0),
    )
    found = draw(g1, ranges)
    assert spans(found.friction, 0.3, 1.6)
    assert spans(found.mass_scale, 0.9, 1.1)
    assert spans(found.stiffness_scale, 0.8, 1.2)
    assert spans(found.damping_scale, 0.5, 2.0)
    torso = g1.body_names.index("torso_link")
    for axis, width in enumerate((0.025, 0.05, 0.1)):
        assert spans(found.com_offset[:, torso, axis], -width, width)
    assert not found.com_offset[:, :torso].any()
    assert not found.com_offset[:, torso + 1 :].any()
    columns = torch.cat((found.mass_scale, found.stiffness_scale, found.damping_scale), 1).T
    correlation = torch.corrcoef(columns) - torch.eye(len(columns))
    assert correlation.abs().max() < 0.12


def test_the_torsos_mass_alone(g1):
    """Other bodies keep theirs."""
    found = draw(g1, PhysicsRanges(torso_mass_scale=(0.8, 1.4)))
    torso = g1.body_names.index("torso_link")
    assert spans(found.mass_scale[:, torso], 0.8, 1.4)
    assert bool((found.mass_scale[:, [body for body in range(g1.num_bodies) if body != torso]] == 1).all())
    assert found.friction is found.com_offset is found.stiffness_scale is found.damping_scale is None


def test_same_seed_same_worlds_whatever_else_is_on(g1):
    """Friction is drawn alike with and without masses; another seed draws other worlds."""
    alone, beside = PhysicsRanges(friction=(0.3, 1.6)), PhysicsRanges(friction=(0.3, 1.6), body_mass_scale=(0.9, 1.1))
    first = draw(g1, alone).friction
    assert torch.equal(first, draw(g1, beside).friction)
    assert not torch.equal(first, draw(g1, alone, seed=1).friction)


def test_processes_that_train_together_have_different_worlds(g1):
    """Rank and seed decide, and a redraw with the first seed gives the first worlds again."""
    first, other, again = (Randomizer(EVERYTHING, g1, 8, CPU, rank) for rank in (0, 1, 0))
    assert torch.equal(first.properties.friction, again.properties.friction)
    assert not torch.equal(first.properties.friction, other.properties.friction)
    pose = torch.zeros(8, g1.num_joints)
    bias = first.command(pose)
    again.draw_worlds(5)
    assert not torch.equal(first.properties.mass_scale, again.properties.mass_scale)
    again.draw_worlds(EVERYTHING.seed)
    assert torch.equal(first.properties.mass_scale, again.properties.mass_scale)
    assert torch.equal(again.command(pose), bias)


def test_nothing_is_drawn_where_all_is_off(g1):
    """Without settings there are no properties, and tensors pass through untouched."""
    randomizer = Randomizer(RandomizationConfig(), g1, 4, CPU)
    generator = torch.Generator().manual_seed(0)
    before = generator.get_state()
    rows, mask = torch.randn(4, 10), torch.ones(4, dtype=torch.bool)
    assert randomizer.properties is None
    randomizer.begin(mask, lambda: rows, generator)
    randomizer.draw_noise(generator)
    randomizer.draw_noise(generator, mask)
    assert randomizer.command(rows) is rows
    assert randomizer.seen(rows) is rows
    assert torch.equal(generator.get_state(), before)
