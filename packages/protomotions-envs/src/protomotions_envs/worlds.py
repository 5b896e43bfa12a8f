# SPDX-License-Identifier: Apache-2.0
"""N robots and their episodes: what happens in a control step."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, TypedDict

import torch
from gymnasium.vector import AutoresetMode
from torch import Tensor

from protomotions_envs.config import EnvConfig
from protomotions_envs.cuda_graphs import CapturedFunction
from protomotions_envs.errors import ProtoMotionsError
from protomotions_envs.randomization.randomizer import Randomizer
from protomotions_envs.robots.robot import Robot
from protomotions_envs.simulators import make_simulator
from protomotions_envs.state import rest_state, rows_of
from protomotions_envs.tasks.task import Task, Transition
from protomotions_envs.terms.observations import Blocks

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


class _Happened(NamedTuple):
    """What a step has brought."""

    observed: dict[str, Blocks]
    """Observation terms of the N worlds and, after them, of the n that ended."""
    ended_rows: Tensor | None
    """Which worlds those are, long, [n]; None where the caller gets to see no last observations."""
    reward: Tensor
    """[N]."""
    term_names: tuple[str, ...]
    """Of the K reward terms."""
    terms: Tensor
    """[K, N]."""
    terminated: Tensor
    """[N]."""
    truncated: Tensor
    """[N]."""


class Worlds:
    """Steps robots, judges them, begins their episodes and observes them.

    All that follows the physics of a step reads and writes tensors that stay where they are. On a GPU their shapes are
    fixed and nothing waits for the device, so that it can be replayed as a CUDA graph.

    Args:
        config: Settings.
        robot: The robot in every world.
        task: What to do, for N worlds.
    """

    def __init__(self, config: EnvConfig, robot: Robot, task: Task) -> None:
        count, device = task.num_envs, task.device
        self.task = task
        self.randomizer = Randomizer(config.randomization, robot, count, device, rank=config.motion_shard[0])
        self.simulator = make_simulator(
            config.simulator,
            robot,
            count,
            device,
            num_threads=config.num_threads,
            graph=config.graph,
            properties=self.randomizer.properties,
        )
        self.autoreset_mode = AUTORESET[config.autoreset_mode]
        self.max_episode_steps = max(1, round(config.max_episode_seconds / robot.control_dt))
        self.generator = torch.Generator(device)
        """Where starts and noise are drawn from."""
        self._config = config
        self._device = device
        self._episode_steps = torch.zeros(count, dtype=torch.long, device=device)
        self._action = torch.zeros(count, robot.num_joints, device=device)
        self._previous_action = torch.zeros_like(self._action)
        self._baseline = torch.zeros_like(self._action)
        self._pending = torch.zeros(count, dtype=torch.bool, device=device)
        self._ending = torch.zeros_like(self._pending)
        self._rest = rest_state(robot, count, device)
        self._observe_terms, self._judge_terms = task.observe, task.judge
        # On a CPU, where operations are started one by one, autograd's accounts are a tenth of what follows physics.
        self._untracked: Callable[[], AbstractContextManager] = (
            torch.inference_mode if device.type == "cpu" else nullcontext
        )
        self._after_physics = self._capture()

    @property
    def graphs(self) -> bool:
        """Whether steps are replayed as CUDA graphs."""
        return isinstance(self._after_physics, CapturedFunction)

    def begin(self, mask: Tensor, options: Mapping[str, object]) -> None:
        """Start new episodes where `mask` [N] is true, see `Task.reset`.

        Option `randomization_seed`, an integer, first draws from it how the worlds differ; all must be in the mask.

        Raises:
            ProtoMotionsError: An option is out of range.
        """
        if "randomization_seed" in options:
            self._draw_worlds(options["randomization_seed"], mask)
        self.randomizer.draw_noise(self.generator, mask)
        self._begin_episodes(mask, options)
        self._baseline.copy_(self.task.baseline())

    def terms(self) -> dict[str, Tensor]:
        """Return the observation terms now, [N, ...] each."""
        # Fused terms are compiled for the shapes of a step.
        observed = self.task.observe(self._view())
        return _parts(_joined(observed), observed)

    def observe(self) -> Observation:
        """Return the observation now."""
        observed = self.task.observe(self._view())
        return self._named(_joined(observed), observed)

    @torch.no_grad()
    def step(self, action: Tensor) -> Outcome:
        """Advance by one control step with actions in -1..1, [N, J]."""
        self._action.copy_(action)
        targets = torch.addcmul(self._baseline, self.task.action_scale, action)
        self.simulator.step(self.randomizer.command(targets))
        return self._after_physics()

    def end(self, mask: Tensor) -> None:
        """Let the episodes of the worlds in `mask`, bool, [N], terminate in the next step."""
        self._ending |= mask

    def close(self) -> None:
        """Free the simulator."""
        self.simulator.close()

    def _finish_step(self) -> Outcome:
        """Judge what the physics has done, begin episodes, and observe."""
        broken, overflowed = self.simulator.broken.clone(), self.simulator.overflowed.clone()
        with self._untracked():
            happened = self._judge_and_begin(broken)
        # Blocks may be views of buffers that the next step overwrites; this is a copy.
        columns = _joined(happened.observed)
        now, ended = columns[: self.task.num_envs], columns[self.task.num_envs :]
        info: StepInfo = {
            "broken": broken,
            "overflowed": overflowed,
            "reward_terms": dict(zip(happened.term_names, _tracked(happened.terms), strict=True)),
        }
        terminated, truncated = _tracked(happened.terminated), _tracked(happened.truncated)
        if happened.ended_rows is not None:
            done = terminated | truncated
            final = torch.zeros_like(now).index_copy_(0, happened.ended_rows, ended)
            info.update(
                final_obs=self._named(final, happened.observed),
                _final_obs=done,
                final_info=dict(info),
                _final_info=done,
            )
        return self._named(now, happened.observed), _tracked(happened.reward), terminated, truncated, info

    def _judge_and_begin(self, broken: Tensor) -> _Happened:
        action = self._action
        # Broken worlds are put to rest, so that no later number is poisoned.
        self.simulator.write_state(broken, self._rest)
        self.task.advance(self.simulator.state)
        self._episode_steps += 1
        named_terms, terminated = self._judge(action, broken)
        terms = torch.stack(list(named_terms.values())) if named_terms else self._action.new_zeros(0, len(action))
        reward = torch.where(broken, 0.0, terms.sum(0))
        truncated = self.task.truncated() | (self._episode_steps >= self.max_episode_steps)
        if self.autoreset_mode == AutoresetMode.NEXT_STEP:
            # Where an episode has ended in the step before, this one only begins the next.
            reward = torch.where(self._pending, 0.0, reward)
            terminated, truncated = terminated & ~self._pending, truncated & ~self._pending
        self.task.record_ends(terminated)
        self.task.renew(self.simulator.state, self.generator)
        self._previous_action.copy_(action)
        done = terminated | truncated
        self.randomizer.push(self.simulator, done, self.generator)
        self.randomizer.draw_noise(self.generator)
        observed, ended_rows = self._autoreset(done)
        self._baseline.copy_(self.task.baseline())
        return _Happened(observed, ended_rows, reward, tuple(named_terms), terms, terminated, truncated)

    def _capture(self) -> Callable[[], Outcome]:
        """Return `_finish_step`, as a CUDA graph where device and simulator can; before the first reset."""
        if self._device.type == "cpu" or not self.simulator.capturable:
            return self._finish_step
        if not self._config.graph:
            logger.warning("CUDA graphs are off: every step launches hundreds of small operations one by one")
            return self._finish_step
        captured = self._capture_compiled() if self._config.compile else None
        if captured is None:
            captured = CapturedFunction(self._finish_step, self.generator)
        self.task.forget()
        return captured

    def _capture_compiled(self) -> CapturedFunction[Outcome] | None:
        """Return the captured step with fused observations and rewards, or None where PyTorch can't compile."""
        task = self.task
        observe, judge = task.observe, task.judge
        try:
            self._observe_terms, self._judge_terms = torch.compile(observe), torch.compile(judge)
            return CapturedFunction(self._finish_step, self.generator)
        except Exception as error:  # Compilers fail in many ways, and none is a reason not to simulate.
            logger.warning("torch.compile failed, so observations and rewards stay unfused: %s", error)
            self._observe_terms, self._judge_terms = observe, judge
            return None

    def _view(self) -> dict[str, Tensor]:
        rows = self.simulator.state_rows
        return self.task.view(self.randomizer.seen(rows), self._previous_action, rows)

    def _named(self, columns: Tensor, observed: dict[str, Blocks]) -> Observation:
        """Return the columns of all terms side by side as the observation that the settings want; views."""
        return columns if self._config.flatten else _parts(columns, observed)

    def _judge(self, action: Tensor, broken: Tensor) -> tuple[dict[str, Tensor], Tensor]:
        transition = Transition(self.simulator.state, self.simulator.joint_torque, action, self._previous_action)
        terms, lost = self._judge_terms(transition)
        failed = lost | broken | self._ending
        self._ending.zero_()
        return terms, failed

    def _draw_worlds(self, seed: object, mask: Tensor) -> None:
        """Draw how the worlds differ."""
        if not isinstance(seed, int) or seed < 0:
            raise ProtoMotionsError(f"Reset option 'randomization_seed' must be an integer from 0, not {seed!r}")
        if not bool(mask.all()):
            raise ProtoMotionsError("Reset option 'randomization_seed' needs a reset of all worlds, without reset_mask")
        self.randomizer.draw_worlds(seed)
        if self.randomizer.properties is not None:
            self.simulator.set_properties(self.randomizer.properties)

    def _autoreset(self, done: Tensor) -> tuple[dict[str, Blocks], Tensor | None]:
        """Return the observation terms now, and in SAME_STEP mode which worlds' last ones follow them."""
        if self.autoreset_mode == AutoresetMode.SAME_STEP:
            rows = rows_of(done)
            ended = {name: part.index_select(0, rows) for name, part in self._view().items()}
            self._begin_episodes(done, None)
            # Both in one pass: how many operations there are decides how long it takes.
            view = {name: torch.cat((part, ended[name])) for name, part in self._view().items()}
            return self._observe_terms(view), rows
        if self.autoreset_mode == AutoresetMode.NEXT_STEP:
            self._begin_episodes(self._pending.clone(), None)
            self._pending.copy_(done)
        return self._observe_terms(self._view()), None

    def _begin_episodes(self, mask: Tensor, options: Mapping[str, object] | None) -> None:
        if self._device.type == "cpu" and not bool(mask.any()):
            return
        self.simulator.write_state(mask, self.task.reset(mask, self.generator, options))
        self.task.begun(mask, self.simulator.state, self.generator)
        self.randomizer.begin(mask, self.task.baseline, self.generator)
        self._previous_action.masked_fill_(mask.unsqueeze(1), 0.0)
        self._episode_steps.masked_fill_(mask, 0)
        self._pending.masked_fill_(mask, False)
        self._ending.masked_fill_(mask, False)


def _joined(observed: dict[str, Blocks]) -> Tensor:
    """Return the columns of all terms side by side, a copy."""
    return torch.cat([block for blocks in observed.values() for block in blocks], dim=1)


def _parts(columns: Tensor, observed: dict[str, Blocks]) -> dict[str, Tensor]:
    """Return the columns of each term by its name; views."""
    widths = [sum(block.shape[1] for block in blocks) for blocks in observed.values()]
    return dict(zip(observed, columns.split(widths, dim=1), strict=True))


def _tracked(tensor: Tensor) -> Tensor:
    """Return a tensor that autograd and later writes can deal with, whatever mode it was made in."""
    return tensor.clone() if tensor.is_inference() else tensor
