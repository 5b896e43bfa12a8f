# SPDX-License-Identifier: Apache-2.0
"""Worlds that differ, in every simulator that can: what the numbers say is what the physics does."""

import pytest
import torch
from tests.envs.simulators.sled import (
    ARM,
    ARM_LEVER,
    ARM_MASS,
    DAMPING,
    EFFORT,
    STIFFNESS,
    make_sled,
    sled_state,
)

from protomotions_envs import rotations
from protomotions_envs.errors import SimulatorError
from protomotions_envs.simulators import SIMULATORS, WorldProperties, check_capabilities, make_simulator
from protomotions_envs.simulators.properties import ALL_CAPABILITIES
from protomotions_envs.simulators.simulator import Simulator
from protomotions_envs.state import ResetState, rest_state

CPU = torch.device("cpu")
BOTH = torch.ones(2, dtype=torch.bool)
GRAVITY = 9.81
ABLE = [name for name, entry in SIMULATORS.items() if entry.installed and entry.capabilities >= ALL_CAPABILITIES]


@pytest.fixture(params=ABLE)
def build(request, tmp_path):
    """Builds two worlds of sleds with properties, in each simulator."""
    made = []

    def factory(properties: WorldProperties) -> Simulator:
        robot = make_sled(tmp_path)
        made.append(make_simulator(request.param, robot, 2, CPU, properties=properties))
        return made[-1]

    yield factory
    for simulator in made:
        simulator.close()


def settle(simulator: Simulator, seconds: float = 0.7) -> torch.Tensor:
    """Let the arms come to rest against gravity and return their angles, [2]."""
    simulator.write_state(BOTH, sled_state(2))
    for _ in range(round(seconds / simulator.robot.control_dt)):
        simulator.step(torch.zeros(2, 1))
    assert simulator.state.joint_vel.abs().max() < 1e-2
    return simulator.state.joint_pos[:, 0].clone()


def test_friction_slows_what_slides(build):
    """A sliding sled loses mu g of its speed per second.

    It hops a little, so what counts is the impulse: of friction it is mu times that of the ground's support.
    """
    friction = torch.tensor([0.3, 0.8])
    simulator = build(WorldProperties(friction=friction))
    simulator.write_state(BOTH, sled_state(2, speed=5.0))
    for _ in range(25):
        simulator.step(torch.zeros(2, 1))
    forward, _, upward = simulator.state.root_lin_vel.unbind(1)
    support = GRAVITY * 25 * simulator.robot.control_dt + upward
    torch.testing.assert_close(5.0 - forward, friction * support, rtol=0.03, atol=0)


def test_mass_hangs_on_the_drive(build):
    """An arm 1.5 times as heavy needs 1.5 times the torque to be held: k q = s m g l cos q."""
    scale = torch.ones(2, 2)
    scale[1, ARM] = 1.5
    simulator = build(WorldProperties(mass_scale=scale))
    angle = settle(simulator)
    needed = scale[:, ARM] * ARM_MASS * GRAVITY * ARM_LEVER * angle.cos()
    torch.testing.assert_close(STIFFNESS * angle, needed, rtol=0.01, atol=0)
    torch.testing.assert_close(-simulator.joint_torque[:, 0], needed, rtol=0.02, atol=0)


def test_inertia_follows_mass(build):
    """In flight the same torque turns a robot of twice the mass half as fast."""
    simulator = build(WorldProperties(mass_scale=torch.tensor([[1.0, 1.0], [2.0, 2.0]])))
    simulator.write_state(BOTH, sled_state(2, height=3.0))
    for _ in range(2):
        # So far away that the drive gives all it has.
        simulator.step(torch.full((2, 1), 10.0))
    torch.testing.assert_close(simulator.joint_torque, torch.full((2, 1), EFFORT))
    speed = simulator.state.joint_vel[:, 0]
    torch.testing.assert_close(speed[1], speed[0] / 2, rtol=0.02, atol=0)


def test_centre_of_mass_balances_the_drive(build):
    """An arm whose centre of mass lies 10 cm further out needs more torque: k q = m g (l + d) cos q."""
    offset = torch.zeros(2, 2, 3)
    offset[1, ARM, 0] = 0.1
    angle = settle(build(WorldProperties(com_offset=offset)))
    needed = ARM_MASS * GRAVITY * (ARM_LEVER + offset[:, ARM, 0]) * angle.cos()
    torch.testing.assert_close(STIFFNESS * angle, needed, rtol=0.01, atol=0)


def test_stiffness_holds_the_arm(build):
    """A drive twice as stiff sags half as far: s k q = m g l cos q."""
    scale = torch.tensor([[1.0], [2.0]])
    angle = settle(build(WorldProperties(stiffness_scale=scale)))
    torch.testing.assert_close(
        scale[:, 0] * STIFFNESS * angle, ARM_MASS * GRAVITY * ARM_LEVER * angle.cos(), rtol=0.01, atol=0
    )


