# SPDX-License-Identifier: Apache-2.0
"""MuJoCo Warp: the same trajectories as MuJoCo, and buffers that report when they are too small."""

import pytest
import torch

from protomotions_envs import rotations
from protomotions_envs.simulators import SIMULATORS, make_simulator
from protomotions_envs.simulators.world import world_spec
from protomotions_envs.state import ResetState, rest_state

if not SIMULATORS["mujoco-warp"].installed:
    pytest.skip("mujoco-warp is not installed", allow_module_level=True)

from protomotions_envs.simulators.mujoco_warp import buffers

DEVICES = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
STEPS = 50


def start(robot, count: int, height: float) -> ResetState:
    """Random states so high above the rest state."""
    generator = torch.Generator().manual_seed(0)
    rest = rest_state(robot, count, torch.device("cpu"))

    def normal(size: int, scale: float) -> torch.Tensor:
        return scale * torch.randn(count, size, generator=generator)

    return ResetState.of(
        root_pos=rest.root_pos + torch.tensor([0.0, 0.0, height]),
        root_rot=rotations.axis_angle(normal(3, 0.2)),
        joint_pos=rest.joint_pos + normal(robot.num_joints, 0.1),
        root_lin_vel=normal(3, 0.3),
        root_ang_vel=normal(3, 0.3),
        joint_vel=normal(robot.num_joints, 0.3),
    )


def differences(robot, device: str, height: float) -> torch.Tensor:
    """Largest difference of body positions from MuJoCo's after each step of the same motion, m, [STEPS]."""
    count = 4
    warp = make_simulator("mujoco-warp", robot, count, torch.device(device))
    exact = make_simulator("mujoco", robot, count, torch.device("cpu"))
    state, everywhere = start(robot, count, height), torch.ones(count, dtype=torch.bool)
    warp.write_state(everywhere.to(device), ResetState(state.rows.to(device)))
    exact.write_state(everywhere, state)
    pose = torch.as_tensor(robot.default_joint_pos).float().expand(count, -1)
    found = []
    for step in range(STEPS):
        target = pose + 0.2 * torch.sin(torch.tensor(0.2 * step))
        warp.step(target.to(device))
        exact.step(target)
        found.append((warp.state.body_pos.cpu() - exact.state.body_pos).abs().max())
    warp.close()
    exact.close()
    return torch.stack(found)


@pytest.mark.parametrize("device", DEVICES)
def test_free_flight_is_mujocos(g1, device):
    """Without contact, float32 is all that differs: bodies stay within 0.1 mm for a second."""
    assert differences(g1, device, height=6.0).max() < 1e-4


@pytest.mark.parametrize("device", DEVICES)
def test_landing_is_mujocos_until_the_contacts_multiply_rounding(g1, device):
    """The first 0.2 s of standing up from random states on the ground: within 1 mm."""
    assert differences(g1, device, height=0.02)[:10].max() < 1e-3


def test_buffers_have_room_for_a_robot_on_the_ground(g1):
    """17 capsules with 2 points each and 8 of self-contact; 29 limits, and four edges per contact."""
    sizes = buffers.buffer_sizes(world_spec(g1).compile())
    assert sizes == buffers.BufferSizes(contacts=42, constraints=29 + 4 * 42)


def test_an_overflow_is_reported_and_forgotten(g1, monkeypatch):
    """With room for one constraint a robot on the ground overflows, and doesn't any more in the air."""
    small = buffers.BufferSizes(contacts=42, constraints=1)
    module = "protomotions_envs.simulators.mujoco_warp.simulator.buffer_sizes"
    monkeypatch.setattr(module, lambda model: small)
    simulator = make_simulator("mujoco-warp", g1, 2, torch.device("cpu"))
    both, pose = torch.ones(2, dtype=torch.bool), torch.as_tensor(g1.default_joint_pos).float().expand(2, -1)
    simulator.write_state(both, rest_state(g1, 2, torch.device("cpu")))
    simulator.step(pose)
    assert simulator.overflowed.all()
    high = rest_state(g1, 2, torch.device("cpu"))
    high.root_pos[:, 2] += 2.0
    simulator.write_state(both, high)
    simulator.step(pose)
    assert not simulator.overflowed.any()
    simulator.close()


@pytest.mark.parametrize("alias", ["warp", "newton"])
def test_names(g1, alias):
    """It answers to the names that users of other software know it by."""
    simulator = make_simulator(alias, g1, 1, torch.device("cpu"))
    assert simulator.name == "mujoco-warp"
    simulator.close()
