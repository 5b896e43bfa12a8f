# SPDX-License-Identifier: Apache-2.0
"""MuJoCo Warp: the physics of all worlds as one CUDA graph."""

from __future__ import annotations

from collections.abc import Mapping

import mujoco
import mujoco_warp
import numpy as np
import torch
import warp as wp
from torch import Tensor

from protomotions_envs.robots.robot import Robot
from protomotions_envs.simulators.model_fields import model_fields
from protomotions_envs.simulators.mujoco_warp import kernels
from protomotions_envs.simulators.mujoco_warp.buffers import BufferSizes, buffer_sizes
from protomotions_envs.simulators.properties import WorldProperties
from protomotions_envs.simulators.simulator import SPEED_LIMIT, Simulator
from protomotions_envs.simulators.world import world_spec
from protomotions_envs.state import ResetState

_BLOCK = 32
"""Threads per block of kernels with a thread per world: few, so that some thousand worlds reach all multiprocessors."""
_Overflow = mujoco_warp.OverflowType
# An iteration limit that is reached is no overflow: the limits are part of the model.
_OVERFLOWS = int(_Overflow.ALL & ~(_Overflow.ITERATIONS | _Overflow.LS_ITERATIONS))


class MujocoWarpSimulator(Simulator):
    """MuJoCo's solver in float32 on the GPU; on the CPU the same code runs slowly and serves for tests.

    The physics steps of a control step are captured once as a CUDA graph. Body poses and velocities come from a kernel
    of our own rather than from MuJoCo Warp's, which would compute them for all worlds again after a reset of a few.
    Foot contacts of a world that was just written are unknown and given as 0 until its next step.

    On a GPU the same actions don't give the same trajectories bit for bit.

    Args:
        robot: The robot that stands in every world.
        num_envs: Number of worlds.
        device: Where the physics and `state` live.
        num_threads: Has no meaning here.
        graph: Whether to capture the physics; CUDA only.
        properties: In what the worlds differ; None for nothing.
    """

    name = "mujoco-warp"
    capturable = True

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
        self._warp_device = wp.get_device(str(device))
        model = world_spec(robot).compile()
        # MuJoCo Warp never resets worlds itself and doesn't know the flag that forbids it.
        model.opt.disableflags &= ~int(mujoco.mjtDisableBit.mjDSBL_AUTORESET)
        self.sizes: BufferSizes = buffer_sizes(model)
        self._host_model = model
        own = {} if properties is None else model_fields(model, num_envs, properties)
        with wp.ScopedDevice(self._warp_device):
            self._model = mujoco_warp.put_model(model, batch_sizes=dict.fromkeys(own, num_envs))
            self._write_model(own)
            # Overflows are reported in `overflowed`, not by a line per world and step.
            self._model.opt.warn_overflow = 0
            self._data = mujoco_warp.make_data(
                model, nworld=num_envs, nconmax=self.sizes.contacts, njmax=self.sizes.constraints
            )
            self._tree = _tree(robot.model)
            self._feet = wp.array(robot.body_indices(robot.foot_bodies), dtype=int)
            self._all = wp.full(num_envs, True, dtype=bool)
        self._targets = wp.to_torch(self._data.ctrl)
        written = (self.state_rows, self.joint_torque, self.broken, self.overflowed)
        self._out = [wp.from_torch(tensor) for tensor in written]
        self._graph = self._capture() if graph and device.type == "cuda" else None
        self._read(self._all)

    def step(self, joint_targets: Tensor) -> None:
        """Advance by one control step with the drives' position targets, rad, [N, J], held constant."""
        self.step_physics(joint_targets)
        self._read(self._all)

    def step_physics(self, joint_targets: Tensor) -> None:
        """Advance the engine as `step` does, and nothing else."""
        self._targets.copy_(joint_targets)
        if self._graph is None:
            self._step_engine()
        else:
            wp.capture_launch(self._graph, stream=self._stream())

    def write_state(self, mask: Tensor, state: ResetState) -> None:
        """Set the worlds where `mask` [N] is true; rows of `state` elsewhere are ignored."""
        data, chosen = self._data, wp.from_torch(mask)
        wp.launch(
            kernels.write_coordinates,
            dim=self.num_envs,
            inputs=[chosen, wp.from_torch(state.rows)],
            outputs=[data.qpos, data.qvel, data.ctrl, data.qacc_warmstart, data.sensordata],
            device=self._warp_device,
            stream=self._stream(),
            block_dim=_BLOCK,
        )
        self._read(chosen)

    def add_root_velocity(self, mask: Tensor, change: Tensor) -> None:
        """Push the worlds where `mask` [N] is true: add `change` [N, 6] to their roots' velocities, world frame."""
        chosen = wp.from_torch(mask)
        wp.launch(
            kernels.add_root_velocity,
            dim=self.num_envs,
            inputs=[chosen, wp.from_torch(change), self._data.qpos],
            outputs=[self._data.qvel],
            device=self._warp_device,
            stream=self._stream(),
            block_dim=_BLOCK,
        )
        self._read(chosen)

    def set_properties(self, properties: WorldProperties) -> None:
        """Replace the properties of the worlds, which must be written anew afterwards.

        They are written to the arrays that a captured graph reads.
        """
        fields = model_fields(self._host_model, self.num_envs, properties)
        # Steps under way still read the arrays, and later ones may run on another stream.
        wp.synchronize_device(self._warp_device)
        self._write_model(fields)
        wp.synchronize_device(self._warp_device)

    def close(self) -> None:
        """Free the captured graph."""
        self._graph = None

    def _write_model(self, fields: Mapping[str, np.ndarray]) -> None:
        for name, values in fields.items():
            getattr(self._model, name).assign(values.astype(np.float32))

    def _read(self, mask: wp.array) -> None:
        data = self._data
        wp.launch(
            kernels.read_state,
            dim=self.num_envs,
            inputs=[
                mask,
                self._tree,
                self._feet,
                SPEED_LIMIT,
                data.qpos,
                data.qvel,
                data.actuator_force,
                data.qfrc_passive,
                data.sensordata,
                _OVERFLOWS,
                data.overflow,
            ],
            outputs=self._out,
            device=self._warp_device,
            stream=self._stream(),
            block_dim=_BLOCK,
        )

    def _step_engine(self) -> None:
        with wp.ScopedDevice(self._warp_device):
            for _ in range(self.robot.config.decimation):
                mujoco_warp.step(self._model, self._data)

    def _capture(self) -> wp.Graph:
        # The first step compiles and loads the kernels, which can't happen during the capture.
        self._step_engine()
        with wp.ScopedCapture(self._warp_device) as capture:
            self._step_engine()
        wp.synchronize_device(self._warp_device)
        return capture.graph

    def _stream(self) -> wp.Stream | None:
        """Return PyTorch's stream, so that physics and tensors follow one another without waiting."""
        return wp.stream_from_torch(self.device) if self.device.type == "cuda" else None


def _tree(model: mujoco.MjModel) -> kernels.Tree:
    """Return the kinematic tree of a robot's model, whose body 0 is the world and joint 0 the root's free joint."""
    tree = kernels.Tree()
    tree.parent = wp.array(model.body_parentid[1:] - 1, dtype=int)
    tree.offset = wp.array(model.body_pos[1:], dtype=wp.vec3)
    tree.turn = wp.array(model.body_quat[1:], dtype=wp.vec4)
    tree.first_joint = wp.array(np.maximum(model.body_jntadr[1:] - 1, 0), dtype=int)
    tree.joint_count = wp.array(model.body_jntnum[1:], dtype=int)
    tree.axis = wp.array(model.jnt_axis[1:], dtype=wp.vec3)
    tree.anchor = wp.array(model.jnt_pos[1:], dtype=wp.vec3)
    tree.zero_angle = wp.array(model.qpos0[7:], dtype=float)
    return tree