def test_damping_slows_the_arm(build):
    """In flight and without stiffness an arm's speed decays exponentially, with twice the damping twice as fast."""
    scale = torch.tensor([[0.02], [0.04]])
    properties = WorldProperties(stiffness_scale=torch.zeros(2, 1), damping_scale=scale)
    simulator = build(properties)
    simulator.write_state(BOTH, sled_state(2, height=5.0, spin=0.5))
    for _ in range(15):
        simulator.step(torch.zeros(2, 1))
    decay = -(simulator.state.joint_vel[:, 0] / 0.5).log() / (15 * simulator.robot.control_dt)
    torch.testing.assert_close(decay[1], 2 * decay[0], rtol=0.02, atol=0)
    # The sled gives way, so what turns is less than the arm's inertia about its hinge.
    inverse_inertia = torch.as_tensor(simulator.robot.model.dof_invweight0[-1]).float()
    torch.testing.assert_close(decay[0], DAMPING * scale[0, 0] * inverse_inertia, rtol=0.03, atol=0)


def random_properties(robot, seed: int) -> WorldProperties:
    """Properties of all kinds for four worlds."""
    generator = torch.Generator().manual_seed(seed)

    def near(centre: float, width: float, *shape: int) -> torch.Tensor:
        return centre + width * (2 * torch.rand(4, *shape, generator=generator) - 1)

    return WorldProperties(
        friction=near(0.8, 0.3),
        mass_scale=near(1.0, 0.2, robot.num_bodies),
        com_offset=near(0.0, 0.02, robot.num_bodies, 3),
        stiffness_scale=near(1.0, 0.1, robot.num_joints),
        damping_scale=near(1.0, 0.1, robot.num_joints),
    )


def landing(simulator: Simulator, steps: int = 8) -> torch.Tensor:
    """Body positions of four robots that land on the ground, [4, B, 3]."""
    rest = rest_state(simulator.robot, 4, CPU)
    tilt = rotations.axis_angle(torch.tensor([0.1, 0.2, 0.0])).expand(4, 4)
    start = ResetState.of(
        rest.root_pos, tilt, rest.joint_pos, rest.root_lin_vel + 0.3, rest.root_ang_vel, rest.joint_vel
    )
    simulator.write_state(torch.ones(4, dtype=torch.bool), start)
    for _ in range(steps):
        simulator.step(rest.joint_pos)
    return simulator.state.body_pos.clone()


@pytest.mark.parametrize("name", ABLE)
def test_replaced_properties_are_those_of_a_new_simulator(g1, name):
    """Whatever the worlds were before; and the second set differs from the first."""
    first, second = (random_properties(g1, seed) for seed in (0, 1))
    simulator, fresh = (make_simulator(name, g1, 4, CPU, properties=properties) for properties in (first, second))
    before = landing(simulator)
    simulator.set_properties(second)
    after, expected = landing(simulator), landing(fresh)
    assert torch.equal(after, expected)
    assert (after - before).abs().amax((1, 2)).min() > 1e-3
    # And back again: nothing is left of the set between.
    simulator.set_properties(first)
    assert torch.equal(landing(simulator), before)
    simulator.close()
    fresh.close()


def test_simulators_agree(g1):
    """With the same properties robots land alike in every simulator.

    One that forgot the constants which contacts take from the masses would be some 0.05 mm off.
    """
    found = []
    for name in ABLE:
        simulator = make_simulator(name, g1, 4, CPU, properties=random_properties(g1, 2))
        found.append(landing(simulator))
        simulator.close()
    for other in found[1:]:
        torch.testing.assert_close(other, found[0], atol=1e-5, rtol=0)


@pytest.mark.skipif("mujoco-warp" not in ABLE, reason="mujoco-warp is not installed")
def test_replacing_properties_reallocates_nothing(g1):
    """A captured graph reads the arrays that it was captured with."""
    simulator = make_simulator("mujoco-warp", g1, 4, CPU, properties=random_properties(g1, 0))
    names = ("geom_friction", "body_mass", "body_ipos", "body_invweight0", "dof_invweight0", "actuator_gainprm")
    arrays = [getattr(simulator._model, name) for name in names]
    assert all(array.shape[0] == 4 for array in arrays)
    before = [array.ptr for array in arrays]
    simulator.set_properties(random_properties(g1, 1))
    assert [getattr(simulator._model, name).ptr for name in names] == before
    simulator.close()


def test_a_simulator_that_cannot_says_who_can(monkeypatch):
    """Before anything is built, and only for what is asked."""
    entry = SIMULATORS["mujoco"]
    feeble = type(entry)(entry.entry_point, entry.requires, entry.install, capabilities=frozenset({"friction"}))
    monkeypatch.setitem(SIMULATORS, "feeble", feeble)
    check_capabilities("feeble", ["friction"])
    message = r"Simulator 'feeble' can't randomise mass, pushes; simulators that can do all of it: mujoco, mujoco-warp"
    with pytest.raises(SimulatorError, match=message):
        check_capabilities("feeble", ["friction", "mass", "pushes"])
