# SPDX-License-Identifier: Apache-2.0
"""MuJoCo on the CPU: all worlds in one `mujoco.batch.Batch`, on all cores."""

from __future__ import annotations

from collections.abc import Mapping

import mujoco
import numpy as np
import torch
from mujoco import batch
from torch import Tensor

from protomotions_envs.robots.robot import Robot
from protomotions_envs.simulators.model_fields import write_properties
from protomotions_envs.simulators.properties import WorldProperties
from protomotions_envs.simulators.simulator import SPEED_LIMIT, Simulator
from protomotions_envs.simulators.world import world_spec
from protomotions_envs.state import ResetState

_COMPUTED = ("qpos", "qvel", "xpos", "xquat", "cvel", "subtree_com")
"""Fields of MjData that the poses and velocities of bodies are read from."""


class MujocoSimulator(Simulator):
    """MuJoCo's own solver in float64, one `MjData` per world; results don't depend on the number of threads.

    Foot contacts and torques of a world that was just written are unknown and given as 0 until its next step.

    MuJoCo's own warnings are switched off in the whole process: broken worlds are reported by the environment, and a
    log file in the current folder is nobody's wish.

    Args:
        robot: The robot that stands in every world.
        num_envs: Number of worlds.
        device: Where `state` lives; the physics is always on the CPU.
        num_threads: Threads that step the worlds, 0 for one per core.
        graph: Has no meaning here.
        properties: In what the worlds differ; None for nothing.
    """

    name = "mujoco"

    def __init__(
        self,
        robot: Robot,
        num_envs: int,
        device: torch.device,
        *,
        num_threads: int = 0,
        graph: bool = True,
        properties: WorldProperties | None = None,
    ) -> None:
        super().__init__(robot, num_envs, device)
        _silence_warnings()
        self.model = world_spec(robot).compile()
        # A persistent batch continues from the last velocity stage, so that refreshing the state costs nothing extra,
        # and keeps the contact sensors of the last physics step, which that stage does not compute.
        self.batch = batch.Batch(self.model, num_envs, num_threads, persistent=True)
        if properties is not None:
            self.set_properties(properties)
        self._computed = {name: self.batch.bind(name) for name in _COMPUTED}
        self._qpos, self._qvel = self._computed["qpos"], self._computed["qvel"]
        self._ctrl, self._warm_start = self.batch.bind("ctrl"), self.batch.bind("qacc_warmstart")
        # The damping of some robots' drives is a property of their joints, which MuJoCo counts among passive forces.
        self._effort, self._passive = self.batch.bind("actuator_force"), self.batch.bind("qfrc_passive")
        self._touch = self.batch.bind("sensordata")
        # Bodies of worlds that were just written are computed apart: the next step computes their dynamics anyway.
        self._apart = mujoco.MjData(self.model)
        self._computed_apart = {name: np.empty(values.shape) for name, values in self._computed.items()}
        self._feet = robot.body_indices(robot.foot_bodies)
        # On a CPU these are the simulator's own tensors, elsewhere copies of them.
        self._host = [(tensor, tensor.cpu()) for tensor in (self.state_rows, self.joint_torque, self.broken)]
        self._rows, self._torque, self._broken = (host.numpy() for _, host in self._host)
        # Where some worlds' fields are put together before they are written to their rows.
        self._scratch = np.zeros_like(self._rows)
        self._fields, self._scratch_fields = (
            {name: view.numpy() for name, view in vars(self.layout.split(torch.from_numpy(rows))).items()}
            for rows in (self._rows, self._scratch)
        )
        self.batch.reset()
        self._refresh()

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
        ids = np.flatnonzero(mask.numpy(force=True))
        if len(ids) == 0:
            return
        broken = ids[self._broken[ids]]
        if len(broken):
            self.batch.reset(broken, stage=mujoco.mjtStage.mjSTAGE_NONE)
        # Nothing of the last episode may stay: this is all of MuJoCo's state that is not written below.
        self._warm_start[ids] = 0.0
        rows = state.rows.numpy(force=True)[ids].astype(float)
        qpos, qvel = np.split(rows, [7 + self.robot.num_joints], axis=1)
        # MuJoCo's free joint takes the angular velocity in the body frame.
        _rotate_back(qpos[:, 3:7], qvel[:, 3:6])
        self._qpos[ids], self._qvel[ids], self._ctrl[ids] = qpos, qvel, qpos[:, 7:]
        self._fields["body_contact"][ids] = self._torque[ids] = self._broken[ids] = 0
        self._refresh_written(ids)

    def add_root_velocity(self, mask: Tensor, change: Tensor) -> None:
        """Push the worlds where `mask` [N] is true: add `change` [N, 6] to their roots' velocities, world frame."""
        ids = np.flatnonzero(mask.numpy(force=True))
        if len(ids) == 0:
            return
        velocity = change.numpy(force=True)[ids].astype(float)
        # MuJoCo's free joint takes the angular velocity in the body frame.
        _rotate_back(self._qpos[ids, 3:7], velocity[:, 3:])
        self._qvel[ids, :6] += velocity
        self._refresh_written(ids)

    def set_properties(self, properties: WorldProperties) -> None:
        """Replace the properties of the worlds, which must be written anew afterwards."""
        write_properties(self.batch, self.model, properties)

    def close(self) -> None:
        """Free what the engine holds; the batch goes with its last reference."""
        self._computed = self._computed_apart = {}

    def _refresh(self) -> None:
        """Read the state of all worlds after a step."""
        _read(self._computed, self._fields)
        self._fields["body_contact"][:, self._feet] = self._touch > 0
        np.add(self._effort, self._passive[:, 6:], out=self._torque)
        # Comparisons with NaN are false, so this also catches worlds that are not finite.
        self._broken[:] = ~(np.abs(self._qvel).max(axis=1) < SPEED_LIMIT)
        self._publish()

    def _refresh_written(self, ids: np.ndarray) -> None:
        """Read the state of worlds whose coordinates were written; what the last step did to them stays."""
        count, bodies = len(ids), self.robot.num_bodies
        computed = {name: values[:count] for name, values in self._computed_apart.items()}
        for row, world in enumerate(ids):
            self._apart.qpos, self._apart.qvel = self._qpos[world], self._qvel[world]
            mujoco.mj_kinematics(self.model, self._apart)
            mujoco.mj_comPos(self.model, self._apart)
            mujoco.mj_comVel(self.model, self._apart)
            for name, values in computed.items():
                values[row] = getattr(self._apart, name)
        _read(computed, {name: view[:count] for name, view in self._scratch_fields.items()})
        # The last columns are those of contacts.
        self._rows[ids, :-bodies] = self._scratch[:count, :-bodies]
        self._publish()

    def _publish(self) -> None:
        """Copy what has been read to the device."""
        for tensor, host in self._host:
            if tensor is not host:
                tensor.copy_(host)


