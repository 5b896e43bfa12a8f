# SPDX-License-Identifier: Apache-2.0
"""What every simulator must do; a new one joins by being registered."""

import mujoco
import numpy as np
import pytest
import torch

from protomotions_envs import rotations
from protomotions_envs.errors import SimulatorError
from protomotions_envs.simulators import SIMULATORS, make_simulator
from protomotions_envs.state import ResetState, StateLayout

CPU = torch.device("cpu")
INSTALLED = [name for name, entry in SIMULATORS.items() if entry.installed]


@pytest.fixture(params=INSTALLED)
def simulator(request, g1):
    """Two worlds of each installed simulator."""
    made = make_simulator(request.param, g1, 2, CPU)
    yield made
    made.close()


def standing(robot, count: int, height: float = 0.0, seed: int | None = None) -> ResetState:
    """The default pose at a height above the ground, or a random state."""
    pose = torch.as_tensor(robot.default_joint_pos).float().expand(count, -1)
    root = torch.tensor([0.0, 0.0, robot.config.default_root_height + height]).expand(count, 3)
    upright = torch.tensor([1.0, 0.0, 0.0, 0.0]).expand(count, 4)
    zeros = torch.zeros(count, 3)
    if seed is None:
        return ResetState.of(
            root_pos=root,
            root_rot=upright,
            joint_pos=pose,
            root_lin_vel=zeros,
            root_ang_vel=zeros,
            joint_vel=torch.zeros_like(pose),
        )
    generator = torch.Generator().manual_seed(seed)

    def normal(like: torch.Tensor, scale: float) -> torch.Tensor:
        return scale * torch.randn(like.shape, generator=generator)

    rotation = rotations.axis_angle(normal(zeros, 0.5))
    return ResetState.of(
        root_pos=root + normal(zeros, 0.1),
        root_rot=rotation,
        root_lin_vel=normal(zeros, 1.0),
        root_ang_vel=normal(zeros, 1.0),
        joint_pos=pose + normal(pose, 0.2),
        joint_vel=normal(pose, 1.0),
    )


def test_state_round_trip(simulator, g1):
    """A written state is read back: root, joints and their velocities, in the robot's order and the world frame."""
    written = standing(g1, 2, height=1.0, seed=0)
    simulator.write_state(torch.ones(2, dtype=torch.bool), written)
    state = simulator.state
    torch.testing.assert_close(state.root_pos, written.root_pos, atol=1e-5, rtol=0)
    assert rotations.angle_between(state.root_rot, written.root_rot).max() < 1e-3
    torch.testing.assert_close(state.root_lin_vel, written.root_lin_vel, atol=1e-4, rtol=0)
    torch.testing.assert_close(state.root_ang_vel, written.root_ang_vel, atol=1e-4, rtol=0)
    torch.testing.assert_close(state.joint_pos, written.joint_pos, atol=1e-5, rtol=0)
    torch.testing.assert_close(state.joint_vel, written.joint_vel, atol=1e-4, rtol=0)


def test_bodies_follow_the_robots_kinematics(simulator, g1):
    """Body poses are the forward kinematics of the written joints."""
    written = standing(g1, 2, height=1.0, seed=1)
    simulator.write_state(torch.ones(2, dtype=torch.bool), written)
    data = mujoco.MjData(g1.model)
    data.qpos[:] = torch.cat((written.root_pos, written.root_rot, written.joint_pos), 1)[0].numpy()
    mujoco.mj_kinematics(g1.model, data)
    np.testing.assert_allclose(simulator.state.body_pos[0], data.xpos[1:], atol=1e-5)
    same = np.abs((simulator.state.body_rot[0].numpy() * data.xquat[1:]).sum(-1))
    np.testing.assert_allclose(same, 1.0, atol=1e-5)


