# SPDX-License-Identifier: Apache-2.0
"""MuJoCo on the CPU: all worlds in one `mujoco.batch.Batch`, on all cores."""

from __future__ import annotations

import mujoco
import numpy as np
import torch
from mujoco import batch
from torch import Tensor

from protomotions_envs import rotations
from protomotions_envs.robots.robot import Robot
from protomotions_envs.simulators.simulator import Simulator
from protomotions_envs.simulators.world import world_spec
from protomotions_envs.state import ResetState, RobotState

SPEED_LIMIT = 1e3
"""A generalised velocity beyond this, m/s or rad/s, means that a world has exploded."""


class MujocoSimulator(Simulator):
    """MuJoCo's own solver in float64, one `MjData` per world; results don't depend on the number of threads.

    MuJoCo's own warnings are switched off in the whole process: broken worlds are reported by the environment, and a
    log file in the current folder is nobody's wish.

    Args:
        robot: The robot that stands in every world.
        num_envs: Number of worlds.
        device: Where `state` lives; the physics is always on the CPU.
        num_threads: Threads that step the worlds, 0 for one per core.
    """

    name = "mujoco"

    def __init__(self, robot: Robot, num_envs: int, device: torch.device, num_threads: int = 0) -> None:
        super().__init__(robot, num_envs, device)
        _silence_warnings()
        self.model = world_spec(robot).compile()
        # A persistent batch continues from the last velocity stage, so that refreshing the state costs nothing extra,
        # and keeps the contact sensors of the last physics step, which that stage does not compute.
        self.batch = batch.Batch(self.model, num_envs, num_threads, persistent=True)
        self._qpos, self._qvel, self._ctrl = (self.batch.bind(name) for name in ("qpos", "qvel", "ctrl"))
        self._derived = {name: self.batch.bind(name) for name in ("xpos", "xquat", "cvel", "subtree_com")}
        # The damping of some robots' drives is a property of their joints, which MuJoCo counts among passive forces.
        self._effort, self._passive = self.batch.bind("actuator_force"), self.batch.bind("qfrc_passive")
        self._touch = self.batch.bind("sensordata")
        self._warm_start = self.batch.bind("qacc_warmstart")
        self._feet = robot.body_indices(robot.foot_bodies)
        self._host = _allocate_state(robot, num_envs, torch.device("cpu"))
        self._arrays = {name: tensor.numpy() for name, tensor in vars(self._host).items()}
        self._state = self._host if device.type == "cpu" else _allocate_state(robot, num_envs, device)
        self._joint_torque = torch.zeros(num_envs, robot.num_joints, device=device)
        self._broken = torch.zeros(num_envs, dtype=torch.bool, device=device)
        self.batch.reset()
        self._refresh()

    @property
    def state(self) -> RobotState:
        """State of all worlds after the last call."""
        return self._state

    @property
    def joint_torque(self) -> Tensor:
        """Drive torques of the last physics step, N m, [N, J]."""
        return self._joint_torque

    @property
    def broken(self) -> Tensor:
        """Worlds whose state is not finite or has exploded, bool, [N]; a write heals them."""
        return self._broken

    def step(self, joint_targets: Tensor) -> None:
        """Advance by one control step with the drives' position targets, rad, [N, J], held constant."""
        self.step_physics(joint_targets)
        self._refresh()

    def step_physics(self, joint_targets: Tensor) -> None:
        """Advance the engine as `step` does, and nothing else."""
        self._ctrl[:] = joint_targets.numpy(force=True)
        self.batch.step(nstep=self.robot.config.decimation, stage=mujoco.mjtStage.mjSTAGE_VEL)

    def write_state(self, mask: Tensor, state: ResetState) -> None:
        """Set the worlds where `mask` [N] is true; rows of `state` elsewhere are ignored."""
        rows = mask.nonzero().flatten()
        if len(rows) == 0:
            return
        ids, state = rows.numpy(force=True), state.rows(rows)
        broken = ids[self._broken.numpy(force=True)[ids]]
        if len(broken):
            self.batch.reset(broken, stage=mujoco.mjtStage.mjSTAGE_NONE)
        # Nothing of the last episode may stay: this is all of MuJoCo's state that is not written below.
        self._warm_start[ids] = 0.0
        qpos = torch.cat((state.root_pos, state.root_rot, state.joint_pos), dim=-1)
        # MuJoCo's free joint takes the angular velocity in the body frame.
        spin = rotations.rotate_inverse(state.root_rot, state.root_ang_vel)
        qvel = torch.cat((state.root_lin_vel, spin, state.joint_vel), dim=-1)
        self._qpos[ids] = qpos.numpy(force=True)
        self._qvel[ids] = qvel.numpy(force=True)
        self._ctrl[ids] = state.joint_pos.numpy(force=True)
        self.batch.forward(ids)
        self._refresh(ids)

    def close(self) -> None:
        """Free what the engine holds; the batch goes with its last reference."""
        self._derived = {}

    def _refresh(self, rows: np.ndarray | slice = slice(None)) -> None:
        # MuJoCo's arrays are float64 and read-only; assignment to float32 arrays is the only conversion.
        out, xpos, cvel = self._arrays, self._derived["xpos"][rows], self._derived["cvel"][rows]
        out["joint_pos"][rows] = self._qpos[rows, 7:]
        out["joint_vel"][rows] = self._qvel[rows, 6:]
        # Body 0 of MuJoCo is the world.
        out["body_pos"][rows] = xpos[:, 1:]
        out["body_rot"][rows] = self._derived["xquat"][rows, 1:]
        spin, linear = cvel[:, 1:, :3].astype(np.float32), cvel[:, 1:, 3:].astype(np.float32)
        out["body_ang_vel"][rows] = spin
        # cvel's linear part belongs to the point of the body that passes through the whole robot's centre of mass.
        arm = (xpos[:, 1:] - self._derived["subtree_com"][rows, 1:2]).astype(np.float32)
        out["body_lin_vel"][rows] = linear + _cross(spin, arm)
        touching = np.zeros((len(xpos), self.robot.num_bodies), bool)
        touching[:, self._feet] = self._touch[rows] > 0
        out["body_contact"][rows] = touching
        if self._state is not self._host:
            for name in out:
                getattr(self._state, name).copy_(getattr(self._host, name))
        torque = self._effort + self._passive[:, 6:]
        self._joint_torque.copy_(torch.from_numpy(torque.astype(np.float32)))
        # Comparisons with NaN are false, so this also catches worlds that are not finite.
        sound = np.isfinite(self._qpos).all(axis=1) & (np.abs(self._qvel).max(axis=1) < SPEED_LIMIT)
        self._broken.copy_(torch.from_numpy(~sound))


def _silence_warnings() -> None:
    config = mujoco.MjLogConfig.get()
    config.logto_file = config.logto_console = False
    config.set()


def _cross(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the cross product of vectors [..., 3]; several times faster than numpy's."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    return np.stack((ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx), axis=-1)


def _allocate_state(robot: Robot, num_envs: int, device: torch.device) -> RobotState:
    def zeros(*shape: int) -> Tensor:
        return torch.zeros(num_envs, *shape, device=device)

    joints, bodies = robot.num_joints, robot.num_bodies
    return RobotState(
        joint_pos=zeros(joints),
        joint_vel=zeros(joints),
        body_pos=zeros(bodies, 3),
        body_rot=zeros(bodies, 4),
        body_lin_vel=zeros(bodies, 3),
        body_ang_vel=zeros(bodies, 3),
        body_contact=torch.zeros(num_envs, bodies, dtype=torch.bool, device=device),
    )
