# SPDX-License-Identifier: Apache-2.0
"""Many humanoids at once, as a Gymnasium vector environment of torch tensors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import TypedDict

import gymnasium
import numpy as np
import torch
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space
from torch import Tensor

from protomotions_envs.config import EnvConfig, merge_settings
from protomotions_envs.cuda_graphs import CapturedFunction
from protomotions_envs.errors import MotionError, ProtoMotionsError, RenderError
from protomotions_envs.motions import MotionLibrary, default_motion, load_motions
from protomotions_envs.rendering import Renderer
from protomotions_envs.robots import load_robot
from protomotions_envs.simulators import default_device, make_simulator
from protomotions_envs.state import rest_state, rows_of
from protomotions_envs.tasks.mimic.task import MimicTask
from protomotions_envs.tasks.task import Transition
from protomotions_envs.torch_threads import threads_for

logger = logging.getLogger(__name__)

Observation = Tensor | dict[str, Tensor]


class StepInfo(TypedDict, total=False):
    """What `step` tells besides its results; the last four keys in SAME_STEP mode only."""

    broken: Tensor
    """Worlds that broke and were put to rest, bool, [N]."""
    overflowed: Tensor
    """Worlds whose contacts or constraints didn't all fit the simulator's buffers, bool, [N]."""
    reward_terms: dict[str, Tensor]
    """Weighted reward terms, [N] each."""
    final_obs: Observation
    """Observation before the reset, all rows."""
    _final_obs: Tensor
    """Rows of `final_obs` whose episode ended, bool, [N]."""
    final_info: dict[str, object]
    """`broken` and `reward_terms` before the reset."""
    _final_info: Tensor
    """Rows of `final_info` whose episode ended, bool, [N]."""


Outcome = tuple[Observation, Tensor, Tensor, Tensor, StepInfo]
"""Observation, reward [N], terminated [N], truncated [N], info."""

AUTORESET = {
    "next_step": AutoresetMode.NEXT_STEP,
    "same_step": AutoresetMode.SAME_STEP,
    "disabled": AutoresetMode.DISABLED,
}


class HumanoidVectorEnv(VectorEnv):
    """N simulated humanoids that follow reference motions.

    ## Action Space
    `Box(-1, 1, (J,))`, one number per joint in MJCF order. A joint's drive is told to hold, for one control step, the
    angle *baseline + action * effort limit / stiffness*: at rest, an action of 1 asks for the joint's whole effort.
    The baseline is the reference's joint angle of the next frame (`action="reference_residual"`) or the robot's default
    pose (`"default_offset"`). Actions beyond the bounds are clipped. Gaussian policies should start with a small
    standard deviation, about 0.15.

    ## Observation Space
    `Dict` of named `Box` parts, or one `Box` of all parts in that order with `flatten=True`. With B bodies, J joints
    and K future steps, the defaults are `max_coords` (15 B - 2), `joint_state` (2 J), `future_poses` (K (9 + J)),
    `reference_joint_vel` (J), `body_difference` (3 B) and `previous_action` (J); see
    `protomotions_envs.terms.observations` for contents, units and frames. float32.

    ## Rewards
    A weighted sum of tracking terms and penalties, see `protomotions_envs.tasks.mimic.config.MimicRewards`; the default
    weights of the tracking terms sum to about 1. `info["reward_terms"]` holds the weighted terms.

    ## Starting State
    A random moment of a random clip (reference state initialisation) with some noise on joints and velocities, more
    often where episodes failed lately. `reset(options={"motion": ids, "frame": frames, "noise": False})` chooses it.

    ## Episode End
    `terminated`: the robot has lost its reference (`MimicTerminations`) or its world broke (not finite, or exploded;
    then also `info["broken"]`). `truncated`: the clip has ended or the time limit is reached. The two are independent.
    All three autoreset modes of Gymnasium are supported. SAME_STEP gives `info["final_obs"]` and `info["final_info"]`
    with all N rows, valid where `info["_final_obs"]` is true. DISABLED resets with
    `reset(options={"reset_mask": mask})`.

    ## Arguments
    The fields of `EnvConfig` as keywords, or a whole `EnvConfig` as `config`, of which keywords replace fields.

    ## Versions
    * v0: first.

    Args:
        num_envs: Number N of worlds.
        config: Settings; the defaults of `EnvConfig` if None.
        motion_library: Clips to share with another environment; loaded from the settings if None.
        settings: Fields of `EnvConfig` to replace.

    Raises:
        ProtoMotionsError: A setting, robot, simulator or motion file that can't be used; the message says what to do.
    """

    metadata: dict[str, object] = {  # noqa: RUF012  (Gymnasium's)
        "render_modes": ["rgb_array"],
        "autoreset_mode": AutoresetMode.NEXT_STEP,
    }

    def __init__(
        self,
        num_envs: int = 1,
        *,
        config: EnvConfig | None = None,
        motion_library: MotionLibrary | None = None,
        **settings: object,
    ) -> None:
        self.config = merge_settings(config, settings)
        if num_envs < 1:
            raise ProtoMotionsError(f"num_envs must be at least 1, not {num_envs}")
        self.num_envs = num_envs
        self.device = _device(self.config)
        self.robot = load_robot(self.config.robot)
        self.motion_library = motion_library or load_library(self.config)
        self.simulator = make_simulator(
            self.config.simulator,
            self.robot,
            num_envs,
            self.device,
            num_threads=self.config.num_threads,
            graph=self.config.graph,
        )
        self.task = MimicTask(self.config.task, self.robot, self.motion_library, num_envs, self.device)
        self.autoreset_mode = AUTORESET[self.config.autoreset_mode]
        self.render_mode = self.config.render_mode
        self.metadata = {
            **type(self).metadata,
            "autoreset_mode": self.autoreset_mode,
            "render_fps": round(1 / self.robot.control_dt),
        }
        self.max_episode_steps = max(1, round(self.config.max_episode_seconds / self.robot.control_dt))
        self._generator = torch.Generator(self.device)
        self._seeded = False
        self._observe_terms, self._judge_terms = self.task.observe, self.task.judge
        self._renderer: Renderer | None = None
        self._allocate()
        self._define_spaces()
        self._judge_and_observe = self._capture()

    def reset(
        self, *, seed: int | list[int] | None = None, options: Mapping[str, object] | None = None
    ) -> tuple[Observation, dict[str, object]]:
        """Start new episodes in all worlds, or where `options["reset_mask"]` (bool, [N]) is true.

        Other options choose the start, see `MimicTask.reset`.
        """
        super().reset(seed=seed)  # ty: ignore[invalid-argument-type]
        if seed is not None or not self._seeded:
            self._generator.manual_seed(int(self.np_random.integers(2**62)))
            self._seeded = True
        options = dict(options or {})
        mask = self._reset_mask(options.pop("reset_mask", None))
        self._begin_episodes(mask, options)
        self._baseline.copy_(self.task.baseline())
        # Other shapes than in a step would be compiled anew.
        return self._output(self.task.observe(self._view())), {"broken": torch.zeros_like(mask)}

    # The info is a plain dictionary when it runs; only its type is more exact than Gymnasium's.
    def step(self, actions: Tensor | np.ndarray) -> Outcome:  # ty: ignore[incompatible-method-override]
        """Advance all worlds by one control step.

        Args:
            actions: [N, J], torch or numpy.

        Returns:
            Observation, reward [N], terminated [N], truncated [N], info.
        """
        with threads_for(self.num_envs, self.device):
            return self._step(self._check_actions(actions))

    @property
    def graphs(self) -> bool:
        """Whether steps are replayed as CUDA graphs."""
        return isinstance(self._judge_and_observe, CapturedFunction)

    def render(self) -> tuple[np.ndarray, ...] | None:
        """Return a picture of the first world, its reference beside it as a ghost, uint8 [height, width, 3].

        Raises:
            RenderError: The environment wasn't made with `render_mode="rgb_array"`, or OpenGL isn't available.
        """
        if self.render_mode is None:
            raise RenderError('Make the environment with render_mode="rgb_array" to render it')
        if self._renderer is None:
            self._renderer = Renderer(self.robot)
        return (self._renderer.draw(self.simulator.state, self.task.reference),)

    def close_extras(self, **kwargs: object) -> None:
        """Free the simulator and the renderer."""
        self.simulator.close()
        if self._renderer is not None:
            self._renderer.close()

    def _step(self, action: Tensor) -> Outcome:
        self._action.copy_(action)
        self.simulator.step(torch.addcmul(self._baseline, self.task.action_scale, action))
        return self._judge_and_observe()

    def _after_physics(self) -> Outcome:
        """Return what `step` does; reads and writes fixed buffers only, so that it can be captured."""
        action, starting, overflowed = self._action, self._pending.clone(), self.simulator.overflowed.clone()
        broken = self._heal()
        self.task.advance()
        self._episode_steps += 1
        terms, terminated = self._judge(action, broken)
        truncated = self.task.truncated() | (self._episode_steps >= self.max_episode_steps)
        reward = torch.stack(list(terms.values())).sum(0) if terms else torch.zeros(self.num_envs, device=self.device)
        reward = torch.where(broken | starting, 0.0, reward)
        terminated, truncated = terminated & ~starting, truncated & ~starting
        self.task.record_ends(terminated)
        self._previous_action.copy_(action)
        info: StepInfo = {"broken": broken, "overflowed": overflowed, "reward_terms": terms}
        observation = self._autoreset(terminated | truncated, starting, info)
        self._baseline.copy_(self.task.baseline())
        return observation, reward, terminated, truncated, info

    def _capture(self) -> Callable[[], Outcome]:
        """Return `_after_physics`, as a CUDA graph where device and simulator can; before the first reset."""
        if self.device.type == "cpu" or not self.simulator.capturable:
            return self._after_physics
        if not self.config.graph:
            logger.warning("CUDA graphs are off: every step launches hundreds of small operations one by one")
            return self._after_physics
        captured = self._capture_compiled() if self.config.compile else None
        if captured is None:
            captured = CapturedFunction(self._after_physics, self._generator)
        self.task.forget()
        return captured

    def _capture_compiled(self) -> CapturedFunction[Outcome] | None:
        """Return the captured step with fused observations and rewards, or None where PyTorch can't compile."""
        task = self.task
        observe, judge = task.observe, task.judge
        try:
            self._observe_terms, self._judge_terms = torch.compile(observe), torch.compile(judge)
            return CapturedFunction(self._after_physics, self._generator)
        except Exception as error:  # Compilers fail in many ways, and none is a reason not to simulate.
            logger.warning("torch.compile failed, so observations and rewards stay unfused: %s", error)
            self._observe_terms, self._judge_terms = observe, judge
            return None

    def _allocate(self) -> None:
        count, device = self.num_envs, self.device
        self._episode_steps = torch.zeros(count, dtype=torch.long, device=device)
        self._action = torch.zeros(count, self.robot.num_joints, device=device)
        self._previous_action = torch.zeros_like(self._action)
        self._baseline = torch.zeros_like(self._action)
        self._pending = torch.zeros(count, dtype=torch.bool, device=device)
        self._rest = rest_state(self.robot, count, device)

    def _define_spaces(self) -> None:
        joints = self.robot.num_joints
        self.single_action_space = gymnasium.spaces.Box(-1.0, 1.0, (joints,), np.float32)
        parts = self.task.observe(self._view())
        self.observation_sizes = {name: part.shape[1] for name, part in parts.items()}
        boxes: dict[str, gymnasium.Space] = {name: _unbounded(size) for name, size in self.observation_sizes.items()}
        total = sum(self.observation_sizes.values())
        self.single_observation_space = _unbounded(total) if self.config.flatten else gymnasium.spaces.Dict(boxes)
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)

    def _view(self) -> dict[str, Tensor]:
        return self.task.view(self.simulator.state_rows, self._previous_action)

    def _observe(self, view: dict[str, Tensor]) -> Observation:
        return self._output(self._observe_terms(view))

    def _output(self, parts: dict[str, Tensor]) -> Observation:
        if self.config.flatten:
            return torch.cat(list(parts.values()), dim=1)
        # Terms may be views of buffers that the next step overwrites.
        return {name: part.clone() for name, part in parts.items()}

    def _observe_both(self, ended: dict[str, Tensor], rows: Tensor) -> tuple[Observation, Observation]:
        """Return the observation now and the one before the reset, given the view that ended worlds `rows` had then.

        Both are computed in one pass, which is what decides how long it takes.
        """
        joined = self._observe({name: torch.cat((part, ended[name])) for name, part in self._view().items()})
        if isinstance(joined, Tensor):
            return self._apart(joined, rows)
        pairs = {name: self._apart(part, rows) for name, part in joined.items()}
        return {name: now for name, (now, _) in pairs.items()}, {name: final for name, (_, final) in pairs.items()}

    def _apart(self, joined: Tensor, rows: Tensor) -> tuple[Tensor, Tensor]:
        """Return the first N rows, and the others at their places `rows` among N, zeros elsewhere."""
        now, final = joined.split([self.num_envs, len(rows)])
        return now, torch.zeros_like(now).index_copy_(0, rows, final)

    def _judge(self, action: Tensor, broken: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        transition = Transition(self.simulator.state, self.simulator.joint_torque, action, self._previous_action)
        terms, lost = self._judge_terms(transition)
        return terms, lost | broken

    def _heal(self) -> Tensor:
        """Put broken worlds to rest, so that no later number is poisoned, and return where they were."""
        broken = self.simulator.broken.clone()
        if self.device.type != "cpu" or bool(broken.any()):
            self.simulator.write_state(broken, self._rest)
        return broken

    def _autoreset(self, done: Tensor, starting: Tensor, info: StepInfo) -> Observation:
        if self.autoreset_mode == AutoresetMode.DISABLED:
            return self._observe(self._view())
        if self.autoreset_mode == AutoresetMode.NEXT_STEP:
            self._begin_episodes(starting, {})
            self._pending.copy_(done)
            return self._observe(self._view())
        rows = rows_of(done)
        ended = {name: part[rows] for name, part in self._view().items()}
        self._begin_episodes(done, {})
        observation, final = self._observe_both(ended, rows)
        info.update(final_obs=final, _final_obs=done, final_info=dict(info), _final_info=done)
        return observation

    def _begin_episodes(self, mask: Tensor, options: Mapping[str, object]) -> None:
        if self.device.type == "cpu" and not bool(mask.any()):
            return
        self.simulator.write_state(mask, self.task.reset(mask, self._generator, options))
        self._previous_action.masked_fill_(mask.unsqueeze(1), 0.0)
        self._episode_steps.masked_fill_(mask, 0)
        self._pending.masked_fill_(mask, False)

    def _check_actions(self, actions: Tensor | np.ndarray) -> Tensor:
        action = torch.as_tensor(actions, dtype=torch.float32, device=self.device)
        if action.shape != self._previous_action.shape:
            raise ProtoMotionsError(
                f"Actions have shape {tuple(action.shape)}, expected {tuple(self._previous_action.shape)}"
            )
        return action.clamp(-1.0, 1.0)

    def _reset_mask(self, mask: object) -> Tensor:
        if mask is None:
            return torch.ones(self.num_envs, dtype=torch.bool, device=self.device)
        chosen = torch.as_tensor(mask, device=self.device)
        if chosen.dtype != torch.bool or chosen.shape != (self.num_envs,):
            raise ProtoMotionsError(
                f"options['reset_mask'] must be bool of shape ({self.num_envs},), not {chosen.dtype} of "
                f"{tuple(chosen.shape)}"
            )
        return chosen


def load_library(config: EnvConfig) -> MotionLibrary:
    """Return the clips that the settings name, or the robot's built-in clip, at the control rate.

    Raises:
        MotionError: The clips can't be used, or there is no built-in one.
    """
    robot = load_robot(config.robot)
    path = config.motion_file or default_motion(robot)
    if path is None:
        raise MotionError(f"Robot {robot.name!r} has no built-in clip; give one with motion_file (--motion-file)")
    return MotionLibrary(load_motions(path, robot), robot, fps=1 / robot.control_dt, device=_device(config))


def _device(config: EnvConfig) -> torch.device:
    return torch.device(config.device) if config.device is not None else default_device(config.simulator)


def _unbounded(size: int) -> gymnasium.spaces.Box:
    return gymnasium.spaces.Box(-np.inf, np.inf, (size,), np.float32)