def test_velocities_are_those_of_finite_differences(simulator, g1):
    """Linear velocities are of the body frames' origins, angular ones in the world frame."""
    tumbling = standing(g1, 2, height=3.0, seed=2)
    tumbling.root_ang_vel.mul_(3.0)
    simulator.write_state(torch.ones(2, dtype=torch.bool), tumbling)
    # Once the drives have calmed the joints the robots tumble freely, and velocities change smoothly.
    target = tumbling.joint_pos
    for _ in range(20):
        simulator.step(target)
    before = {name: tensor.clone() for name, tensor in vars(simulator.state).items()}
    simulator.step(target)
    now, dt = simulator.state, g1.control_dt
    # The mean of the velocities at both ends is the velocity between them up to second order.
    linear = (now.body_pos - before["body_pos"]) / dt
    mean_linear = (now.body_lin_vel + before["body_lin_vel"]) / 2
    assert (linear - mean_linear).norm(dim=-1).mean() < 0.01 * mean_linear.norm(dim=-1).mean()
    turn = rotations.multiply(now.body_rot, rotations.conjugate(before["body_rot"]))
    turn = turn * turn[..., :1].sign()
    angular = 2.0 * turn[..., 1:] / dt
    mean_angular = (now.body_ang_vel + before["body_ang_vel"]) / 2
    assert (angular - mean_angular).norm(dim=-1).mean() < 0.03 * mean_angular.norm(dim=-1).mean()


def test_free_fall(simulator, g1):
    """Without contact the whole robot falls by g t^2 / 2, whatever its drives do."""
    simulator.write_state(torch.ones(2, dtype=torch.bool), standing(g1, 2, height=3.0))
    mass = torch.as_tensor(g1.model.body_mass[1:]).float()
    target = torch.as_tensor(g1.default_joint_pos).float().expand(2, -1)
    start = (simulator.state.body_pos[..., 2] * mass).sum(-1) / mass.sum()
    for _ in range(20):
        simulator.step(target)
    fallen = start - (simulator.state.body_pos[..., 2] * mass).sum(-1) / mass.sum()
    time = 20 * g1.control_dt
    # Semi-implicit integration falls by g t (t + dt) / 2.
    expected = 9.81 * time * (time + g1.config.timestep) / 2
    torch.testing.assert_close(fallen, torch.full((2,), expected), atol=0.01, rtol=0)
    assert not simulator.state.body_contact.any()


def test_feet_touch_the_ground(simulator, g1):
    """A robot that stands has both feet in contact and stays up for half a second."""
    simulator.write_state(torch.ones(2, dtype=torch.bool), standing(g1, 2))
    target = torch.as_tensor(g1.default_joint_pos).float().expand(2, -1)
    for _ in range(25):
        simulator.step(target)
    feet = g1.body_indices(g1.foot_bodies)
    assert simulator.state.body_contact[:, feet].all()
    assert simulator.state.root_pos[:, 2].min() > 0.9 * g1.config.default_root_height


def test_drives_reach_their_targets(simulator, g1):
    """In the air, a wrist drive goes to its target; its torque starts at stiffness times the error."""
    simulator.write_state(torch.ones(2, dtype=torch.bool), standing(g1, 2, height=3.0))
    target = torch.as_tensor(g1.default_joint_pos).float().expand(2, -1).clone()
    joint = g1.joint_names.index("left_wrist_roll_joint")
    target[:, joint] += 0.3
    for _ in range(25):
        simulator.step(target)
    torch.testing.assert_close(simulator.state.joint_pos[:, joint], target[:, joint], atol=0.03, rtol=0)


def test_torques_stay_within_effort_limits(simulator, g1):
    """However far the targets, no drive exceeds its effort limit."""
    simulator.write_state(torch.ones(2, dtype=torch.bool), standing(g1, 2))
    limit = torch.as_tensor(g1.effort_limit).float()
    for sign in (1.0, -1.0):
        simulator.step(torch.full((2, g1.num_joints), 10.0 * sign))
        assert (simulator.joint_torque.abs() <= limit * 1.0001).all()
        assert (simulator.joint_torque.abs() > 0.9 * limit).any()


def test_writing_one_world_leaves_the_other_untouched(simulator, g1):
    """A masked write changes the masked world only."""
    both, first = torch.ones(2, dtype=torch.bool), torch.tensor([True, False])
    simulator.write_state(both, standing(g1, 2, height=1.0, seed=3))
    before = {name: tensor.clone() for name, tensor in vars(simulator.state).items()}
    simulator.write_state(first, standing(g1, 2, height=2.0, seed=4))
    for name, tensor in vars(simulator.state).items():
        assert torch.equal(tensor[1], before[name][1]), name
    assert not torch.equal(simulator.state.body_pos[0], before["body_pos"][0])


def test_buffers_stay_where_they_are(simulator, g1):
    """Steps and writes refresh the same tensors, as a captured graph needs."""

    def addresses() -> list[int]:
        others = (simulator.state_rows, simulator.joint_torque, simulator.broken)
        return [tensor.data_ptr() for tensor in (*vars(simulator.state).values(), *others)]

    before = addresses()
    simulator.step(torch.zeros(2, g1.num_joints))
    simulator.write_state(torch.ones(2, dtype=torch.bool), standing(g1, 2))
    assert addresses() == before


