# SPDX-License-Identifier: Apache-2.0
"""Tasks as parts of a CUDA graph: fixed shapes, nothing that waits or comes from the host, the same numbers."""

import pytest
import torch
from tests.envs.states import standing_motion
from torch.utils._python_dispatch import TorchDispatchMode

from protomotions_envs import HumanoidVectorEnv
from protomotions_envs.motions import MotionLibrary
from protomotions_envs.state import ResetState, StateLayout
from protomotions_envs.tasks import TASKS, MimicConfig, PathFollowerConfig, make_task
from protomotions_envs.tasks.mimic.observations import OBSERVATIONS
from protomotions_envs.tasks.path_follower.config import Heights, Paths
from protomotions_envs.tasks.regularizers import Penalty, Regularizers
from protomotions_envs.tasks.steering.config import SteeringCommands, SteeringConfig
from protomotions_envs.tasks.task import Transition

FREE = {name: config() for name, config in TASKS.items() if name != "mimic"}
ALL_PRICES = Regularizers(**dict.fromkeys(vars(Regularizers()), Penalty(0.1, 1.0)))
CONFIGS = {
    **FREE,
    "steering, facing anywhere": SteeringConfig(
        commands=SteeringCommands(facing="random", seconds=(0.02, 0.1), acceleration=5.0, turn_rate=4.0),
        regularizers=ALL_PRICES,
    ),
    "path with heights": PathFollowerConfig(paths=Paths(heights=Heights(enabled=True))),
}
EVERY = {**CONFIGS, "mimic with all observations": MimicConfig(observations=tuple(OBSERVATIONS))}
N = 4


class NoConstants(TorchDispatchMode):
    """Refuses tensors made of Python's numbers, which on a GPU are copied there: a graph can't hold that."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        """Run all operations but one."""
        assert func is not torch.ops.aten.lift_fresh.default, "a tensor is made of Python's numbers"
        return func(*args, **(kwargs or {}))


def test_constants_are_noticed():
    """The check below can fail."""
    with NoConstants(), pytest.raises(AssertionError, match="Python's numbers"):
        torch.ones(3).new_tensor([1.0, 2.0])


@pytest.mark.parametrize("name", EVERY)
def test_no_step_makes_a_constant(g1, name):
    """All that follows physics in a step: clocks, rewards, ends, observations, starts and goals."""
    cpu = torch.device("cpu")
    library = MotionLibrary([standing_motion(g1)], g1, fps=1 / g1.control_dt, device=cpu)
    task = make_task(EVERY[name], g1, library, N, cpu)
    rows = library.rows(torch.arange(N))
    state, action = StateLayout(g1.num_joints, g1.num_bodies).split(rows), torch.zeros(N, g1.num_joints)
    generator = torch.Generator().manual_seed(0)
    everyone = torch.ones(N, dtype=torch.bool)
    with NoConstants():
        task.advance(state)
        task.judge(Transition(state, action, action, action))
        task.record_ends(everyone)
        task.renew(state, generator)
        task.reset(everyone, generator)
        task.begun(everyone, state, generator)
        parts = task.observe(task.view(rows, action, rows))
    assert all(block.isfinite().all() for blocks in parts.values() for block in blocks)


@pytest.mark.parametrize("name", CONFIGS)
def test_nothing_depends_on_values(g1, name):
    """Tensors without values do: shapes follow from shapes, and no branch looks into a tensor."""
    meta = torch.device("meta")
    library = MotionLibrary([standing_motion(g1)], g1, fps=1 / g1.control_dt, device=meta)
    task = make_task(CONFIGS[name], g1, library, N, meta)
    layout = StateLayout(g1.num_joints, g1.num_bodies)
    rows, mask = layout.empty(N, meta), torch.zeros(N, dtype=torch.bool, device=meta)
    state, action = layout.split(rows), torch.zeros(N, g1.num_joints, device=meta)
    # Only generators of devices with values exist; without one the default is drawn from.
    generator: torch.Generator = None  # ty: ignore[invalid-assignment]
    start = task.reset(mask, generator)
    assert isinstance(start, ResetState)
    assert start.rows.shape == (N, 13 + 2 * g1.num_joints)
    task.begun(mask, state, generator)
    task.advance(state)
    terms, failed = task.judge(Transition(state, action, action, action))
    task.renew(state, generator)
    parts = task.observe(task.view(rows, action, rows))
    assert failed.shape == (N,)
    assert all(term.shape == (N,) for term in terms.values())
    assert all(block.shape[0] == N for blocks in parts.values() for block in blocks)


def rollout(g1, config, steps: int = 15, **settings: object) -> list[tuple]:
    """Return what some steps with small random actions give, over several episodes of five steps."""
    library = MotionLibrary([standing_motion(g1)], g1, fps=1 / g1.control_dt, device="cuda")
    env = HumanoidVectorEnv(
        32,
        task=config,
        simulator="mujoco-warp",
        device="cuda",
        flatten=True,
        motion_library=library,
        autoreset_mode="same_step",
        max_episode_seconds=0.1,
        **settings,
    )
    env.reset(seed=3)
    generator = torch.Generator("cuda").manual_seed(0)
    actions = 0.1 * torch.randn(steps, 32, g1.num_joints, generator=generator, device="cuda")
    results = [env.step(action) for action in actions]
    env.close()
    return results


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("compiled", [False, True])
@pytest.mark.parametrize("name", EVERY)
def test_captured_and_eager_steps_agree(g1, name, compiled):
    """Observations, rewards, ends and the goals drawn after them; physics on a GPU isn't exact to the bit."""
    captured = rollout(g1, EVERY[name], compile=compiled)
    eager = rollout(g1, EVERY[name], graph=False)
    for one, other in zip(captured, eager, strict=True):
        torch.testing.assert_close(one[0], other[0], atol=0.02, rtol=0.01)
        torch.testing.assert_close(one[1], other[1], atol=0.02, rtol=0)
        assert torch.equal(one[2], other[2])
        assert torch.equal(one[3], other[3])