def _read(computed: Mapping[str, np.ndarray], out: Mapping[str, np.ndarray]) -> None:
    """Write the arrays of `_COMPUTED`, [n, ...] each, to the fields of a state, all but contacts."""
    qpos, qvel, xpos, xquat, cvel, subtree_com = (computed[name] for name in _COMPUTED)
    # MuJoCo's arrays are float64; assignment to float32 arrays is the only conversion.
    out["joint_pos"][:] = qpos[:, 7:]
    out["joint_vel"][:] = qvel[:, 6:]
    # Body 0 of MuJoCo is the world.
    out["body_pos"][:] = xpos[:, 1:]
    out["body_rot"][:] = xquat[:, 1:]
    out["body_ang_vel"][:] = cvel[:, 1:, :3]
    # cvel's linear part belongs to the point of the body that passes through the whole robot's centre of mass.
    arm = out["body_pos"] - subtree_com[:, 1:2].astype(np.float32)
    out["body_lin_vel"][:] = cvel[:, 1:, 3:]
    _add_cross(out["body_lin_vel"], out["body_ang_vel"], arm)


def _silence_warnings() -> None:
    config = mujoco.MjLogConfig.get()
    config.logto_file = config.logto_console = False
    config.set()


def _rotate_back(turns: np.ndarray, vectors: np.ndarray) -> None:
    """Rotate vectors [n, 3] in place by the inverse of quaternions wxyz [n, 4], both float64."""
    back = np.empty(4)
    for turn, vector in zip(turns, vectors, strict=True):
        mujoco.mju_negQuat(back, turn)
        mujoco.mju_rotVecQuat(vector, vector.copy(), back)


def _add_cross(out: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """Add the cross products of vectors [N, B, 3] to others; several times faster than numpy's."""
    for axis in range(3):
        after, before = (axis + 1) % 3, (axis + 2) % 3
        out[..., axis] += a[..., after] * b[..., before] - a[..., before] * b[..., after]