def test_state_is_a_view_of_the_rows(simulator, g1):
    """After steps and partial writes, the rows split into fields are the state."""
    simulator.write_state(torch.ones(2, dtype=torch.bool), standing(g1, 2, height=1.0, seed=5))
    simulator.step(torch.zeros(2, g1.num_joints))
    simulator.write_state(torch.tensor([False, True]), standing(g1, 2, height=2.0, seed=6))
    expected = StateLayout(g1.num_joints, g1.num_bodies).split(simulator.state_rows)
    for name, tensor in vars(simulator.state).items():
        assert torch.equal(tensor, getattr(expected, name)), name
        assert tensor.data_ptr() == getattr(expected, name).data_ptr(), name


def test_broken_worlds_are_marked_and_healed_by_a_write(simulator, g1):
    """A world thrown at absurd speed is broken, the other is not, and a write heals it."""
    absurd = standing(g1, 2, height=1.0)
    absurd.joint_vel[0] = float("nan")
    simulator.write_state(torch.ones(2, dtype=torch.bool), absurd)
    simulator.step(torch.zeros(2, g1.num_joints))
    assert simulator.broken.tolist() == [True, False]
    simulator.write_state(simulator.broken.clone(), standing(g1, 2))
    assert simulator.broken.tolist() == [False, False]
    simulator.step(torch.zeros(2, g1.num_joints))
    assert torch.isfinite(simulator.state.body_pos).all()


def test_unknown_simulator_names_the_installed_ones():
    """The message suggests the nearest name and lists what is there."""
    with pytest.raises(SimulatorError, match=r"Unknown simulator 'mujco'.*Did you mean 'mujoco'.*Installed: mujoco"):
        make_simulator("mujco", None, 1, CPU)


def test_a_push_moves_the_whole_robot_rigidly(simulator, g1):
    """The root gets what is asked for, other bodies follow as one with it, and nothing else changes."""
    simulator.write_state(torch.ones(2, dtype=torch.bool), standing(g1, 2))
    for _ in range(10):
        simulator.step(torch.as_tensor(g1.default_joint_pos).float().expand(2, -1))
    before = {name: tensor.clone() for name, tensor in vars(simulator.state).items()}
    torque = simulator.joint_torque.clone()
    change = torch.tensor([[0.3, -0.5, 0.2, 0.4, -0.2, 0.7], [9.0, 9.0, 9.0, 9.0, 9.0, 9.0]])
    simulator.add_root_velocity(torch.tensor([True, False]), change)
    now = simulator.state
    for name in ("joint_pos", "joint_vel", "body_pos", "body_rot", "body_contact"):
        torch.testing.assert_close(getattr(now, name), before[name], atol=1e-5, rtol=0)
    assert before["body_contact"].any()
    assert torch.equal(simulator.joint_torque, torque)
    linear, angular = change[0, :3], change[0, 3:]
    arm = now.body_pos[0] - now.root_pos[0]
    follows = before["body_lin_vel"][0] + linear + torch.linalg.cross(angular.expand_as(arm), arm)
    torch.testing.assert_close(now.body_lin_vel[0], follows, atol=1e-4, rtol=0)
    torch.testing.assert_close(now.body_ang_vel[0], before["body_ang_vel"][0] + angular, atol=1e-4, rtol=0)
    for name, tensor in vars(now).items():
        assert torch.equal(tensor[1], before[name][1]), name


def test_a_push_of_nothing_changes_nothing(simulator, g1):
    """Not even later: the solver goes on from what it knew, and so does the robot beside."""
    target = torch.as_tensor(g1.default_joint_pos).float().expand(2, -1) + 0.1

    def walk(change: torch.Tensor | None) -> torch.Tensor:
        simulator.write_state(torch.ones(2, dtype=torch.bool), standing(g1, 2))
        for step in range(8):
            if step == 4 and change is not None:
                simulator.add_root_velocity(torch.tensor([True, False]), change)
            simulator.step(target)
        return simulator.state_rows.clone()

    alone = walk(None)
    assert torch.equal(walk(torch.zeros(2, 6)), alone)
    pushed = walk(torch.ones(2, 6))
    assert torch.equal(pushed[1], alone[1])
    assert (pushed[0] - alone[0]).abs().max() > 0.1
